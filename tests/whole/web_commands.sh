#!/bin/sh
# The course server's commands beside a reader that is slow or goes away, and where what they
# print can't be written.
# shellcheck disable=SC2015 # A && B || fail
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course

run() { "$web" "$@" --dir "$course"; }

(echo username,first_name,last_name; seq -f 's%g,Some,Body' 3000) >"$scratch/roster.csv"
run roster import "$scratch/roster.csv" >/dev/null

# --- a pager that nobody scrolls: more is to come than a pipe takes ---

mkfifo "$scratch/pager"
for list in claim-links 'roster list'; do
    # shellcheck disable=SC2086 # two words
    run $list >"$scratch/pager" 2>/dev/null &
    others=$!
    exec 9<"$scratch/pager"
    head -c 1 <&9 >/dev/null # it prints, and can't go on
    began=$(date +%s)
    run token s1 >/dev/null || fail "$list: no token beside a pager"
    [ $(($(date +%s) - began)) -lt 10 ] || fail "$list: a pager holds the database"
    [ "$(sql 'PRAGMA wal_checkpoint(TRUNCATE)')" = '0|0|0' ] || fail "$list: a pager holds a snapshot"
    exec 9<&-
    wait "$others" 2>/dev/null && fail "$list: it had more to say"
    others=
done

# --- one that goes away: what was printed is good ---

sql 'DELETE FROM web_link'
run claim-links 2>/dev/null | head -n 2 >"$scratch/links"
grep -q '^s2,"Some Body",http://.*/claim/' "$scratch/links" || fail "claim-links: $(cat "$scratch/links")"
[ "$(sql 'SELECT count(*) FROM web_link')" = 2999 ] || fail "a link was printed, and is none"
! run claim-links s2 nobody >"$scratch/links" 2>/dev/null || fail "a link for nobody"
[ ! -s "$scratch/links" ] && [ "$(sql 'SELECT count(*) FROM web_link')" = 2999 ] || fail "all of them, or none"

# --- a full disk: nobody takes half a list for the list ---

for list in 'roster list' 'roster github' grades claim-links 'staff list' due set 'repo list' 'signin-link s1'; do
    status=0
    # shellcheck disable=SC2086 # two words
    run $list >/dev/full 2>"$scratch/said" || status=$?
    [ "$status" = 1 ] || fail "$list to a full disk: status $status"
    grep -q 'could be written' "$scratch/said" || fail "$list to a full disk: $(cat "$scratch/said")"
done
# --- a copy lasts: its folder is written after it has its name ---

strace -f -o "$scratch/calls" -e trace=rename,fsync "$web" backup "$scratch/copy.db" --dir "$course"
sed -n '/rename(/,$p' "$scratch/calls" | grep -q 'fsync(.*= 0' || fail "backup: the name may be lost: $(cat "$scratch/calls")"
sqlite3 "$scratch/copy.db" 'PRAGMA integrity_check' | grep -qx ok || fail "backup: not whole"
echo "web_commands: all passed"
