#!/bin/sh
# What the grader says when it is called wrongly, and the exit statuses that others rely on.
# BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
grader=$(cd "${BUILD:-build}" && pwd)/grader/grader
scratch=$(mktemp -d "${TMPDIR:-/tmp}/command-line.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM
chmod 755 "$scratch"

fail() {
    echo "command_line: $*" >&2
    exit 1
}

# says STATUS WORDS ARGUMENTS...: ends with that status and says these words on stderr
says() {
    wanted=$1 words=$2
    shift 2
    status=0
    "$grader" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    [ "$status" -eq "$wanted" ] || fail "$*: status $status, expected $wanted: $(cat "$scratch/err")"
    grep -q -e "$words" "$scratch/err" || fail "$*: does not say \"$words\" but: $(cat "$scratch/err")"
}

says 2 'which command'
says 2 'no command' grades
says 2 'Name the folder that holds ex1_nonblocking' run "$scratch/not-there"
says 2 'is not a folder' run Makefile
says 2 'Name the folder that holds ex1_nonblocking' trace "$scratch/not-there"
says 2 'no exercise "9"' run -e 9 assignments
says 2 'there are:' run -f pdf assignments
says 2 'number from 1' run -j 0 assignments
says 2 'one folder at a time' run assignments reference

says 2 '"soon" is no date such as 2026-12-01' scores --db x --until soon

says 2 'takes text, json or scripts' list -f xml
says 2 "none of the course's scenarios" peer --show ex1_nonblocking/nothing

# Whose it is: what the folder is called on the command line.
mkdir -p "$scratch/class/one/ex1_nonblocking"
echo 'int main(void) { return 0 }' >"$scratch/class/one/ex1_nonblocking/nonblocking.c"
ln -s one "$scratch/class/alice"
whose() {
    (cd "$1" && "$grader" run -e 1 --db "$scratch/whose.db" "$2" >/dev/null 2>&1) || :
    name=$("$grader" scores --db "$scratch/whose.db" --format csv | sed -n '2s/^"\([^"]*\)".*/\1/p')
    [ "$name" = "$3" ] || fail "run $2 in $1 is stored as \"$name\", expected $3"
    rm "$scratch/whose.db"
}
whose "$scratch/class" alice alice
whose "$scratch/class" ./alice// alice
whose "$scratch/class/one" . one
whose "$scratch/class/one/ex1_nonblocking" .. one

# A report's "data-later.peer:N" is the N-th line.
"$grader" peer --show 1/data-later | grep -q '^ *[0-9]*  A send' || fail "no script"
"$grader" list -f scripts >"$scratch/out" && grep -q '"data-later": ' "$scratch/out" || fail "no scripts"

# What was handed in by a date.
mkdir -p "$scratch/ada/ex1_nonblocking"
"$grader" run -e 1 --db "$scratch/class.db" "$scratch/ada" >/dev/null 2>&1 || true
"$grader" scores --db "$scratch/class.db" -f csv | grep -q '^"ada",0,' || fail "no row of ada's"
"$grader" scores --db "$scratch/class.db" -f csv --until 2100-01-01Z | grep -q '^"ada",0,' || fail "no row of ada's by 2100"
! "$grader" scores --db "$scratch/class.db" -f csv --until 2000-01-01 | grep -q ada || fail "a row of ada's by 2000"

# What the grader could not do is said once, with what to do about it.
says 3 'not/there.db' run -e 1 --db "$scratch/not/there.db" "$scratch/ada"
[ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "said more than once: $(cat "$scratch/err")"
if [ -e /dev/full ]; then
    status=0
    "$grader" run -e 1 "$scratch/ada" >/dev/full 2>"$scratch/err" || status=$?
    [ "$status" -eq 3 ] || fail "a full disk: status $status"
    grep -q 'Send it to a file' "$scratch/err" || fail "no advice: $(cat "$scratch/err")"
fi
if [ "$(uname -s)" = Linux ]; then
    (trap '' XFSZ && ulimit -f 100 && says 3 'free some room or set TMPDIR' run -e 1 "$scratch/ada")
    mkdir "$scratch/bin"
    printf '#!/bin/sh\nexit 1\n' >"$scratch/bin/bwrap"
    chmod +x "$scratch/bin/bwrap"
    (PATH=$scratch/bin:$PATH && says 3 'bwrap ended with status 1 and said nothing' run -e 1 "$scratch/ada")
fi

# The picture is of the run in which something went wrong.
mkdir "$scratch/turns"
cp -R tests/submissions/ex4_reactor/wake-polls-in-its-turn "$scratch/turns/ex4_reactor"
"$grader" run -e 4 "$scratch/turns" >"$scratch/out" 2>/dev/null || true
grep -q 'executor (two-at-once)' "$scratch/out" || fail "another run is drawn: $(cat "$scratch/out")"
[ "$(grep -o '\(wake\|poll\) [12]' "$scratch/out" | tail -4 | tr '\n' ' ')" = 'wake 1 poll 1 wake 2 poll 2 ' ] ||
    fail "the fault is not to be seen: $(cat "$scratch/out")"
rm -r "$scratch/turns/ex4_reactor"
cp -R tests/submissions/ex4_reactor/reactor-reads "$scratch/turns/ex4_reactor"
"$grader" run -e 4 "$scratch/turns" >"$scratch/out" 2>/dev/null || true
grep -q 'executor (your run)' "$scratch/out" || fail "the usual run has another name: $(cat "$scratch/out")"

# What a server reads along says what is a stub.
"$grader" run -e 1 --live -f json -o "$scratch/report" assignments >"$scratch/out" 2>/dev/null || true
grep -qx 'done ex1_nonblocking 0 40 stub' "$scratch/out" || fail "the stub is none: $(cat "$scratch/out")"

# One level too deep: graded as it was asked for, and told.
says 1 'Try: grader run -e 2 .*/assignments$' run -e 2 assignments/ex2_event_loop
grep -q 'Missing: there is no folder' "$scratch/out" || fail "the report is not made"
mkdir -p "$scratch/ex1_nonblocking/ex1_nonblocking"
"$grader" run -e 1 "$scratch/ex1_nonblocking" >/dev/null 2>"$scratch/err" || true
! grep -q 'folder of one exercise' "$scratch/err" || fail "a submission that is called as an exercise is taken for one"

echo 'command_line: statuses and words as they should be'
