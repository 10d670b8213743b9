#!/bin/sh
# Generates the types of gen/typescript from the published document. Where Node or npm is missing, or npm has no
# registry, it says so and leaves them as they are.
set -eu
cd "$(dirname "$0")"
if ! modules=$(sh ../deploy/dev/sdk/toolchain.sh); then
	echo "generate: gen/typescript was not generated, for the reason above" >&2
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${GO:-go}" run ./sdk -document > "$work/openapi.json"
ln -s "$modules" "$work/node_modules"
cat > "$work/openapi-ts.config.mjs" <<'EOF'
export default { input: 'openapi.json', output: { path: 'out' }, plugins: [{ name: '@hey-api/typescript' }] };
EOF
if ! (cd "$work" && node_modules/.bin/openapi-ts > log 2>&1); then
	cat "$work/log" >&2
	exit 1
fi
mkdir -p ../gen/typescript
cp "$work/out/types.gen.ts" ../gen/typescript/types.gen.ts
