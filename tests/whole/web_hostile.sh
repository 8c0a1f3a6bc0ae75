#!/bin/sh
# Hostile HTTP (broken requests, trickling connections, long and many headers) and hostile
# text in everything a student hands in: nothing breaks, nothing gets through.
# shellcheck disable=SC2059,SC2119 # $host is of the format; start alone
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
raw=$build/whole/web_raw

answers() { [ "$(curl -s -m 60 "$url/healthz")" = ok ]; }
healthy() { answers || fail "no answer to an honest request after: $*"; }
# refused WHAT: standard input is sent; the answer is a refusal or none
refused() {
    got=$("$raw" send "$port")
    case $got in - | 'HTTP/1.'[01]' '[45]*) ;; *) fail "$1: $got" ;; esac
    healthy "$1"
}
many() { head -c "$2" /dev/zero | tr '\0' "$1"; }

printf 'identifier,github_username,github_id,name\nada,ada,1,"<script>alert(0)</script>"\n' >"$scratch/roster.csv"
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
"$web" staff add grace --role instructor --dir "$course" >/dev/null
ada=$("$web" token ada --dir "$course")
start
port=${url##*:}

# --- broken requests ---

host='Host: x\r\n'
printf 'GET\r\n\r\n' | refused 'no address'
printf 'GET /healthz\r\n\r\n' | refused 'no version'
printf 'GET /healthz HTTP/9.9\r\n'"$host"'\r\n' | refused 'a version that is none'
printf '\026\003\001\002\000\001\000\001\374\003\003' | refused 'TLS at a plain port'
head -c 100000 /dev/urandom | refused 'noise'
printf 'GET /healthz HTTP/1.1\r\n'"$host"'X' | refused 'half a header'
printf 'GET /%%00/..%%2f HTTP/1.1\r\n'"$host"'\r\n' | refused 'a NUL in the address'
printf 'POST /signin HTTP/1.1\r\n'"$host"'Content-Length: -5\r\n\r\nname=' | refused 'a negative length'
printf 'POST /signin HTTP/1.1\r\n'"$host"'Content-Length: 99999999999999999999\r\n\r\nx' | refused 'a length beyond numbers'
printf 'POST /signin HTTP/1.1\r\n'"$host"'Content-Length: 5x\r\n\r\nname=' | refused 'a length with letters'
printf 'POST /signin HTTP/1.1\r\n'"$host"'Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n' | refused 'a chunk of no size'
printf 'POST /signin HTTP/1.1\r\n'"$host"'Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx' | refused 'a chunk beyond numbers'
printf 'POST /git/ada.git/git-receive-pack HTTP/1.1\r\n'"$host"'Content-Length: 10\r\n\r\n0000' | refused 'half a push'
printf 'GET /%s HTTP/1.1\r\n%b\r\n' "$(many a 300000)" "$host" | refused 'a line of 300,000 bytes'
{ printf 'GET /healthz HTTP/1.1\r\n'"$host"; yes 'X-More: 1' | head -n 50000 | sed 's/$/\r/'; printf '\r\n'; } | refused '50,000 headers'
long=$({ printf 'GET /class HTTP/1.1\r\n'"$host"'Cookie: session='; many a 20000; printf '\r\n\r\n'; } | "$raw" send "$port")
case $long in - | *' 303 '* | *' 4'*) ;; *) fail "a long cookie is somebody: $long" ;; esac

# Two requests by different readings: at the most one of them is answered as if signed in.
smuggled=$(printf 'POST /signin HTTP/1.1\r\n'"$host"'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /class HTTP/1.1\r\n'"$host"'\r\n' | "$raw" send "$port")
case $smuggled in - | 'HTTP/1.1 4'*) ;; *) fail "both a length and chunks: $smuggled" ;; esac

# --- 1,000 trickling connections, and an honest student in between ---

"$raw" trickle "$port" 1000 >"$scratch/trickle" &
trickle=$!
others=$trickle
until_true "the connections do not open" grep -q 'trickle' "$scratch/trickle"
[ "$(head -1 "$scratch/trickle")" = '1000 trickle' ] || fail "only $(cat "$scratch/trickle")"
healthy '1,000 trickling connections'
curl -s -m 60 -c "$scratch/ada" -d "name=ada&token=$ada" "$url/signin" -o "$scratch/body"
curl -s -m 60 -b "$scratch/ada" "$url/account" | grep -q 'ada.git' || fail "no page beside trickling connections"

