#!/bin/sh
# What the course's server keeps (pages, sessions, rows) never shows anything old: each
# change is seen in the very next answer, by every thread that holds the page.
# shellcheck disable=SC2119 # start alone
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course

set_to() { "$web" set "$1" "$2" --dir "$course" >/dev/null; }

mark() { case $1 in *\?*) echo '&' ;; *) echo '?' ;; esac; }
# eight WHO PATH: eight answers, each on a connection of its own, so that every thread has
# the page; into $scratch/1 .. 8. Prints the statuses that came.
eight() {
    curl -s -H 'Connection: close' -o "$scratch/#1" -w '%{http_code}\n' -b "$scratch/$1" "$url$2$(mark "$2")of=[1-8]" |
        sort -u | tr '\n' ' '
}
# shows WHO PATH PATTERN: all of them. hides: none.
shows() {
    [ "$(eight "$1" "$2")" = '200 ' ] || fail "$2 for $1"
    for n in 1 2 3 4 5 6 7 8; do grep -q "$3" "$scratch/$n" || fail "$2 for $1 does not show $3"; done
}
hides() {
    [ "$(eight "$1" "$2")" = '200 ' ] || fail "$2 for $1"
    for n in 1 2 3 4 5 6 7 8; do ! grep -q "$3" "$scratch/$n" || fail "$2 for $1 still shows $3"; done
}
form() { # form WHO PATH FIELDS
    curl -s -o /dev/null -b "$scratch/$1" -d "$3&csrf=$(csrf "$1")" "$url$2"
}

roster() { # roster BOBS-SECTION NAME
    printf 'username,first_name,last_name,email,section,github_id\nada,Ada,Lovelace,a@x,Mon,1\nbob,%s,Bar,b@x,%s,2\n' "$2" "$1"
}
roster Tue Bob >"$scratch/roster.csv"
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
"$web" staff add grace --role instructor --dir "$course" >/dev/null
"$web" staff add tim --role ta --sections Mon --dir "$course" >/dev/null
start
for who in grace tim; do sign_in $who; done

# --- results, pushes ---

shows grace /class '2 students · 0 pushed'
sql "INSERT INTO web_job (person, hash, state, place, pushed_ms) SELECT id, 'a', 'error', 1, 1000 * unixepoch()
     FROM web_person WHERE name = 'ada'"
shows grace /class 'our failure'
sql "UPDATE web_job SET state = 'superseded'"
shows grace /class 'newer push came'
sql "INSERT INTO submission (id, student, folder, tree_hash, version, started_s, wall_us, halves, max_halves,
     observable_max_halves) VALUES (7, 'ada', 'x', '', '', unixepoch(), 0, 25, 40, 40);
     INSERT INTO best VALUES ('ada', 'ex1_nonblocking', 7, 25, 40, 0, 25, 40, 0, 1);
     INSERT INTO web_attempts VALUES ('ada', 'ex1_nonblocking', 1, 0, 'graded');
     INSERT INTO web_check VALUES ('ada', 'ex1_nonblocking', 'build', 'Compiles', 1, 0, '')"
shows grace /class '<a href="/submission/7#ex1_nonblocking">12.5</a>'
shows grace /failures 'Compiles'
sql "UPDATE web_attempts SET full_at = 1"
hides grace /failures 'Compiles'
sql "UPDATE web_attempts SET full_at = 0, latest = 'stub'"
hides grace /failures 'Compiles'
sql "UPDATE web_attempts SET latest = 'graded'"
shows grace /failures 'Compiles'
sql "UPDATE web_check SET failing = 0"
hides grace /failures 'Compiles'
shows tim /class '12.5</a>'
sql "UPDATE best SET halves = 31"
shows tim /class '15.5</a>'
sql "UPDATE web_job SET state = 'aborted'"
shows grace /class 'no push yet'

# --- the gradebook ---

grades() { curl -s -b "$scratch/$1" "$url/grades?format=$2${3:+&until=$3}"; }
sql "INSERT INTO exercise (submission, exercise, status, halves, max_halves, observable_max_halves, points, checks,
     compiler, error, build_us, run_us, wall_us) VALUES (7, 'ex1_nonblocking', 'graded', 31, 40, 40, '{}', '[]', '', '', 0, 0, 0)"
