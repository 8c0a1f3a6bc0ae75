#!/bin/sh
# The pages in a real browser, over a real server and real pushes: BUILD=build run.sh.
# Skipped with a word where chromium, node or the two packages are not to be had.
# Screenshots of every page stay in $BUILD/browser/shots.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
out=$build/browser
server=
scratch=

skip() {
    echo "browser tests: skipped, $*"
    exit 0
}

finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
    [ -z "$server" ] || wait "$server" 2>/dev/null || :
    [ -z "$scratch" ] || rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' INT TERM

# Ubuntu's package is a snap, which a runner may not have; there its Chrome does as well.
chromium=$(command -v chromium || command -v google-chrome || command -v chromium-browser) ||
    skip "no chromium here"
[ -x "$build/web/courseweb" ] || skip "courseweb is not built"
mkdir -p "$out/shots"
packages=$(sh "$root/tests/npm.sh" "$build") || skip "see above"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/browser.XXXXXX")
course=$scratch/course
web() { "$build/web/courseweb" "$@" --dir "$course"; }

# --- a class, one of it with a name that means harm ---
"$build/web/courseweb" init "$course" >/dev/null
{
    echo 'username,first_name,last_name,email,section,github_id'
    echo 'ada,Ada,Okafor,,Monday,1'
    echo 'jun,"<script>harm=1</script>","""><img src=x onerror=harm=1>",,<b>Friday</b>,2'
    i=0
    while [ $i -lt 30 ]; do
        echo "s$i,Student,Number $i,,Monday,$((100 + i))"
        i=$((i + 1))
    done
} >"$scratch/class.csv"
web roster import "$scratch/class.csv" >/dev/null
web staff add grace --role instructor >/dev/null
token() { web token "$1" 2>/dev/null | grep -oE '[0-9a-f]{64}'; }

# --- what is pushed: a wrong program, right ones, and odd names ---
work=$scratch/work
mkdir "$work"
cp -r "$root/tests/submissions/ex1_nonblocking/sleeps-half-a-second" "$work/ex1_nonblocking"
rm -f "$work/ex1_nonblocking/expect"
cp -r "$root/reference/ex2_event_loop" "$root/reference/ex4_reactor" "$work/"
echo 'static const char *text = "</pre><script>harm=1</script>"; int unused_one(void) { return text[0]; }' \
    >"$work/ex1_nonblocking/<img src=x onerror=harm=1>.c"
git -C "$work" init -q -b main

"$build/web/courseweb" serve "$course" --listen 127.0.0.1:0 --workers 1 \
    --grader "$build/grader/grader" >"$scratch/out" 2>"$out/server.log" &
server=$!
i=0
until grep -q ' at http' "$scratch/out"; do
    i=$((i + 1))
    [ $i -lt 200 ] && kill -0 "$server" 2>/dev/null || {
        echo "browser tests: the server did not start" >&2
        cat "$out/server.log" >&2
        exit 1
    }
    sleep 0.05
done
url=$(sed -n 's/.* at \(http[^ ]*\).*/\1/p' "$scratch/out")
link=$(web signin-link grace | grep -oE 'http[^ ]*')
link=$url/claim/${link##*/}

NODE_PATH=$packages CHROMIUM=$chromium URL=$url STAFF_LINK=$link WORK=$work SHOTS=$out/shots \
    ADA_TOKEN=$(token ada) JUN_TOKEN=$(token jun) node "$here/browser.js"
