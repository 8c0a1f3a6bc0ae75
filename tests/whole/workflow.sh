#!/bin/sh
# The run steps of the grading workflow, in their order, as the runner would run them (steps),
# up to what would be sent. What is delivered to a server, and what is refused there: report.sh.
# BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/workflow.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM
chmod 755 "$scratch"

fail() {
    echo "workflow: $*" >&2
    exit 1
}

. tests/whole/steps

# --- a whole run of each variant ---
for variant in grade-reusable grade-one-job; do
    file=.github/workflows/$variant.yml
    took=
    student tests/submissions/ex1_nonblocking/spins
    if [ $variant = grade-reusable ]; then
        step "$file" Course
        [ "$(output server)" = https://course.invalid ] || fail "the server is not handed on"
    fi
    step "$file" 'Fetch the grader' || fail "$(cat "$scratch/log")"
    step "$file" 'Tracer and sandbox' || fail "$(cat "$scratch/log")"
    step "$file" Grade || fail "Grade: $(cat "$scratch/log")"
    grep -q '^::error file=assignments/ex1_nonblocking/nonblocking.c,line=[0-9]*,title=retry-interval' "$scratch/log" ||
        fail "no annotation: $(cat "$scratch/log")"
    grep -q '^## 17 of ' "$scratch/summary" || fail "no summary"
    [ "$(grep -c . "$scratch/output")" -le 3 ] || fail "outputs that nobody asked for: $(cat "$scratch/output")"
    result=$(output result)
    [ "$(output status)" = 1 ] || fail "status $(output status)"
    got=0
    step "$file" Verdict STATUS=1 || got=$?
    [ $got = 1 ] || fail "something fell short, and the job is green"
    step "$file" Verdict STATUS=0 || fail "all is well, and the job is red"
    echo "workflow: $variant: ${took%, }"
done

# --- what is no report goes no further ---
took=
refused() {
    if step .github/workflows/grade-reusable.yml Report RESULT="$1"; then fail "took: $(printf %.300s "$1")"; fi
    grep -q '^grader: .*no report of the grader' "$scratch/log" || fail "not for what it is: $(cat "$scratch/log")"
}
changed() { refused "$(printf '%s' "$result" | jq -c "$1")"; }
refused ''
refused 'null'
refused '{"schema":1}'
refused "$result $result"
refused "${result%?}"
changed '.extra = 1'
changed '.practice = true'
changed '.exercises[0].error = "x"'
changed '.schema = "1"'
changed '.score = 100'
changed '.score = 16'
changed '.score = 16 | .exercises[0].score = 16'
changed '.max_score = -1'
changed '.score = 17.25 | .exercises[0].score = 17.25'
changed 'del(.observable_max_score)'
changed '.exercises = []'
changed '.exercises = {}'
changed '.exercises[0].status = "error"'
changed '.exercises[0].id = "../x"'
changed '.exercises[0].checks += [.exercises[0].checks[0]]'
changed '.exercises += [.exercises[0]]'
changed '.exercises[0].checks[0].score = 2'
changed '.exercises[0].checks[0].status = "PASS"'
changed '.exercises[0].checks[0].title = ("x" * 9000)'
changed '.exercises[0].checks[0].reason = "luck"'
changed '.exercises[0].checks[0].evidence = [{"file":"x","line":-1,"text":"y"}]'
changed '.exercises[0].checks[0].evidence = [range(9) | {"file":"x","line":1,"text":"y"}]'
changed '.exercises[0].checks[0].token = "x"'
changed '.exercises[0].cpu.note = "x"'
printf '%s' "$result" | jq . | "$scratch/temp/grader/bin/grader" upload --check - || fail "refuses all"

# --- a bundle that is not the one ---
sum=$(printf '0%.0s' $(seq 64))
student tests/submissions/ex1_nonblocking/spins
if step .github/workflows/grade-reusable.yml 'Fetch the grader'; then fail "took a bundle with another sum"; fi
[ ! -e "$scratch/temp/grader" ] || fail "unpacked a bundle with another sum"
echo "workflow: every step as shell, 29 false reports refused; report.sh delivers"
