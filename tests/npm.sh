#!/bin/sh
# npm.sh BUILD: the packages of package.json in BUILD/npm, installed once; prints the folder for
# NODE_PATH. Status 1, with a word on stderr: they are not to be had here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1/npm
case $out in /*) ;; *) out=$PWD/$out ;; esac
fail() { echo "$*" >&2; exit 1; }
command -v node >/dev/null || fail "no node here"
mkdir -p "$out"
if ! cmp -s "$here/package.json" "$out/installed"; then
    command -v npm >/dev/null || fail "no npm here"
    cp "$here/package.json" "$out/"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$out" --no-audit --no-fund \
        --no-package-lock --ignore-scripts >"$out/log" 2>&1 ||
        fail "the packages could not be installed ($out/log)"
    cp "$here/package.json" "$out/installed"
fi
echo "$out/node_modules"
