#!/bin/sh
# kill -9 at random moments of pushes that follow one another: of the server and all that belongs to
# it, of the server, of a push alone, of what grades. No push that was accepted and no score is lost or
# doubled. BUILD: the build folder; MOMENTS: how many (100).
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
stand_in
touch "$scratch/slow"
sql "INSERT INTO web_setting VALUES ('again_s', '0'), ('pushes_an_hour', '10000')"
printf 'username\nada\n' | "$web" roster import - --dir "$course" >/dev/null
ada=$("$web" token ada --dir "$course")
git init -q -b main "$scratch/ada"
cp -r reference/ex1_nonblocking "$scratch/ada/"

random() { echo $(($(od -An -N2 -tu2 /dev/urandom) % $1)); } # random N: below N
standing() { git --git-dir="$course/repos/ada.git" rev-parse -q --verify refs/heads/main || echo none; }
mine() { git -C "$scratch/ada" rev-parse main; }
groups() { pgrep -P "$server" -f http-backend || :; }
kill_groups() { for id in "$@"; do kill -s KILL -- "-$id" 2>/dev/null || :; done; }
ended() { ! pgrep -g "$1" >/dev/null; }
# What a killed receive-pack leaves is taken away once it is old.
again() {
    find "$course/repos" -name '*.lock' -exec touch -d '5 minutes ago' {} + 2>/dev/null || :
    start --workers 2
}
# Every commit that the branch has reached has one result, every result one job.
whole() {
    in_time gives "SELECT count(*) FROM web_job WHERE state IN ('pending', 'queued', 'running')" 0 ||
        fail "$1: not graded within a minute: $(sql "SELECT id, state, attempt, error, hash, (SELECT max(id) FROM web_job) FROM web_job WHERE state IN ('pending', 'queued', 'running')"); the branch is at $(standing)"
    reached=$(standing)
    [ "$reached" = none ] || gives "SELECT count(*) FROM web_job WHERE hash = '$reached' AND state = 'done'" 1 ||
        fail "$1: the branch's commit has not one result: $(sql "SELECT id, state, attempt, error, hash FROM web_job ORDER BY id DESC LIMIT 3")"
    gives "SELECT (SELECT count(*) FROM submission) || ' ' || count(DISTINCT submission) FROM web_job WHERE state = 'done'" \
        "$(sql "SELECT count(*) || ' ' || count(*) FROM web_job WHERE state = 'done'")" || fail "$1: a score was doubled or lost"
    gives "SELECT count(*) FROM web_job WHERE state = 'error'" 0 || fail "$1: given up: $(sql "SELECT error FROM web_job WHERE state = 'error'")"
}

start --workers 2
accepted=0 moments=${MOMENTS:-100}
for n in $(seq "$moments"); do
    commit "$scratch/ada" "moment $n"
    timeout 60 git -C "$scratch/ada" push -q "$(remote ada "$ada")" main >/dev/null 2>"$scratch/push" &
    pusher=$! others=$pusher
    sleep "$(printf '0.%03d' "$(random 500)")"
    ids=$(groups)
    case $((n % 4)) in
    0)
        crash
        # shellcheck disable=SC2086 # ids
        kill_groups $ids
        ;;
    1) crash ;;
    # shellcheck disable=SC2086
    2) kill_groups $ids ;;
    3) pkill -KILL -P "$server" -f "$scratch/grader" || : ;;
    esac
    status=0
    wait "$pusher" || status=$?
    others=
    [ $status != 124 ] || fail "moment $n: the push heard no end"
    [ "$server" ] || again
    # What a crash of the server alone left of a push may come to its end beside the new one.
    for id in $ids; do until_true "a push goes on for ever" ended "$id"; done
    # What the student was told to be accepted is there, whatever died meanwhile.
    if [ $status = 0 ]; then
        accepted=$((accepted + 1))
        [ "$(standing)" = "$(mine)" ] || fail "moment $n: an accepted push is lost"
    fi
    whole "moment $n"
done
gives 'PRAGMA integrity_check' ok || fail "the database is damaged"
git --git-dir="$course/repos/ada.git" fsck --strict >"$scratch/fsck" 2>&1 || fail "the repository is damaged: $(cat "$scratch/fsck")"
stop
echo "web_moments: $moments moments, $accepted pushes accepted meanwhile, $(sql "SELECT count(*) FROM web_job WHERE state = 'done'") graded, none lost or doubled"
