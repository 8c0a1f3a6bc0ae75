#!/bin/sh
# The course server's pages from outside: who gets in, who sees what, what hostile
# requests and names do (nothing), live events.
# shellcheck disable=SC2015,SC2119 # A && B || fail; start alone
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course

cat >"$scratch/roster.csv" <<'CSV'
username,first_name,last_name,email,section,github_id
ada,"<script>alert(1)</script>","O'Hara ""x"" & ; DROP TABLE web_person",ada@x,Mon,1
bob,Bob,Bar,bob@x,Tue,2
CSV
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
"$web" staff add grace --role instructor --dir "$course" >/dev/null
"$web" staff add tim --role ta --sections Mon --dir "$course" >/dev/null
ada=$("$web" token ada --dir "$course")
start

# --- getting in ---

wants 200 "$url/healthz"
wants 303 "$url/class"
wants 401 -d "name=ada&token=wrong" "$url/signin"
wants 403 -H 'Sec-Fetch-Site: cross-site' -d "name=ada&token=$ada" "$url/signin"
wants 303 -c "$scratch/ada" -d "name=ada&token=$ada" "$url/signin"
[ "$(curl -s -o /dev/null -w '%{redirect_url}' -d "name=ada&token=$ada&next=/account" "$url/signin")" = "$url/account" ] || fail "signed in, and not where it was wanted"
[ "$(curl -s -o /dev/null -w '%{redirect_url}' -d "name=ada&token=$ada&next=//evil.example/" "$url/signin")" = "$url/" ] || fail "signed in, and sent elsewhere"
grep -q '#HttpOnly' "$scratch/ada" || fail "the cookie is not HttpOnly"
for who in grace tim; do
    link=$("$web" signin-link $who --dir "$course")
    wants 200 "$link"
    wants 200 "$link"
    wants 303 -c "$scratch/$who" -d "secret=${link##*/}" "$url/claim"
    wants 404 -d "secret=${link##*/}" "$url/claim"
done
[ "$(sql "SELECT count(*) FROM web_session WHERE length(hash) <> 32")" = 0 ] || fail "a session is not hashed"
! grep -aq "$ada" "$course/course.db" || fail "the token lies in the database"

# --- who sees what ---

wants 403 -b "$scratch/ada" "$url/grades?format=csv"
wants 303 "$url/grades?format=csv"
wants 200 -b "$scratch/tim" "$url/grades?format=csv"
wants 200 -b "$scratch/ada" "$url/student/ada"
wants 404 -b "$scratch/ada" "$url/student/bob"
wants 403 -b "$scratch/ada" "$url/class"
wants 403 -b "$scratch/ada" "$url/activity"
wants 200 -b "$scratch/tim" "$url/student/ada"
wants 404 -b "$scratch/tim" "$url/student/bob"
wants 200 -b "$scratch/tim" "$url/class"
! grep -q '>bob<' "$scratch/body" || fail "a TA sees another section"
wants 200 -b "$scratch/grace" "$url/student/bob"
wants 200 -b "$scratch/grace" "$url/class"
grep -q bob "$scratch/body" || fail "the instructor does not see bob"
! grep -q '<script>alert' "$scratch/body" || fail "a name is HTML"
for page in / /failures /activity /account /exercise/ex1_nonblocking; do
    status -L -b "$scratch/grace" "$url$page" | grep -q 200 || fail "$page"
done

wants 200 -b "$scratch/grace" "$url/scenario/ex3_echo_server/two-clients"
grep -q 'id="L1" data-n="1"' "$scratch/body" || fail "a scenario without its lines"
for page in ex3_echo_server/nothing ex9/two-clients ex3_echo_server/..%2f..%2fcourse.db 'ex3_echo_server/%22'; do
    wants 404 -b "$scratch/grace" "$url/scenario/$page"
done
wants 303 "$url/scenario/ex3_echo_server/two-clients"

# --- forms ---

wants 403 -b "$scratch/grace" -d 'paused=1' "$url/activity/pause"
wants 403 -b "$scratch/grace" -d "paused=1&csrf=$(csrf tim)" "$url/activity/pause"
wants 403 -b "$scratch/tim" -d "paused=1&csrf=$(csrf tim)" "$url/activity/pause"
wants 303 -b "$scratch/grace" -d "paused=1&csrf=$(csrf grace)" "$url/activity/pause"
[ "$(sql "SELECT value FROM web_setting WHERE key = 'paused'")" = 1 ] || fail "not paused"

# A TA gives no repository away that is another section's, by number or by name.
sql "INSERT INTO web_repo (id, name, person, linked_by) VALUES
  ('77', 'org/l-bob', (SELECT id FROM web_person WHERE name = 'bob'), 'staff'), ('78', 'org/l-ada', 0, '')"
relink() { wants "$1" -b "$scratch/$2" -d "repository=$3&name=$4&csrf=$(csrf "$2")" "$url/activity/link"; }
relink 400 tim 77 ada
relink 400 tim org/l-bob ada
relink 400 tim 78 bob
relink 303 tim 78 ada
[ "$(sql "SELECT count(*) FROM web_repo JOIN web_person p ON p.id = person WHERE web_repo.name = 'org/l-' || p.name")" = 2 ] ||
    fail "a repository was given away"
relink 303 grace 77 ada
relink 303 grace 77 bob

: >"$scratch/events"
curl -sN -w 'the stream has ended' -b "$scratch/ada" "$url/events" >"$scratch/events" &
others=$!
until_true "no event stream" grep -q 'here we are' "$scratch/events"
wants 303 -b "$scratch/grace" --data-urlencode 'text=<b>Lab</b> at 10' --data-urlencode "csrf=$(csrf grace)" "$url/activity/banner"
until_true "no live notice" grep -q '^event: notice' "$scratch/events"
wants 200 -b "$scratch/ada" "$url/student/ada"
grep -q '&lt;b&gt;Lab' "$scratch/body" || fail "the banner is not there, or is HTML"

wants 303 -b "$scratch/grace" -d "name=ada&csrf=$(csrf grace)" "$url/view-as"
wants 404 -b "$scratch/grace" "$url/student/bob"
wants 200 -b "$scratch/grace" "$url/account"
grep -q '/git/ada.git' "$scratch/body" || fail "the account seen as ada is not ada's"
! grep -q 'action="/account/token"' "$scratch/body" || fail "a token could be made for ada"
wants 303 -b "$scratch/grace" -d "name=&csrf=$(csrf grace)" "$url/view-as"
wants 200 -b "$scratch/grace" "$url/student/bob"

# --- who has lost their token: staff hand on a link that signs in once ---

link_for() { wants "$1" -b "$scratch/$2" -d "csrf=$(csrf "$2")" "$url/student/$3/link"; }
link_for 403 ada ada
link_for 404 tim bob
link_for 404 grace grace
wants 403 -b "$scratch/tim" -d csrf=no "$url/student/ada/link"
link_for 200 tim ada
link=$(sed -n 's|.*id="link"[^>]*>[^<]*/claim/\([^<]*\)<.*|\1|p' "$scratch/body")
[ -n "$link" ] || fail "the link is not on the page"
wants 200 "$url/claim/$link"
# In a browser in which somebody is signed in already the form has their proof.
wants 403 -b "$scratch/tim" -d "secret=$link" "$url/claim"
wants 200 -b "$scratch/tim" "$url/claim/$link"
grep -q '<code>tim</code> is signed in in this browser' "$scratch/body" || fail "it is not said who is signed in"
proof=$(sed -n 's|.*action="/claim"><input type="hidden" name="csrf" value="\([^"]*\)".*|\1|p' "$scratch/body")
wants 303 -b "$scratch/tim" -c "$scratch/ada3" -d "csrf=$proof&secret=$link" "$url/claim"
wants 404 -d "secret=$link" "$url/claim"
wants 200 -b "$scratch/ada3" "$url/student/ada"
grep -q 'Your work' "$scratch/body" || fail "the link signs in as somebody else"
grep -q 'tim made a sign-in link for ada' "$scratch/err" || fail "who made the link is not in the log"

# --- a new token ends the old one and every other session ---

cp "$scratch/ada" "$scratch/ada2"
wants 303 -c "$scratch/ada2" -d "name=ada&token=$ada" "$url/signin"
wants 200 -b "$scratch/ada" -d "csrf=$(csrf ada)" "$url/account/token"
wants 401 -d "name=ada&token=$ada" "$url/signin"
wants 303 -b "$scratch/ada2" "$url/account"
wants 303 -b "$scratch/ada3" "$url/account"
wants 200 -b "$scratch/ada" "$url/account"
wants 303 -b "$scratch/ada" -d "csrf=$(csrf ada)" "$url/signout"
wants 303 -b "$scratch/ada" "$url/account"

# --- hostile requests ---

for path in '/student/..%2fbob' '/static/../server.c' '/static/..%2f..%2fetc%2fpasswd' '//' '/%00' '/%zz' '/student/%3Cscript%3E' \
    '/git/ada.git/HEAD' '/git/../ada.git/info/refs' '/git/ada.git/objects/info/packs' "/submission/1'--" '/submission/99999999999999999999'; do
    got=$(status -b "$scratch/grace" "$url$path")
    [ "$got" = 404 ] || fail "$path: $got"
done
wants 404 "$url/$(head -c 5000 /dev/zero | tr '\0' a)"
wants 405 -X DELETE "$url/class"
got=$(status -H "X-Long: $(head -c 60000 /dev/zero | tr '\0' a)" "$url/healthz" || :)
case $got in 4* | 000) ;; *) fail "a header of 60,000 bytes: $got" ;; esac
head -c 200000 /dev/zero | tr '\0' a >"$scratch/large"
wants 413 --data-binary "@$scratch/large" "$url/signin"
wants 401 "$url/git/ada.git/info/refs?service=git-receive-pack"
wants 401 -H 'Authorization: Basic !!!' "$url/git/ada.git/info/refs?service=git-receive-pack"
wants 401 -H 'Content-Encoding: gzip' --data-binary "@$scratch/large" "$url/git/ada.git/git-receive-pack"
for q in "' OR 1=1 --" '%' '<img src=x>'; do
    wants 200 -G -b "$scratch/grace" --data-urlencode "q=$q" --data-urlencode "section=$q" --data-urlencode "sort=$q" "$url/class"
    ! grep -q '<img src=x' "$scratch/body" || fail "a search is HTML"
