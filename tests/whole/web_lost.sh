#!/bin/sh
# A lost token renewed by the student (mail; a proxy's word), failures of ours told to
# staff, and what the server says of itself.
set -eu
cd "$(dirname "$0")/../.."
. tests/whole/course
stand_in
touch "$scratch/fails"

mails() { find "$scratch" -name 'mail.*' | wc -l; }
more_than() { [ "$(mails)" -gt "$1" ]; }
settled() { [ "$(sql "SELECT count(*) FROM web_mail WHERE state = 'waiting'")" = 0 ]; }
ask() { wants "${2:-200}" -d "name=$1" "$url/signin/link"; }

cat >"$scratch/sendmail" <<MAILER
#!/bin/sh
while [ -e "$scratch/slow" ]; do sleep 0.05; done
[ ! -e "$scratch/broken" ] || exit 75
t=\$(mktemp "$scratch/coming.XXXXXX")
cat >"\$t"
mv "\$t" "$scratch/mail.\${t##*.}" # whole, or not there
MAILER
chmod +x "$scratch/sendmail"
cat >"$scratch/roster.csv" <<'CSV'
username,first_name,last_name,email,section,github_id
ada,Ada,L,ada@example.org,Mon,1
bob,Bob,B,,Tue,2
cy,Cy,C,,Tue,3
CSV
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
# A list with two addresses in one is refused today; an older server may have taken it.
! printf 'username,email\nbob,"bob@example.org, all@example.org"\n' | "$web" roster import - --dir "$course" 2>/dev/null || fail "two addresses in one"
sql "UPDATE web_person SET email = 'bob@example.org, all@example.org' WHERE name = 'bob'"
"$web" staff add grace --role instructor --email grace@example.org --dir "$course" >/dev/null
! "$web" staff add eve --role ta --email 'e@x
Bcc: all@x' --dir "$course" 2>/dev/null || fail "an address with a line end was taken"
ada=$("$web" token ada --dir "$course")
"$web" set disk_mb 1 --dir "$course"
sql "INSERT INTO web_setting VALUES ('again_s', '0')" # so long until the next attempt

# --- off by default ---

start
wants 404 -d name=ada "$url/signin/link"
wants 404 -H 'X-Remote-User: ada' "$url/sso"
wants 200 "$url/signin"
! grep -q -e /sso -e 'new link' "$scratch/body" || fail "the sign-in page offers what is off"
stop
! "$web" serve "$course" --listen 0.0.0.0:0 --sso-header X-Remote-User >/dev/null 2>"$scratch/said" || fail "SSO in public"
grep -q 'takes TLS' "$scratch/said" || fail "SSO in public: $(cat "$scratch/said")"

# --- by mail ---

start --mail-command "$scratch/sendmail -t"
wants 200 "$url/signin"
grep -q 'Send me a new link' "$scratch/body" || fail "no link is offered"
wants 403 -H 'Sec-Fetch-Site: cross-site' -d name=ada "$url/signin/link"
answer() { ask "$1"; sed 's/<time[^>]*>[^<]*//g' "$scratch/body" >"$scratch/answer.$2"; }
answer ADA known
answer 'nobody@example.org' unknown
answer bob no-address
answer cy no-address-either
for kind in unknown no-address no-address-either; do
    cmp -s "$scratch/answer.known" "$scratch/answer.$kind" || fail "the answer tells who is known"
done
until_true "the queue is not worked off" settled
[ "$(mails)" = 1 ] || fail "$(mails) mails for one known address"
mail=$(cat "$scratch"/mail.*)
echo "$mail" | grep -q '^To: ada@example.org$' || fail "to whom: $mail"
link=$(echo "$mail" | grep -o "$url/claim/[0-9a-f]*") || fail "no link: $mail"
! grep -aq "${link##*/}" "$course/course.db" "$course/course.db-wal" || fail "the link lies in the database"
wants 303 -c "$scratch/jar" -d "secret=${link##*/}" "$url/claim"
wants 404 -d "secret=${link##*/}" "$url/claim"
wants 200 -b "$scratch/jar" -d "csrf=$(csrf jar)" "$url/account/token"
wants 401 -d "name=ada&token=$ada" "$url/signin"
grep -o '[0-9a-f]\{64\}' "$scratch/body" >/dev/null || :

# Three in an hour to one person, whichever name is used; then a number of tries.
for name in ada ada@example.org ada ada@example.org; do ask "$name"; done
until_true "the queue is not worked off" settled
[ "$(mails)" = 3 ] || fail "$(mails) mails to one person in an hour"
for name in 'ada%0ABcc:+all@example.org' 'ada@example.org%0D%0AX:+y' '%3Cscript%3E' "' OR 1=1 --"; do ask "$name"; done
until_true "the queue is not worked off" settled
[ "$(mails)" = 3 ] || fail "an odd name was sent something"
i=0
while [ $i -lt 10 ]; do status -d name=zed "$url/signin/link" >"$scratch/last"; i=$((i + 1)); done
ask zed 429

# A command that hangs holds up nothing; a killed server sends after its next start.
sql "DELETE FROM web_mail"
touch "$scratch/slow"
ask ada
wants 200 "$url/healthz"
crash
rm "$scratch/slow"
start --mail-command "$scratch/sendmail -t"
until_true "the mail of a killed server is lost" settled
until_true "the mail of a killed server is lost" more_than 3

# --- failures of ours: a word on every page of staff, one mail an hour ---

