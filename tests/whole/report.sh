#!/bin/sh
# From a student's push on GitHub to the course's page: the workflow's own run steps deliver a real
# grading, with an identity token of an issuer on loopback, into a real server; then everything
# that is forged is refused. BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
web=$build/web/courseweb
scratch=$(mktemp -d "${TMPDIR:-/tmp}/report.XXXXXX")
chmod 755 "$scratch"
course=$scratch/course
issuing=
served=
finish() {
    [ -z "$issuing" ] || kill "$issuing" 2>/dev/null || :
    [ -z "$served" ] || kill -9 "$served" 2>/dev/null || :
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' INT TERM
fail() {
    echo "report: $*" >&2
    cat "$scratch/log" "$scratch/err" >&2 2>/dev/null || :
    exit 1
}
sql() { sqlite3 -cmd '.timeout 20000' "$course/course.db" "$1"; }
one() { [ "$(sql "$1")" = "$2" ] || fail "$1: $(sql "$1"), not $2"; }
waits_for() { # waits_for FILE TEXT WHAT
    i=0
    until grep -q "$2" "$1"; do
        i=$((i + 1))
        [ $i -lt 600 ] || fail "$3"
        sleep 0.05
    done
}

. tests/whole/steps

# --- the issuer, the course, its server ---

issuer=$scratch/issuer
mkdir "$issuer"
openssl genrsa -out "$issuer/sign.pem" 2048 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$issuer/tls.key" -out "$issuer/tls.pem" 2>/dev/null
claims() { # claims REPOSITORY NUMBER ACTOR RUN [jq filter]: what the next token says
    jq -n --arg issuer "$issuer_url" --arg repository "org/$1" --arg number "$2" --arg actor "$3" --arg run "$4" '{
        iss: $issuer, jti: "j-\($run)", sub: "repo:\($repository):ref:refs/heads/main", repository: $repository,
        repository_id: $number, repository_owner: "org", repository_owner_id: "77", run_id: $run, run_attempt: "1",
        event_name: "push", ref: "refs/heads/main", sha: "1234567890123456789012345678901234567890",
        job_workflow_ref: "org/course/.github/workflows/grade-reusable.yml@refs/heads/main",
        actor: $actor, actor_id: {ada: "501", bob: "502", mallory: "666"}[$actor],
        runner_environment: "github-hosted"} | '"${5:-.}" >"$issuer/claims.new"
    mv "$issuer/claims.new" "$issuer/claims.json"
}
: >"$scratch/issuer.out"
"$build/whole/issuer" "$issuer" >>"$scratch/issuer.out" &
issuing=$!
until [ "$(wc -l <"$scratch/issuer.out")" = 3 ]; do kill -0 "$issuing" 2>/dev/null || fail "no issuer"; sleep 0.05; done
issuer_url=$(sed -n 1p "$scratch/issuer.out")
token_url="$(sed -n 2p "$scratch/issuer.out")/token?a=b"

"$web" init "$course" >/dev/null
cat >"$scratch/roster.csv" <<'CSV'
identifier,github_username,github_id,name
1,ada,501,Ada
2,bob,502,Bob
CSV
"$web" roster import "$scratch/roster.csv" --dir "$course" >/dev/null
"$web" staff add grace --role instructor --dir "$course" >/dev/null
stop() {
    kill "$served"
    wait "$served" 2>/dev/null || :
    served=
}
start() {
    : >"$scratch/out" # before: what the last one said is not this one's
    "$web" serve "$course" --listen "127.0.0.1:${1:-0}" --grader "$build/grader/grader" >"$scratch/out" 2>>"$scratch/err" &
    served=$!
    waits_for "$scratch/out" ' at http' "the server did not start"
    server=$(sed 's/.* at //' "$scratch/out")
}
start
workflow=.github/workflows/grade-reusable.yml

# post: the report as it lies there, with a new token; wants STATUS [TEXT].
token() { curl -fsS -H 'Authorization: bearer asked' "$token_url&audience=${1:-$server}" | jq -r .value; }
post() {
    curl -s -o "$scratch/body" -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        --data-binary "@$scratch/temp/outside.json" "$server/api/results"
}
wants() {
    got=$(post)
    # The key may be on its way; nobody waits for it but who needs it.
    i=0
    while [ "$got" = 503 ] && [ "$1" != 503 ] && [ $i -lt 100 ]; do
        i=$((i + 1))
        sleep 0.1
        got=$(post)
    done
    [ "$got" = "$1" ] || fail "wanted $1, got $got: $(cat "$scratch/body")"
    grep -q -e "${2:-}" "$scratch/body" || fail "said: $(cat "$scratch/body")"
}
graded() { # a push is graded: the first job of the workflow
    student "$1"
    step $workflow 'Fetch the grader' || fail fetch
    step $workflow Grade || fail grade
    result=$(output result)
    [ -n "$result" ] || fail "no result"
}
reports() { # the second job, on another machine
    rm -rf "$scratch/temp" "$scratch/student"
    mkdir "$scratch/temp" "$scratch/student"
    step $workflow 'Fetch the grader' || fail fetch
    step $workflow Report RESULT="$result" PUSHED="$pushed"
}
pushed=$(($(date +%s) - 600)) # by what the event says, the run waited for a machine