done

# --- tries: wrong ones are limited, and hinder nobody who is right ---

bob=$("$web" token bob --dir "$course")
i=0
while [ $i -lt 12 ]; do status -d "name=bob&token=no" "$url/signin" >"$scratch/last"; i=$((i + 1)); done
[ "$(cat "$scratch/last")" = 429 ] || fail "tries are not limited: $(cat "$scratch/last")"
wants 303 -c "$scratch/bob" -d "name=bob&token=$bob" "$url/signin"
refs="git/bob.git/info/refs?service=git-receive-pack"
curl -s -o "$scratch/body" -w '%{http_code}\n' "http://n[1-210]:no@${url#http://}/$refs" >"$scratch/last"
grep -q 401 "$scratch/last" && [ "$(tail -n 1 "$scratch/last")" = 429 ] || fail "git's tries are not limited"
wants 429 -u bob:no "$url/$refs"
wants 200 -u "bob:$bob" "$url/$refs"
link=$("$web" signin-link grace --dir "$course")
curl -s -o "$scratch/body" "$url/claim/x[1-210]"
# Whoever is not signed in comes to where they wanted to be, and nowhere else.
goes() { curl -s -o /dev/null -w '%{redirect_url}' "$@"; }
[ "$(goes "$url/submission/1")" = "$url/signin?next=/submission/1" ] || fail "no way back: $(goes "$url/submission/1")"
! goes "$url/submission/%22%3E" | grep -q next= || fail "an odd way back: $(goes "$url/submission/%22%3E")"
curl -s "$url/signin?next=/submission/1" | grep -q 'name="next" value="/submission/1"' || fail "the form forgets where to go"
! curl -s "$url/signin?next=//evil.example" | grep -q evil || fail "the form goes elsewhere"
wants 404 -d secret=x "$url/claim"
wants 200 "$link"
wants 303 -c "$scratch/grace" -d "secret=${link##*/}" "$url/claim"