git init -q -b main "$scratch/student"
new=$("$web" token ada --dir "$course")
before=$(mails)
for n in 1 2; do
    commit "$scratch/student" $n
    git -C "$scratch/student" push -q "$(remote ada "$new")" main 2>/dev/null || fail "no push"
done
until_true "the queue is not worked off" settled
until_true "nobody is told" more_than "$before"
[ "$(mails)" = $((before + 1)) ] || fail "instructors got $(($(mails) - before)) mails"
grep -l '^To: grace@example.org' "$scratch"/mail.* | xargs grep -q 'no tracer here' || fail "the mail does not say why"
sign_in grace
# All of them again, from the page and from the shell: each ends as before.
again_ended() { [ "$(sql "SELECT count(*) FROM web_job WHERE state = 'error' AND attempt = 3 AND started_ms > $began")" = 1 ]; }
began=$(date +%s%3N)
wants 303 -b "$scratch/grace" -d "csrf=$(csrf grace)&job=all" "$url/activity/retry"
until_true "not all were tried again" again_ended
began=$(date +%s%3N)
"$web" regrade --errors --dir "$course" | grep -q '^1 submission queued' || fail "regrade --errors"
until_true "regrade --errors: it was not tried again" again_ended
wants 200 -b "$scratch/grace" "$url/activity"
grep -q 'id="trouble">1 submission could not be graded' "$scratch/body" || fail "staff do not see our failures"
wants 303 -c "$scratch/ada" -d "name=ada&token=$new" "$url/signin"
wants 200 -L -b "$scratch/ada" "$url/account"
! grep -q 'id="trouble"' "$scratch/body" || fail "students see our failures"
"$web" set disk_mb 99999999999 --dir "$course"
wants 200 -b "$scratch/grace" "$url/activity"
grep -q 'disk is nearly full' "$scratch/body" || fail "staff do not see the full disk"

sql "DELETE FROM web_setting WHERE key = 'alerted_s'"
before=$(mails)
! git -C "$scratch/student" push -q "$(remote ada "$new")" main:more 2>/dev/null || fail "a full disk takes a push"
until_true "a push finds no room, and nobody is told" more_than "$before"
grep -l 'disk is nearly full' "$scratch"/mail.* | xargs grep -q '^To: grace@example.org' || fail "the mail does not say that the disk is full"

# --- what the server says of itself ---

if "$web" doctor --dir "$course" >"$scratch/said"; then fail "a full disk is well"; fi
grep -q '^As the running server sees it' "$scratch/said" || fail "the server was not asked: $(cat "$scratch/said")"
for line in 'ok  database' 'no  disk' 'ok  git' 'sandbox' 'tracer' 'clock' 'ok  mail command'; do
    grep -q "$line" "$scratch/said" || fail "doctor says no \"$line\": $(cat "$scratch/said")"
done
stop

# --- by a proxy's word ---

# The examples take it from whoever comes from outside.
grep -q '^	request_header -X-Remote-User$' web/setup/Caddyfile || fail "Caddyfile lets the header through"
grep -q '^        proxy_set_header X-Remote-User "";$' web/setup/nginx.conf || fail "nginx.conf lets the header through"
start --sso-header X-Remote-User --listen "unix:$scratch/http.sock" --url http://localhost
sock="--unix-socket $scratch/http.sock"
# shellcheck disable=SC2086 # two words
wants 303 $sock -c "$scratch/sso" -H 'X-Remote-User: ADA@example.org' http://localhost/sso
grep -q session "$scratch/sso" || fail "no session by a proxy's word"
stop
# A listener for both kinds of addresses knows the proxy by its older one.
start --sso-header X-Remote-User --sso-from 127.0.0.1 --secure --listen '[::]:0' --url http://localhost
port=$(sed -n 's|.*listening on http://\[::\]:\([0-9]*\).*|\1|p' "$scratch/out")
wants 303 -H 'X-Remote-User: ada@example.org' "http://127.0.0.1:$port/sso"
stop
start --sso-header X-Remote-User
wants 200 "$url/signin"
grep -q 'href="/sso"' "$scratch/body" || fail "the sign-in page does not lead to /sso"
wants 303 -c "$scratch/sso" -H 'X-Remote-User: ada' "$url/sso"
wants 200 -b "$scratch/sso" "$url/account"
wants 403 -H 'X-Remote-User: grace' "$url/sso" # an account's name that staff chose
wants 303 -H 'X-Remote-User: grace@example.org' "$url/sso"
wants 403 "$url/sso"
wants 403 -H 'X-Remote-User: nobody' "$url/sso"
wants 403 -H 'X-Remote-User: ada' -H 'x-remote-user: grace' "$url/sso"
wants 303 -H 'X-Remote-User: ada' "$url/account" # nowhere else
stop
start --sso-header X-Remote-User --sso-from 192.0.2.7 --trust-proxy
wants 403 -H 'X-Remote-User: ada' -H 'X-Forwarded-For: 192.0.2.7' "$url/sso"
# What a visitor says of where they come from stands before what our proxy says, in a header of its own.
i=0
while [ $i -lt 11 ]; do
    status -H "X-Forwarded-For: 10.0.0.$i" -H 'X-Forwarded-For: 198.51.100.9' \
        -d 'name=eve&token=no' "$url/signin" >"$scratch/last"
    i=$((i + 1))
done
[ "$(cat "$scratch/last")" = 429 ] || fail "tries are counted by what the visitor says: $(cat "$scratch/last")"
stop
echo "web_lost: all passed"