# One address gets half of what there is, and the others the rest.
"$raw" trickle "$port" 1200 >"$scratch/more" &
more=$!
others="$trickle $more"
until_true "one address takes every connection" grep -q '^10[0-4][0-9] trickle' "$scratch/more"
[ "$(curl -s -m 60 --interface 127.0.0.2 "$url/healthz")" = ok ] || fail "no answer to another address"
kill "$more"
wait "$more" 2>/dev/null || :
others=$trickle
until_true "its connections are not given back" answers

# --- hostile text in what is handed in; pushed and graded beside them ---

work=$scratch/work
git init -q -b main "$work"
mkdir -p "$work/ex1_nonblocking" "$work/ex2_event_loop"
cat >"$work/ex1_nonblocking/<img src=x onerror=alert(1)>.c" <<'C'
#include <stdio.h>
#warning "<script>alert(2)</script>'; DROP TABLE web_person; --"
int main(void)
{
    puts("listening on <script>alert(3)</script>");
    puts("WouldBlock <img src=x onerror=alert(4)>\033[31m</pre></body>");
    fputs("<script>alert(5)</script>", stderr);
    return 1;
}
C
cat >"$work/ex2_event_loop/a.c" <<'C'
int main(void) { return "<script>alert(6)</script>"; <img src=x onerror=alert(7)> }
C
git -C "$work" add -A
git -C "$work" commit -q -m "<script>alert(8)</script>'; DELETE FROM web_job; --"
git -C "$work" push -q "$(remote ada "$ada")" main 2>"$scratch/push" || fail "the push: $(cat "$scratch/push")"
! grep -q "$(printf '\033\\[31m')" "$scratch/push" || fail "a control sequence reaches the terminal"

# git quotes a line that is none of its protocol: in the log nobody writes as the server does.
{
    printf '0054x\ncourseweb: grace made a link for ada\033[2J\302\233'
    many y 36
    printf '0000'
} >"$scratch/lines"
ended=0
curl -s -m 60 -o "$scratch/body" -u "ada:$ada" -H 'Content-Type: application/x-git-receive-pack-request' \
    --data-binary "@$scratch/lines" "$url/git/ada.git/git-receive-pack" || ended=$?
# git's own client would wait for more of an answer that looks whole and is not.
[ $ended = 18 ] || fail "git has given up, and its answer does not break off (curl: $ended)"
until_true "git says nothing of it" grep -q '^courseweb: git of ada: .*expected old/new/ref' "$scratch/err"
! grep -q "^courseweb: grace made\|$(printf '\033\\|\302\233')" "$scratch/err" || fail "who pushes writes into the log"
kill "$trickle"
others=
sign_in grace
"$web" set banner '<script>alert(9)</script>' --dir "$course"
"$web" set title '</title><script>alert(10)</script>' --dir "$course"
for who in ada grace; do
    for page in / /class /failures /activity /student/ada /submission/1 /exercise/ex1_nonblocking /exercise/ex2_event_loop /account; do
        got=$(curl -s -L -m 60 -b "$scratch/$who" -D "$scratch/headers" -o "$scratch/page" -w '%{http_code}' "$url$page")
        case $who$page:$got in *:200 | ada/class:403 | ada/failures:403 | ada/activity:403) ;; *) fail "$who $page: $got" ;; esac
        ! grep -n -i -e '<script>' -e '<img' -e '</body></' "$scratch/page" >"$scratch/found" || fail "$who $page: $(head -3 "$scratch/found")"
        grep -qi '^content-security-policy: default-src .self.;' "$scratch/headers" || fail "$page has no policy"
        cat "$scratch/page" >>"$scratch/pages.$who"
    done
done
for n in 0 1 2 6 7 8 9; do
    grep -q "alert($n)" "$scratch/pages.grace" || fail "text $n is shown nowhere: this test sees nothing"
done
curl -s -b "$scratch/ada" -D "$scratch/headers" "$url/submission/1/report.json" | jq -e .schema >/dev/null || fail "no report"
grep -qi '^content-type: application/json' "$scratch/headers" || fail "a report that a browser may take for a page"
grep -qi '^content-disposition: attachment' "$scratch/headers" || fail "a report is shown, not saved"

[ "$(sql 'SELECT count(*) FROM web_person')" = 2 ] || fail "people are gone"
[ "$(sql 'SELECT count(*) FROM web_job')" = 1 ] || fail "jobs are gone"
[ "$(sql 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged"
healthy 'everything'
stop
echo "web_hostile: all passed"