# --- who has left the course is in no table, and has no way in; the work stays ---

no_push() { # 429: so many wrong tokens came from here before
    case $(status -u "bob:$bob" "$url/$refs") in
    401 | 429) ;;
    *) fail "a token that has ended still pushes" ;;
    esac
}
wants 303 -c "$scratch/bob" -d "name=bob&token=$bob" "$url/signin"
wants 200 -b "$scratch/bob" "$url/student/bob"
"$web" roster remove bob --dir "$course" >"$scratch/said" || fail "bob can't leave"
! "$web" roster remove bob --dir "$course" 2>/dev/null || fail "bob has left twice"
! "$web" token bob --dir "$course" >/dev/null 2>"$scratch/said" || fail "a token for who has left"
grep -q 'roster restore bob' "$scratch/said" || fail "not said what to do: $(cat "$scratch/said")"
wants 303 -b "$scratch/bob" "$url/student/bob"
no_push
wants 200 -b "$scratch/grace" "$url/class"
! grep -q '>bob<' "$scratch/body" || fail "bob is in the class still"
grep -q '<a href="/class?left=1">1 student</a> left' "$scratch/body" || fail "nobody says that one has left"
wants 200 -b "$scratch/grace" "$url/class?left=1"
grep -q '>bob<' "$scratch/body" || fail "bob is not among who has left"
! grep -q '>ada<' "$scratch/body" || fail "ada is among who has left"
wants 200 -b "$scratch/grace" "$url/student/bob"
grep -q 'roster restore bob' "$scratch/body" || fail "not said how bob comes back"
! grep -q '/student/bob/link' "$scratch/body" || fail "a way in for who has left"
wants 404 -b "$scratch/tim" "$url/student/bob"
link_for 404 grace bob
"$web" roster restore bob --dir "$course" >/dev/null || fail "bob can't come back"
wants 200 -b "$scratch/grace" "$url/student/bob"
no_push

# --- who has signed out hears no more (at the next beat) ---

until_true "events for who has signed out" grep -q 'the stream has ended' "$scratch/events"
others=

wants 200 "$url/healthz"
[ "$(sql 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"
stop
echo "web_http: all passed"
