#!/bin/sh
# kill -9 of a push, of its hook and of the server at every named state: no accepted push is lost or
# graded twice, and an attempt that was given up stores nothing. BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
stand_in

sql "INSERT INTO web_setting VALUES ('again_s', '0')" # so long until the next attempt
printf 'username\nada\n' | "$web" roster import - --dir "$course" >/dev/null
ada=$("$web" token ada --dir "$course")
git init -q -b main "$scratch/ada"
cp -r reference/ex1_nonblocking "$scratch/ada/"

pushes() { # pushes TEXT: one more commit, beside the test: $pusher
    commit "$scratch/ada" "$1"
    git -C "$scratch/ada" push -q "$(remote ada "$ada")" main >/dev/null 2>&1 &
    pusher=$!
    others="$others $pusher"
}
over() { # over ID...: they have ended, well or not
    wait "$@" 2>/dev/null || :
    others=
}
stopping_at() { # stopping_at STATE: the server again, whose hooks stop there for a while
    crash
    export COURSEWEB_STOP_AT="$1"
    start --workers 2
    unset COURSEWEB_STOP_AT
}
tells() { pgrep -g "$group" -f hooks/post-receive >/dev/null; }
newest() { sql "SELECT coalesce(max(id), 0) FROM web_job"; }
standing() { git --git-dir="$course/repos/ada.git" rev-parse refs/heads/main; }
moved() { [ "$(standing)" = "$(git -C "$scratch/ada" rev-parse main)" ]; }
# Each commit that the branch reached after a crash has exactly one result.
whole() {
    wait_for "SELECT count(*) FROM web_job WHERE state IN ('pending', 'queued', 'running')" 0
    [ "$(sql "SELECT count(*) FROM web_job WHERE hash = '$(standing)' AND state = 'done'")" = 1 ] ||
        fail "$1: the branch's commit has not one job: $(sql "SELECT id, state, hash FROM web_job")"
    [ "$(sql "SELECT count(*) = count(DISTINCT submission) FROM web_job WHERE state = 'done'")" = 1 ] ||
        fail "$1: a result belongs to two jobs"
    [ "$(sql "SELECT count(*) FROM submission")" = "$(sql "SELECT count(*) FROM web_job WHERE state = 'done'")" ] ||
        fail "$1: a score was doubled or lost"
    [ "$(sql 'PRAGMA integrity_check')" = ok ] || fail "$1: the database is damaged"
}

start --workers 2
commit "$scratch/ada" 'nobody is killed'
git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>"$scratch/push" || fail "the push failed: $(cat "$scratch/push")"
whole 'nobody is killed'

# --- everything of a push at once: the server, receive-pack, the hook ---

for state in prepared moved queued post-receive; do
    stopping_at $state
    before=$(newest)
    pushes "crash $state"
    wait_for "SELECT count(*) FROM web_job WHERE id > $before" 1
    group=$(pgrep -P "$server" -f http-backend | head -1)
    [ -n "$group" ] || fail "$state: no backend"
    case $state in
    moved) until_true "the branch did not move" moved ;;
    queued) wait_for "SELECT count(*) FROM web_job WHERE id > $before AND state <> 'pending'" 1 ;;
    post-receive) until_true "the hook behind the push did not begin" tells ;;
    esac
    crash
    kill -s KILL -- "-$group" 2>/dev/null || :
    over "$pusher"
    # What a killed receive-pack leaves is taken away once it is old.
    find "$course/repos" -name '*.lock' -exec touch -d '5 minutes ago' {} +
    start --workers 2
    if [ $state = prepared ]; then
        [ "$(sql "SELECT state FROM web_job WHERE id > $before")" = aborted ] || fail "prepared: not aborted"
        git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>"$scratch/push" ||
            fail "prepared: not pushed again: $(cat "$scratch/push")"
    fi
    whole "$state"
done

# Two that nobody has heard of from their hooks yet, and a third; each bounded, and niced as a grading is.
stopping_at post-receive
before=$(newest)
for n in 1 2; do
    pushes "not yet $n"
    wait_for "SELECT count(*) FROM web_job WHERE id > $before AND state <> 'pending'" $n
done
[ "$(status -u "ada:$ada" --data 0000 "$url/git/ada.git/git-receive-pack")" = 503 ] ||
    fail "a third push is taken while git works on two"
groups=$(pgrep -P "$server" -f http-backend)
for group in $groups; do
    [ "$(ps -o ni= -p "$group")" -eq 10 ] || fail "git runs before the gradings"
    ! grep -q '^Max cpu time  *unlimited' "/proc/$group/limits" || fail "git may take every second of a processor"
done
crash
for group in $groups; do kill -s KILL -- "-$group"; done
# shellcheck disable=SC2086 # ids
over $others
start --workers 2
whole 'not yet'

# --- the server while a job runs: it goes back, and is graded once ---

touch "$scratch/hold"
pushes "crash running"
wait_for "SELECT state FROM web_job ORDER BY id DESC LIMIT 1" running
crash
over "$pusher"
# What is too deep to be emptied keeps no server from starting.
mkdir -p "$exports/$(printf 'a/%.0s' $(seq 100))"
start --workers 2
grep -q "can't empty $exports; what is left of it is $exports-" "$scratch/err" || fail "nobody says that work/ was moved aside"
set -- "$exports"-*/a
{ [ $# = 1 ] && [ -d "$1" ] && [ -z "$(find "$exports" -mindepth 1 -name 'a')" ]; } || fail "work/ was not moved aside"
rm -r "$exports"-*
rm "$scratch/hold"
whole running
[ "$(sql "SELECT attempt FROM web_job ORDER BY id DESC LIMIT 1")" = 2 ] || fail "running: not a second attempt"

# --- the hook alone, after the branch has moved: the running server makes it good ---

stopping_at moved
pushes "hook dies"
until_true "the branch did not move" moved
group=$(pgrep -P "$server" -f http-backend | head -1)
kill -s KILL -- "-$group"
over "$pusher"
whole "hook dies"

# --- a late grader of an attempt that was given up can store nothing ---

! sql "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us, halves, max_halves,
    observable_max_halves) VALUES ('ada', 'job-1-1', '', '', 0, 0, 0, 0, 0)" 2>/dev/null ||
    fail "an old attempt stored a result"

stop
echo "web_killed: all passed"
