#!/bin/sh
# Prints the folder of node_modules with the tools of pkg/typescript: the generator of its types and the compiler. They
# are installed once for each version of its package-lock.json, outside of the tree. Where there is no Node, npm or
# registry, it says so and fails. With --installed it uses what is there and never asks the registry.
set -eu
package=$(cd "$(dirname "$0")" && pwd)/../../../pkg/typescript
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "Node or npm is missing. Install them (Debian, Ubuntu: apt-get install nodejs npm)." >&2
	exit 1
fi
version=$(cksum < "$package/package-lock.json" | cut -d ' ' -f 1)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hookline/typescript-$version
if [ ! -d "$cache" ]; then
	if [ "${1:-}" = --installed ]; then
		echo "the tools of pkg/typescript are not installed; 'make generate' installs them." >&2
		exit 1
	fi
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$(dirname "$cache")"
	cp "$package/package.json" "$package/package-lock.json" "$work"
	if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2); then
		echo "npm could not install the tools of pkg/typescript." >&2
		exit 1
	fi
	mv -T "$work" "$cache" 2>/dev/null || true # another run was faster
fi
echo "$cache/node_modules"
