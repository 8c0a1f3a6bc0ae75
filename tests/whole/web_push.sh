#!/bin/sh
# The course server with real `git push` over HTTP: a class made, a push graded and read in the same
# terminal, unusual pushes, what is refused, the queue, failures of ours; graded again, backed up.
# What kill -9 does to it: web_killed.sh. BUILD: the build folder.
# shellcheck disable=SC2015 # A && B || fail
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
stand_in

# --- a class ---

sql "INSERT INTO web_setting VALUES ('again_s', '0')" # so long until the next attempt
printf '\357\273\277identifier,github_username,github_id,name\r\nada@example.org,ada,17,"Lovelace, Ada"\r\n"bob",bob,,Bob\r\n' >"$scratch/roster.csv"
"$web" roster import "$scratch/roster.csv" --dir "$course" | grep -q '^2 added' || fail "roster"
links=$("$web" claim-links --dir "$course" 2>"$scratch/said")
echo "$links" | grep -q '^ada,"Lovelace, Ada",http://127.0.0.1:8080/claim/[^,]*,""$' || fail "claim-links: $links"
grep -q 'no server has run here yet' "$scratch/said" || fail "links to nowhere, and no word of it"
[ "$("$web" roster list --dir "$course")" = "$(printf 'account,identifier,name,email,section,left\n"ada","ada@example.org","Lovelace, Ada","","",""\n"bob","bob","Bob","","",""')" ] ||
    fail "roster list: $("$web" roster list --dir "$course")"
[ "$("$web" roster github --dir "$course")" = "$(printf 'ada\nbob')" ] || fail "roster github"
ada=$("$web" token ada --dir "$course")
bob=$("$web" token bob --dir "$course")
"$web" staff add grace --role instructor --dir "$course" >/dev/null
git init -q -b main "$scratch/ada"
cp -r reference/ex1_nonblocking "$scratch/ada/"
commit "$scratch/ada" one
git init -q -b main "$scratch/bob"
commit "$scratch/bob" 'odd <b>message</b> \ "quotes"'

# --- a push, graded for real, its lines live in the terminal ---

touch "$scratch/real"
start --workers 2
git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>"$scratch/push" || fail "the push failed: $(cat "$scratch/push")"
grep -q 'remote: .*ex1_nonblocking.* of 20' "$scratch/push" || fail "no line of the exercise: $(cat "$scratch/push")"
[ "$(grep -c 'remote: .*ex1_nonblocking' "$scratch/push")" = 1 ] || fail "an exercise twice: $(cat "$scratch/push")"
grep -q "remote: See $url/submission/1" "$scratch/push" || fail "no address: $(cat "$scratch/push")"
[ "$(sql "SELECT state || attempt || submission FROM web_job")" = done11 ] || fail "the job did not end"
[ "$(sql "SELECT folder = 'job-1-1' AND student = 'ada' FROM submission")" = 1 ] || fail "not stored as ada's"
[ "$(sql "SELECT count(timeline) || count(DISTINCT baseline) FROM exercise JOIN submission ON id = submission")" = 11 ] ||
    fail "the run drawn is not stored"
[ "$(sql "SELECT count(*) FROM baseline b JOIN submission s ON s.baseline = b.key WHERE b.exercise IN ('ex1_nonblocking', 'ex4_reactor')")" = 2 ] ||
    fail "nothing to compare with was stored"
curl -s -c "$scratch/cookies" -o /dev/null -d "name=ada&token=$ada" "$url/signin"
curl -s -b "$scratch/cookies" "$url/submission/1" >"$scratch/page"
for lane in spinning 'your exercise 1' 'reference, ex. 1'; do
    grep -q "<p class=\"lane[a-z ]*\">$lane</p><svg" "$scratch/page" || fail "the page draws no lane \"$lane\""
    grep -q "<th scope=\"row\">$lane" "$scratch/page" || fail "no cost of \"$lane\""
done
rm "$scratch/real"

# --- what a push may take ---

stands=$course/repos/ada.git/objects
[ -n "$(find "$stands/pack" -name '*.pack')" ] && [ -z "$(find "$stands" -path '*/??/*')" ] ||
    fail "a push was taken apart: a delta of some bytes may be megabytes on the disk"
sends() { status -u "ada:$ada" --data 0000 "$url/git/ada.git/git-receive-pack"; }
for full in 'disk_mb 99999999999 nearly 1' 'repo_mb 0 too.large 512'; do
    # shellcheck disable=SC2086 # four words
    set -- $full
    "$web" set "$1" "$2" --dir "$course"
    ! git -C "$scratch/ada" push -q "$(remote ada "$ada")" main:full 2>"$scratch/push" || fail "$1: a push was taken"
    grep -q "remote: .*$3" "$scratch/push" || fail "$1: nobody says why: $(cat "$scratch/push")"
    [ "$(sends)" = 507 ] || fail "$1: a body was taken"
    git ls-remote "$(remote ada "$ada")" >/dev/null || fail "$1: nobody reads any more"
    "$web" set "$1" "$4" --dir "$course"
