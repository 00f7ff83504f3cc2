#!/bin/sh
# Compiles the contracts and writes their artifacts and Go bindings.
#
#   build.sh         rebuild what is committed
#   build.sh check   say, with exit 1, what of it is stale; change nothing
#
# It needs node and npm, and the network once for npm's packages. The output depends on the sources and on the versions
# in package-lock.json and go.mod only.
set -eu
cd "$(dirname "$0")"

mode="${1:-build}"
case "$mode" in
build) out=. ;;
check)
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	;;
*)
	echo "usage: build.sh [build|check]" >&2
	exit 2
	;;
esac

command -v node >/dev/null && command -v npm >/dev/null || {
	echo "build.sh needs node and npm to compile the contracts (the Go build needs neither)" >&2
	exit 1
}

# node_modules is made once per lock file.
if ! cmp -s package-lock.json node_modules/.etal-lock.json 2>/dev/null; then
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.etal-lock.json
fi

tmp=$(mktemp)
trap 'rm -f "$tmp"; [ "$out" = . ] || rm -rf "$out"' EXIT

node compile.js src Channels TestToken >"$tmp"
go run ./generate -out "$out" -artifacts artifacts <"$tmp"
# The contracts that only tests use get artifacts, and no binding.
node compile.js testsrc AuthToken BadPayee BadToken >"$tmp"
go run ./generate -out "$out" -artifacts testdata -bind=false <"$tmp"

if [ "$mode" = check ]; then
	stale=0
	for f in $(cd "$out" && find . -type f | sort); do
		if ! cmp -s "$out/$f" "$f"; then
			echo "chain/contracts/${f#./} is stale: run chain/contracts/build.sh" >&2
			stale=1
		fi
	done
	exit $stale
fi