# --- nothing is taken before it is turned on ---

claims lesson8-ada 1001 ada 5001
graded tests/submissions/ex1_nonblocking/spins
printf '%s' "$result" >"$scratch/temp/outside.json"
token=$(token)
wants 404 'courseweb github'
if reports; then fail "delivered to a course that takes none"; fi
grep -q '^grader: the course server refuses the report: this course takes no reports' "$scratch/log" || fail "says not why"
"$web" github org/course --prefix lesson8- --issuer "$issuer_url" --issuer-ca "$issuer/tls.pem" --dir "$course" >"$scratch/github"
grep -q "SERVER: \"$server\"" "$scratch/github" || fail "github does not say what SERVER is"

# --- delivered, by the workflow's own steps ---

reports || fail "not delivered"
grep -q "^grader: the report is delivered: $server/submission/1\$" "$scratch/log" || fail "says not where it is"
one "SELECT printf('%s %.1f %s %d', student, halves / 2.0, version, weaker) FROM submission" "ada 17.0 $("$build/grader/grader" --version | cut -d" " -f2) 0"
one "SELECT submitted_s FROM submission" "$pushed"
one "SELECT linked_by || person FROM web_repo" "roster$(sql "SELECT id FROM web_person WHERE name = 'ada'")"
one "SELECT value FROM web_setting WHERE key = 'github_owner_id'" 77
reports || fail "the same again is refused"
grep -q "/submission/1\$" "$scratch/log" || fail "the same again is another one"
one 'SELECT count(*) FROM submission' 1
one 'SELECT max(attempts) FROM best' 1

# --- what its people see ---

link=$("$web" signin-link grace --dir "$course")
curl -s -o /dev/null -c "$scratch/grace" -d "secret=${link##*/}" "$server/claim"
page() { curl -fsS -b "$scratch/grace" "$server$1"; }
page /class | grep -q 'href="/submission/1"' || fail "the class page does not show it"
page /student/ada >"$scratch/page"
grep -q '<code class="commit">12345678</code>' "$scratch/page" || fail "no commit in the history"
page /submission/1 >"$scratch/page"
grep -q 'https://github.com/org/lesson8-ada/actions/runs/5001/attempts/1' "$scratch/page" || fail "no link to the run"
grep -q '<code class="commit">123456789012</code>' "$scratch/page" || fail "no commit"
! grep -qi 'weaker' "$scratch/page" || fail "marked as weaker"
page /submission/1/report.json | jq -e '.score == 17' >/dev/null || fail "another report than was sent"

# --- forged ---

token=$(token)
sums='def sums: .exercises |= map(.score = (.checks | map(.score) | add) | .max_score = (.checks | map(.max_score) | add)
        | .observable_max_score = .max_score)
    | reduce ("score", "max_score", "observable_max_score") as $k (.; .[$k] = (.exercises | map(.[$k]) | add));'
