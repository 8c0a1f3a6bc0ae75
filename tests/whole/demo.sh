#!/bin/sh
# `make demo` with two students: the table, the link that signs in, and nothing left after
# a Ctrl-C.
set -eu
build=${BUILD:-build}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/demo-test.XXXXXX")
demo=
finish() {
    [ -z "$demo" ] || kill "$demo" 2>/dev/null || :
    [ -z "$demo" ] || wait "$demo" 2>/dev/null || :
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' INT TERM
fail() {
    echo "demo: $*" >&2
    sed 's/^/  /' "$scratch/out" >&2
    exit 1
}

make -n demo BUILD="$build" | grep -q 'web/demo.sh' || fail "make demo does not run web/demo.sh"

# What a shell starts in the background ignores SIGINT; a terminal's does not.
DEMO_STUDENTS=2 TMPDIR=$scratch env --default-signal=INT sh web/demo.sh "$build" >"$scratch/out" 2>&1 &
demo=$!
i=0
until grep -qs '^Ctrl-C ends' "$scratch/out"; do
    i=$((i + 1))
    [ $i -lt 2400 ] || fail "it did not come to its end"
    kill -0 "$demo" 2>/dev/null || fail "it ended early"
    sleep 0.1
done

grep -q '^remote:   total *100 of 100' "$scratch/out" || fail "the first push is not shown"
grep -q '^  ben *[0-9.]* of 100$' "$scratch/out" || fail "the second push has no line"
grep -Eq '^ada +20/20 +20/20 +35/35 +25/25 +100/100 ' "$scratch/out" || fail "ada's row"
grep -Eq '^ben +[0-9.]+/20 +20/20 +35/35 +25/25 +[0-9.]+/100 ' "$scratch/out" || fail "ben's row"
! grep -Eq '^ben +20/20' "$scratch/out" || fail "a blocking read earned everything"

# --- the link, as a browser follows it ---

link=$(sed -n 's|^  \(http.*/claim/.*\)$|\1|p' "$scratch/out")
url=${link%/claim/*}
curl -sf "$link" >"$scratch/page" || fail "the link leads nowhere"
grep -q 'Sign in' "$scratch/page" || fail "the link's page has no button"
curl -s -o /dev/null -c "$scratch/cookies" -d "secret=${link##*/}" "$url/claim"
curl -sf -b "$scratch/cookies" "$url/class" >"$scratch/page" || fail "the link did not sign in"
for name in 'Ada Lovelace' 'Ben Adeyemi'; do
    grep -q "$name" "$scratch/page" || fail "the class page has no $name"
done
curl -sf -b "$scratch/cookies" "$url/submission/1" | grep -q '<svg class="lane"' || fail "no picture of a run"

# --- Ctrl-C ---

kill -s INT "$demo"
status=0
wait "$demo" || status=$?
demo=
[ "$status" = 0 ] || fail "Ctrl-C: status $status"
! curl -s -o /dev/null "$url/healthz" || fail "the server lives on"
! ls -d "$scratch"/demo.* >/dev/null 2>&1 || fail "the scratch folder is left: $(ls -d "$scratch"/demo.*)"
! pgrep -f "$scratch" >/dev/null || fail "a process is left: $(pgrep -fa "$scratch")"
echo "demo: all passed"