shows grace /class '<form action="/grades"'
[ "$(grades grace canvas | grep Ada)" = '"Ada Lovelace",,,"ada","Mon",15.5,,,' ] || fail "canvas: $(grades grace canvas)"
[ "$(grades grace moodle | grep ada)" = '"ada",15.5,,,' ] || fail "moodle: $(grades grace moodle)"
[ "$("$web" grades --format moodle --dir "$course" | grep ada)" = '"ada",15.5,,,' ] || fail "courseweb grades"
[ "$(grades tim moodle | grep ada)" = '"ada",15.5,,,' ] || fail "a TA does not get his section's"
sql "UPDATE web_person SET section = 'Tue' WHERE name = 'ada'"
! grades tim moodle | grep -q ada || fail "a TA gets another section's grades"
sql "UPDATE web_person SET section = 'Mon' WHERE name = 'ada'"
# It was pushed a day before it was graded.
sql "UPDATE submission SET submitted_s = unixepoch() - 86400, started_s = unixepoch() WHERE id = 7"
grades grace csv "$(date -d '1 hour ago' +%Y-%m-%dT%H:%M)" | grep -q '^"ada",15.5' || fail "pushed in time, and not counted"
grades grace csv "$(date -d '2 days ago' +%Y-%m-%d)" | grep -q '^"ada",,,,,0,100,0,' || fail "pushed too late, and counted: $(grades grace csv "$(date -d '2 days ago' +%Y-%m-%d)")"
# By the due dates: everybody's, then one's own.
by_due() { curl -s -b "$scratch/grace" "$url/grades?format=moodle&due=1"; }
"$web" due 1 "$(date -d '1 hour ago' '+%Y-%m-%d %H:%M')" --dir "$course" >/dev/null || fail "no due date"
shows grace /class 'by the due dates'
by_due | grep -q '^"ada",15.5' || fail "in time for the due date, and not counted"
"$web" due ex1_nonblocking "$(date -d '2 days ago' +%Y-%m-%d)" --dir "$course" >/dev/null
! by_due | grep -q 15.5 || fail "behind the due date, and counted"
by_due | grep -q '^"ada"' || fail "who has handed in too late has no row"
by_due | grep -q 'ex1_nonblocking' || fail "what all have handed in too late has no column"
grades grace moodle | grep -q '^"ada",15.5' || fail "due dates count unasked"
shows grace /student/ada 'was due <time'
"$web" due 1 "$(date '+%Y-%m-%d')" --for ada --dir "$course" >/dev/null
by_due | grep -q '^"ada",15.5' || fail "more time, and not counted"
"$web" grades --due --format moodle --dir "$course" | grep -q '^"ada",15.5' || fail "courseweb grades --due"
shows grace /student/ada '>due <time'
[ "$("$web" due --dir "$course" | wc -l)" = 3 ] || fail "courseweb due: $("$web" due --dir "$course")"
! "$web" due 9 2026-12-01 --dir "$course" 2>/dev/null || fail "an exercise that there is not is due"
! "$web" due 1 soon --dir "$course" 2>/dev/null || fail "due soon"
! "$web" due 1 none --for nobody --dir "$course" 2>/dev/null || fail "due for nobody"
"$web" due 1 none --for ada --dir "$course" >/dev/null
"$web" due 1 none --dir "$course" >/dev/null
hides grace /student/ada 'was due'
for wrong in '/grades?format=xml 422' '/grades 200' '/grades?format=csv&until=soon 422'; do
    got=$(curl -s -o /dev/null -w '%{http_code}' -b "$scratch/grace" "$url${wrong% *}")
    [ "$got" = "${wrong##* }" ] || fail "${wrong% *}: $got"
done
sql "DELETE FROM exercise WHERE submission = 7"

# --- the roster, sections, searches ---

hides tim /class Bobby
roster Mon Bobby >"$scratch/roster.csv"
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
shows tim /class Bobby
shows grace /class Bobby
shows grace '/class?q=ada' '1 student of 2'
hides grace '/class?q=ada' Bobby
hides grace '/class?q=bob' Lovelace
hides grace '/class?section=Tue' Bobby
"$web" staff add tim --role ta --sections Tue --dir "$course" >/dev/null
hides tim /class Bobby

# --- notices, views, roles, sessions ---

set_to banner 'Lab at ten'
shows grace /class 'Lab at ten'
set_to banner ''
hides grace /class 'Lab at ten'
set_to paused 1
shows grace /class 'Grading is paused'
form grace /view-as name=ada
[ "$(eight grace /class)" = '404 ' ] || fail "the class while looking as a student"
[ "$(eight grace /student/bob)" = '404 ' ] || fail "bob while looking as ada"
form grace /view-as name=
shows grace /class Bobby
sql "UPDATE web_person SET role = 'student' WHERE name = 'tim'"
[ "$(eight tim /class)" = '403 ' ] || fail "the class after a role was taken away"
sql "UPDATE web_session SET expires_s = 1 WHERE person = (SELECT id FROM web_person WHERE name = 'tim')"
[ "$(eight tim /account)" = '303 ' ] || fail "a session that has expired"
"$web" token grace --dir "$course" >/dev/null
[ "$(eight grace /class)" = '303 ' ] || fail "a session that a new token ended"

stop
echo "web_kept: all passed"