done

# Two bodies of one student that never end, and a third.
mkfifo "$scratch/endless"
for n in 1 2; do
    curl -s -o /dev/null -u "ada:$ada" -X POST -T "$scratch/endless" "$url/git/ada.git/git-receive-pack" &
    others="$others $!"
done
exec 9<>"$scratch/endless"
printf 00 >&9
# First both: one that we send here ourselves counts too.
both_taken() { [ "$(find "/proc/$server/fd" -lname "$exports/#*" 2>/dev/null | wc -l)" = 2 ]; }
until_true "two bodies at once are not taken" both_taken
[ "$(sends)" = 503 ] || fail "a third body at once is taken"
# shellcheck disable=SC2086 # ids
kill $others
exec 9>&-
# shellcheck disable=SC2086
wait $others || :
others=
given_up() { [ "$(sends)" != 503 ]; }
until_true "bodies that were given up still count" given_up

# --- who may not ---

! git -C "$scratch/bob" push -q "$(remote ada "$bob")" main 2>/dev/null || fail "a wrong token pushed"
bobs_way=http://bob:$bob@${url#http://}/git/ada.git
! git -C "$scratch/bob" push -q "$bobs_way" main 2>/dev/null ||
    fail "bob pushed to ada's"
! git ls-remote "$bobs_way" >/dev/null 2>&1 || fail "bob read ada's"

# --- unusual trees and refs ---

work=$scratch/bob
mkdir -p "$work/ex1_nonblocking" "$work/ex2_event_loop"
ln -s /etc/passwd "$work/ex1_nonblocking/link.c"
ln -s / "$work/ex2_event_loop/root"
printf 'int main(void){return 0;}\n' >"$work/ex2_event_loop/-o.c"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >"$work/ex2_event_loop/a b.c"
mkdir "$work/hooks"
printf '#!/bin/sh\ntouch %s/hook-ran\n' "$scratch" >"$work/hooks/post-receive"
chmod +x "$work/hooks/post-receive"
git -C "$work" update-index --add --cacheinfo 160000,"$(git -C "$work" rev-parse HEAD)",ex1_nonblocking/sub
commit "$work" odd
git -C "$work" push -q "$(remote bob "$bob")" main 2>"$scratch/push" || fail "odd: $(cat "$scratch/push")"
git -C "$work" tag v1
git -C "$work" push -q "$(remote bob "$bob")" main:other v1 2>"$scratch/push" || fail "other: $(cat "$scratch/push")"
grep -q 'only the branch' "$scratch/push" || fail "nobody says that it is not graded"
git -C "$work" push -q "$(remote bob "$bob")" :other 2>"$scratch/push" || fail "removing other: $(cat "$scratch/push")"
grep -q 'Removed' "$scratch/push" && ! grep -q 'Kept' "$scratch/push" || fail "what is removed is not said so: $(cat "$scratch/push")"
for n in $(seq 51); do echo "create refs/heads/many/$n HEAD"; done | git -C "$work" update-ref --stdin
! git -C "$work" push -q "$(remote bob "$bob")" 'refs/heads/many/*:refs/heads/many/*' 2>"$scratch/push" || fail "51 branches at once"
grep -q '51 branches and tags at once' "$scratch/push" || fail "51 branches: $(cat "$scratch/push")"
git -C "$work" update-ref -d refs/heads/many/51
git -C "$work" push -q "$(remote bob "$bob")" 'refs/heads/many/*:refs/heads/many/*' 2>"$scratch/push" || fail "50 branches: $(cat "$scratch/push")"
# Names that would be thousands of folders, or that nobody looks at; commits that fill the memory.
deep=$(printf 'a/%.0s' $(seq 300))x
for ref in "refs/heads/$deep" refs/notes/x refs/hidden/y "refs/heads/main/x" "refs/tags/$(printf 'a%.0s' $(seq 230))"; do
    ! git -C "$work" push -q "$(remote bob "$bob")" "HEAD:$ref" 2>"$scratch/push" || fail "took $ref"
    grep -q 'kept here\|too long\|leave no room' "$scratch/push" || fail "$ref: $(cat "$scratch/push")"
done
git -C "$work" tag v2
git -C "$work" push -q "$(remote bob "$bob")" v2 2>"$scratch/push" || fail "a tag: $(cat "$scratch/push")"
(echo large; head -c 2000000 /dev/zero | tr '\0' x) >"$scratch/message"
large=$(git -C "$work" commit-tree 'HEAD^{tree}' -p HEAD -F "$scratch/message")
! git -C "$work" push -q "$(remote bob "$bob")" "$large:main" 2>"$scratch/push" || fail "took a commit of 2 MB"
grep -q 'message is too large' "$scratch/push" || fail "a commit of 2 MB: $(cat "$scratch/push")"
[ "$(curl -s -o /dev/null -w '%{http_code}' -u "bob:$bob" -H 'Content-Encoding: gzip' -H 'Content-Type: application/x-git-receive-pack-request' \
    --data-binary @/dev/null "$url/git/bob.git/git-receive-pack")" = 415 ] || fail "a push that is compressed once more"
# What is refused says so in the same terminal.
! git -C "$work" push -q "$(remote bob "$bob")" :main 2>"$scratch/push" || fail "main was deleted"
grep -q 'what was handed in stays' "$scratch/push" || fail "deleting main: $(cat "$scratch/push")"
"$web" set pushes_an_hour 1 --dir "$course" >"$scratch/said" || fail "a limit can't be set"
grep -q 'pushes_an_hour is 1 now' "$scratch/said" || fail "set says: $(cat "$scratch/said")"
git -C "$work" commit -q --amend -m 'one too many'
! git -C "$work" push -q -f "$(remote bob "$bob")" main 2>"$scratch/push" || fail "more pushes than are taken"
grep -q '1 pushes an hour are taken' "$scratch/push" || fail "the limit: $(cat "$scratch/push")"
for wrong in 'pushes_an_hour x' 'pushes_an_hour 0' 'repo_mb -1' 'paused yes' 'url nonsense' 'url http://x/sub' 'colour red'; do
    # shellcheck disable=SC2086 # two words
    ! "$web" set $wrong --dir "$course" 2>/dev/null || fail "took: set $wrong"
done
"$web" set pushes_an_hour '' --dir "$course" >"$scratch/said" || fail "a setting can't be taken away"
"$web" set pushes_an_hour --dir "$course" | grep -q '^pushes_an_hour 30 (not set)$' || fail "set shows: $("$web" set pushes_an_hour --dir "$course")"
git -C "$work" commit -q --amend -m 'amended'
git -C "$work" push -q -f "$(remote bob "$bob")" main 2>"$scratch/push" || fail "force: $(cat "$scratch/push")"
[ ! -e "$scratch/hook-ran" ] || fail "a hook of the tree ran"
[ "$(sql "SELECT count(*) FROM web_job WHERE state = 'done' AND person = (SELECT id FROM web_person WHERE name = 'bob')")" = 2 ] ||
    fail "bob's two pushes to main are not two results"
[ "$(sql "SELECT count(*) FROM submission s LEFT JOIN web_job j ON j.submission = s.id
          WHERE j.id IS NULL OR s.submitted_s <> j.pushed_ms / 1000")" = 0 ] || fail "a result is not of when it was pushed"

# --- a newer push takes the place of one that waits; what runs is kept ---

touch "$scratch/hold"
pushers=
for n in 1 2 3; do
    commit "$scratch/ada" "waiting $n"
    git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>"$scratch/push$n" &
    pushers="$pushers $!"
    others=$pushers
    [ "$n" = 1 ] && wait_for "SELECT state FROM web_job ORDER BY id DESC LIMIT 1" running
    wait_for "SELECT count(*) FROM web_job WHERE message LIKE 'waiting%' OR state IN ('queued', 'superseded')" "$n"
done
[ "$(sql "SELECT group_concat(state) FROM (SELECT state FROM web_job ORDER BY id DESC LIMIT 3)")" = queued,superseded,running ] ||
    fail "the rule of the newest push: $(sql "SELECT * FROM web_job")"
both_hear() { [ -s "$scratch/push1" ] && [ -s "$scratch/push3" ]; }
until_true "the pushers hear nothing" both_hear
# Where 192 wait already, whoever comes is told that the push is kept, and let go: pushes find room.
"$build/whole/web_raw" wait "$course/serve.sock" "$(sql "SELECT max(id) FROM web_job")" 200 >"$scratch/guests" &
guests=$!
others="$pushers $guests"
until_true "nobody waits" test -s "$scratch/guests"
commit "$scratch/bob" 'while many wait'
git -C "$scratch/bob" push -q -f "$(remote bob "$bob")" main 2>"$scratch/push" || fail "no room for a push: $(cat "$scratch/push")"
kill "$guests"
others=$pushers
grep -q '^waiting, and 10 let go$' "$scratch/guests" || fail "too many wait, or too few: $(cat "$scratch/guests")"
grep -q 'remote: Too many are waiting here' "$scratch/push" || fail "nobody says why the line ends: $(cat "$scratch/push")"
rm "$scratch/hold"
# shellcheck disable=SC2086 # ids
wait $pushers
others=
grep -q 'newer push' "$scratch/push2" || fail "the superseded pusher is not told: $(cat "$scratch/push2")"
wait_for "SELECT count(*) FROM web_job WHERE state IN ('queued', 'running')" 0

# --- our failures: three attempts, then `error`, and staff try again ---

touch "$scratch/fails"
commit "$scratch/ada" fails
sql "UPDATE web_setting SET value = '1' WHERE key = 'again_s'"
began=$(date +%s%3N)
git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>"$scratch/push"
[ $(($(date +%s%3N) - began)) -ge 3000 ] || fail "three attempts at once"
sql "UPDATE web_setting SET value = '0' WHERE key = 'again_s'"
grep -q 'Something of ours failed' "$scratch/push" || fail "nobody says that it is ours: $(cat "$scratch/push")"
[ "$(sql "SELECT state || attempt || error FROM web_job ORDER BY id DESC LIMIT 1")" = 'error3grader: no tracer here' ] ||
    fail "not an error after three attempts"
rm "$scratch/fails"
touch "$scratch/dies"
commit "$scratch/ada" dies
git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>/dev/null
[ "$(sql "SELECT state FROM web_job ORDER BY id DESC LIMIT 1")" = error ] || fail "a grader that dies is not an error"
rm "$scratch/dies"

# --- a disk without room for the row: it goes back as soon as there is some ---

touch "$scratch/fails"
sql "CREATE TRIGGER no_room BEFORE UPDATE OF state ON web_job WHEN OLD.state = 'running'
     BEGIN SELECT RAISE(ABORT, 'no room at all'); END"
commit "$scratch/ada" 'no room'
git -C "$scratch/ada" push -q "$(remote ada "$ada")" main 2>/dev/null &
others=$!
until_true "nobody says that the row can't be written" grep -q "can't go back into the queue yet: .*no room at all" "$scratch/err"
rm "$scratch/fails"
sql "DROP TRIGGER no_room"
wait "$others" || fail "the push did not end"
others=
[ "$(sql "SELECT state || attempt FROM web_job ORDER BY id DESC LIMIT 1")" = done2 ] || fail "the job stayed where it was"

# --- once more, after the grader was corrected ---

before=$(sql 'SELECT count(*) FROM submission')
pushed=$(sql "SELECT max(pushed_ms) FROM web_job WHERE person = (SELECT id FROM web_person WHERE name = 'ada')")
"$web" regrade ada --dir "$course" | grep -q '^1 submission queued' || fail "regrade ada"
until_true "it is not graded again" gives 'SELECT count(*) FROM submission' $((before + 1))
[ "$(sql "SELECT submitted_s * 1000 - $pushed / 1000 * 1000 FROM submission ORDER BY id DESC LIMIT 1")" = 0 ] || fail "it counts as pushed now"
! "$web" regrade nobody --dir "$course" 2>/dev/null || fail "regraded nobody"

# --- backup while it is served ---

"$web" backup "$scratch/copy.db" --dir "$course"
[ "$(sqlite3 "$scratch/copy.db" 'PRAGMA integrity_check; SELECT count(*) FROM submission')" = "ok
$(sql 'SELECT count(*) FROM submission')" ] || fail "the backup is not whole"

"$web" restore "$scratch/copy.db" "$scratch/again" --repos "$course/repos" >"$scratch/restored"
grep -q "^restored: $(sql "SELECT count(*) FROM web_person WHERE role = 'student' AND left_s = 0") students" "$scratch/restored" ||
    fail "not restored: $(cat "$scratch/restored")"
[ "$("$web" grades --dir "$scratch/again")" = "$("$web" grades --dir "$course")" ] || fail "other grades than before"
[ "$(ls "$scratch/again/repos")" = "$(ls "$course/repos")" ] || fail "repositories are missing"
! "$web" restore "$scratch/copy.db" "$scratch/again" 2>/dev/null || fail "restored over a course"
head -c 20000 "$scratch/copy.db" >"$scratch/cut.db"
! "$web" restore "$scratch/cut.db" "$scratch/third" 2>"$scratch/said" || fail "restored half a copy"
grep -q 'damaged' "$scratch/said" && [ ! -e "$scratch/third" ] || fail "half a copy: $(cat "$scratch/said")"

stop
echo "web_push: all passed"