jq -c "$sums"'.exercises[0].checks |= map(.score = .max_score | .status = "pass") | sums' "$scratch/temp/outside.json" >"$scratch/full.json"
mv "$scratch/full.json" "$scratch/temp/outside.json"
wants 409 'another result'
good=$token
# The payload of another run, with the signature of this one; and the other way round.
claims lesson8-ada 1001 ada 5002
other=$(token)
token=${other%.*}.${good##*.}
wants 401 signature
token=${good%.*}.${other##*.}
wants 401 signature
token=$(printf '{"alg":"none","kid":"one"}' | base64 -w0 | tr '+/' '-_' | tr -d '=').$(echo "$other" | cut -d. -f2).
wants 401 RS256
token=x
wants 401
token=$(token https://elsewhere.example)
wants 403 'not for this course'
not_taken() { # not_taken SAYS FILTER: claims that GitHub may well sign
    claims lesson8-ada 1001 ada 5003 "$2"
    token=$(token)
    wants 403 "$1"
}
not_taken 'of the workflow' '.job_workflow_ref = "org/lesson8-ada/.github/workflows/grade.yml@refs/heads/main"'
not_taken 'called at' '.job_workflow_ref = "org/course/.github/workflows/grade-reusable.yml@refs/heads/easy"'
not_taken 'only pushes' '.event_name = "pull_request"'
not_taken 'only refs/heads/main' '.ref = "refs/heads/other"'
not_taken 'self-hosted' '.runner_environment = "self-hosted"'
not_taken "not one of org's" '.repository = "mallory/lesson8-ada" | .repository_owner = "mallory" | .repository_owner_id = "666"'
not_taken "not one of org's" '.repository_owner_id = "78"'
not_taken 'weaker promise' '.job_workflow_ref = "org/course/.github/workflows/grade-one-job.yml@refs/heads/main"'
claims lesson8-ada 1001 ada 5004
token=$(token)
cp "$scratch/temp/outside.json" "$scratch/full.json"
edited() { # edited STATUS SAYS FILTER: reports that the workflow never sends
    jq -c "$sums$3" "$scratch/full.json" >"$scratch/temp/outside.json"
    wants "$1" "$2"
}
edited 422 'not the sum' '.score = 100'
edited 422 'more than max_score' '.exercises[0].checks[0].score = 50'
edited 422 'none of this course' '.exercises[0].id = "ex9_free_points"'
edited 422 'no check' '.exercises[0].checks[0].id = "free"'
edited 422 'not worth' '.exercises[0].checks[0] |= (.score = 9 | .max_score = 9) | sums'
edited 422 'checks here' '.exercises[0].checks |= .[1:] | sums'
edited 413 '256 KiB' '.padding = ("x" * 300000)'
one 'SELECT count(*) FROM submission' 1

# --- nobody takes another's place ---

cp "$scratch/full.json" "$scratch/temp/outside.json"
claims lesson8-bob 1002 mallory 5005
token=$(token)
wants 202 'repo link org/lesson8-bob'
one 'SELECT count(*) FROM submission' 1
page /activity >"$scratch/page"
grep -q 'org/lesson8-bob' "$scratch/page" || fail "staff do not see what waits"
claims lesson8-bob 1003 bob 5006
token=$(token)
wants 200
one "SELECT student FROM submission ORDER BY id DESC LIMIT 1" bob
"$web" repo link 1002 ada --dir "$course" | grep -q '1 waiting report was stored' || fail "not stored after the link"
one "SELECT student FROM submission ORDER BY id DESC LIMIT 1" ada
one "SELECT count(*) FROM web_report WHERE submission = 0" 0

# --- the weaker promise is allowed, and stays marked ---

"$web" github --one-job yes --dir "$course" >/dev/null
claims lesson8-bob 1003 bob 5007 '.job_workflow_ref = "org/course/.github/workflows/grade-one-job.yml@refs/heads/main"'
workflow=.github/workflows/grade-one-job.yml
graded reference/ex1_nonblocking
step $workflow Report RESULT="$result" PUSHED=soon || fail "not delivered in one job"
one "SELECT s.submitted_s = r.received_ms / 1000 FROM submission s JOIN web_report r ON r.submission = s.id ORDER BY s.id DESC LIMIT 1" 1
# What can't be: a push to come, and one of before any run that could still be repeated.
run=6000
for pushed in $(($(date +%s) + 3600)) $(($(date +%s) - 41 * 86400)); do
    run=$((run + 1))
    claims lesson8-bob 1003 bob $run '.job_workflow_ref = "org/course/.github/workflows/grade-one-job.yml@refs/heads/main"'
    step $workflow Report RESULT="$result" PUSHED="$pushed" || fail "not delivered: $(cat "$scratch/log")"
    one "SELECT s.submitted_s = r.received_ms / 1000 FROM submission s JOIN web_report r ON r.submission = s.id ORDER BY s.id DESC LIMIT 1" 1
done
id=$(sql "SELECT max(id) FROM submission WHERE student = 'bob' AND weaker = 1")
page "/submission/$id" | grep -q 'weaker promise' || fail "the submission is not marked"
page /student/bob | grep -q 'weaker promise' || fail "the history is not marked"
curl -fsS -b "$scratch/grace" "$server/submission/$id/report.json" | jq -e '.promise == "weaker"' >/dev/null || fail "report.json is not marked"
"$build/grader/grader" scores --db "$course/course.db" -f json | jq -e '.students | length == 2' >/dev/null || fail scores

# --- an issuer that hangs is nobody's business but who waits for it ---

stop
"$web" github --issuer "$(sed -n 3p "$scratch/issuer.out")" --dir "$course" >/dev/null
start
token=$(token)
wants 503 'being fetched'
[ "$(curl -s -o /dev/null -w '%{http_code}' "$server/healthz")" = 200 ] || fail "others are held up"
stop
one 'PRAGMA integrity_check' ok
echo "report: delivered by the workflow's steps, 21 forgeries refused, marks kept"
