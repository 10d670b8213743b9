#!/bin/sh
# Lints openapi/openapi.yaml with redocly and with spectral and its OWASP rules. Both are installed once for each
# version of package.json, outside of the tree. Where there is no npm, or no registry, it says so and passes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
contract=$here/../../../openapi
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
	echo "lint: Node or npm is missing, so redocly and spectral did not run"
	exit 0
fi
version=$(cksum < "$here/package.json" | cut -d ' ' -f 1)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hookline/linters-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -d "$cache" ]; then
	mkdir -p "$(dirname "$cache")"
	cp "$here/package.json" "$work"
	if ! (cd "$work" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error); then
		echo "lint: npm could not install redocly and spectral, so they did not run"
		exit 0
	fi
	mv -T "$work" "$cache" 2>/dev/null || true # another run was faster
	mkdir -p "$work"
fi
# Rules are found, and exceptions matched, beside the rule files.
cp "$contract/openapi.yaml" "$contract/redocly.yaml" "$contract/spectral.yaml" "$work"
[ -e "$work/node_modules" ] || ln -s "$cache/node_modules" "$work/node_modules"
cd "$work"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
node_modules/.bin/redocly lint --config redocly.yaml openapi.yaml > redocly.log 2>&1 || { cat redocly.log; exit 1; }
node_modules/.bin/spectral lint --fail-severity warn --ruleset spectral.yaml --quiet openapi.yaml
