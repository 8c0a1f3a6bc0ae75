#!/bin/sh
# The run steps of the grading workflow, in their order, as the runner would run them (bash -e),
# with the bundle at a file: address, a stand-in for sudo, and one for the course server.
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

# --- a runner ---
version=$(sed -n 's/^VERSION *= *//p' Makefile)
grader/setup/dist.sh "$build" "$scratch/dist" "$version" >/dev/null || fail "no bundle"
bundle=$scratch/dist/async-grader-$version-linux-$(uname -m).tar.gz
mkdir "$scratch/bin" "$scratch/temp"
# shellcheck disable=SC2016 # for the stand-in to expand
printf '#!/bin/sh\ncase $1 in sysctl) ;; *) echo "sudo $*" >&2; exit 1 ;; esac\n' >"$scratch/bin/sudo"
# What goes out is kept; the identity token comes from here.
cat >"$scratch/bin/curl" <<'END'
#!/bin/sh
case "$*" in
*https://token.invalid/*) echo "$*" >>"$SAID"; echo '{"value":"TOKEN"}' ;;
*https://*) echo "$*" >>"$SAID" ;;
*) exec /usr/bin/curl "$@" ;;
esac
END
chmod 755 "$scratch/bin/sudo" "$scratch/bin/curl"

# The script of a step, by the step's name.
step_of() {
    awk -v name="      - name: $2" '
        /^      - / { mine = $0 == name; on = 0 }
        mine && on && /^ *[^ ]/ && !/^          / { on = 0 }
        mine && /^        run: / && !/run: \|/ { sub(/^ *run: /, ""); print }
        mine && on { print substr($0, 11) }
        mine && /^        run: \|/ { on = 1 }' "$1"
}

# step FILE NAME [VAR=VALUE...]: as the runner does; its seconds are said.
step() {
    file=$1 name=$2
    shift 2
    step_of "$file" "$name" >"$scratch/script"
    [ -s "$scratch/script" ] || fail "$file has no step $name"
    began=$(date +%s%N)
    got=0
    (cd "$scratch/work" && env "$@" PATH="$scratch/bin:$PATH" RUNNER_TEMP="$scratch/temp" SAID="$scratch/said" \
        GITHUB_OUTPUT="$scratch/output" GITHUB_STEP_SUMMARY="$scratch/summary" BUNDLE="file://$bundle" \
        BUNDLE_SHA256="$sum" SERVER=https://course.invalid ACTIONS_ID_TOKEN_REQUEST_TOKEN=asked \
        ACTIONS_ID_TOKEN_REQUEST_URL='https://token.invalid/?a=b' LC_ALL=C.UTF-8 \
        bash -e "$scratch/script") >"$scratch/log" 2>&1 || got=$?
    took="$took$name $((($(date +%s%N) - began) / 1000000)) ms, "
    return $got
}
output() { sed -n "s/^$1=//p" "$scratch/output"; }

# --- a whole run of each variant ---
sum=$(sha256sum "$bundle" | cut -d' ' -f1)
student() { # the student's repository, checked out
    rm -rf "$scratch/work" "$scratch/temp"
    mkdir -p "$scratch/work/submission/.git" "$scratch/work/submission/assignments" "$scratch/temp"
    cp -R tests/submissions/ex1_nonblocking/spins "$scratch/work/submission/assignments/ex1_nonblocking"
    : >"$scratch/output"
    : >"$scratch/summary"
    : >"$scratch/said"
}
for variant in grade-reusable grade-one-job; do
    file=.github/workflows/$variant.yml
    took=
    student
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
    step "$file" Validate RESULT="$result" || fail "the grader's own report is refused: $(cat "$scratch/log")"
    [ "$(jq .score "$scratch/temp/report.json")" = 17 ] || fail "another score is reported"
    step "$file" Report || fail "Report: $(cat "$scratch/log")"
    grep -q '^::add-mask::TOKEN$' "$scratch/log" || fail "the token is not masked"
    grep -q 'audience=https://course.invalid' "$scratch/said" || fail "the token is for anybody"
    grep -q "@$scratch/temp/report.json https://course.invalid/api/results" "$scratch/said" || fail "not reported"
    ! grep -q TOKEN "$scratch/said" || fail "the token is an argument that ps shows"
    echo "workflow: $variant: ${took%, }"
done

# --- what is no report goes no further ---
took=
refused() {
    if step .github/workflows/grade-reusable.yml Validate RESULT="$1"; then fail "took: $(printf %.300s "$1")"; fi
}
changed() { refused "$(printf '%s' "$result" | jq -c "$1")"; }
refused ''
refused 'null'
refused '{"schema":1}'
refused "$result $result"
refused "${result%?}"
changed '.extra = 1'
changed '.practice = true'
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
changed '.exercises[0].compiler = "x"'
changed '.exercises[0].checks[0].score = 2'
changed '.exercises[0].checks[0].status = "PASS"'
changed '.exercises[0].checks[0].title = ("x" * 9000)'
changed '.exercises[0].checks[0].evidence = [{"file":"x","line":-1,"text":"y"}]'
changed '.exercises[0].checks[0].evidence = [range(9) | {"file":"x","line":1,"text":"y"}]'
changed '.exercises[0].checks[0].token = "x"'
changed '.exercises[0].cpu.note = "x"'
step .github/workflows/grade-reusable.yml Validate RESULT="$(printf '%s' "$result" | jq -c .)" || fail "refuses all"

# --- a bundle that is not the one ---
sum=$(printf '0%.0s' $(seq 64))
student
if step .github/workflows/grade-reusable.yml 'Fetch the grader'; then fail "took a bundle with another sum"; fi
[ ! -e "$scratch/temp/grader" ] || fail "unpacked a bundle with another sum"
echo "workflow: every step as shell, 26 false reports refused"
