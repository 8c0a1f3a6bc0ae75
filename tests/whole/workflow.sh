#!/bin/sh
# The run steps of the grading workflow, in their order, as the runner would run them (steps),
# up to what would be sent, and the public repository that holds it (grading.sh). What is delivered to a server, and what is refused there: report.sh.
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

# --- the repository that students call ---
# As `make grading` says it, with the bundle of the steps; a remote on disk stands for GitHub.
mkdir -p "$scratch/built/dist"
cp "$scratch/dist/SHA256SUMS" "$scratch/built/dist/"
sed -i "s/-$(uname -m)\.tar/-x86_64.tar/" "$scratch/built/dist/SHA256SUMS"
grading() { grader/setup/grading.sh "$scratch/built" "$version" "$scratch/grading" "$@" >"$scratch/said" 2>&1; }
for wrong in x 'a b/c' a/b/c; do
    if grading "$wrong"; then fail "took REPO '$wrong'"; fi
done
for wrong in course.example.org https://a/ 'https://a b' 'https://$(id)'; do
    if grading owner/grading "$wrong"; then fail "took SERVER '$wrong'"; fi
done
[ ! -e "$scratch/grading" ] || fail "what was refused left a folder"
grading owner/grading https://course.example.org:8443 || fail "$(cat "$scratch/said")"
made=$scratch/grading/.github/workflows
tag=v$version-$(printf %.12s "$sum")
for variant in grade-reusable grade-one-job; do
    grep -q "^  BUNDLE: https://github.com/owner/grading/releases/download/$tag/async-grader-$version-linux-x86_64.tar.gz\$" "$made/$variant.yml" ||
        fail "$variant: $(grep BUNDLE: "$made/$variant.yml")"
    grep -q "^  BUNDLE_SHA256: \"$sum\"\$" "$made/$variant.yml" || fail "$variant: another sum"
    grep -q '^  SERVER: "https://course.example.org:8443"$' "$made/$variant.yml" || fail "$variant: another server"
    grep -v '^  \(BUNDLE\|BUNDLE_SHA256\|SERVER\): ' "$made/$variant.yml" >"$scratch/rest"
    grep -v '^  \(BUNDLE\|BUNDLE_SHA256\|SERVER\): ' ".github/workflows/$variant.yml" | cmp -s - "$scratch/rest" ||
        fail "$variant is not ours any more"
done
[ "$(git -C "$scratch/grading" ls-files | tr '\n' ' ')" = '.github/workflows/grade-one-job.yml .github/workflows/grade-reusable.yml README.md ' ] ||
    fail "the public repository has: $(git -C "$scratch/grading" ls-files)"
grep -q 'gh repo create owner/grading --public' "$scratch/said" && grep -q "gh release create $tag " "$scratch/said" || fail "$(cat "$scratch/said")"
first=$(git -C "$scratch/grading" rev-parse HEAD)
grading owner/grading https://course.example.org:8443 || fail "$(cat "$scratch/said")"
[ "$first" = "$(git -C "$scratch/grading" rev-parse HEAD)" ] || fail "a commit for nothing"
git init -q --bare "$scratch/remote"
git -C "$scratch/grading" remote add origin "$scratch/remote"
grading owner/grading || fail "$(cat "$scratch/said")"
grep -q '^  SERVER: ""$' "$made/grade-reusable.yml" || fail "the server stayed"
[ "$(grep -n 'gh release view\|push$' "$scratch/said" | cut -d: -f2 | cut -c5-6 | tr '\n' ' ')" = 'gh gi ' ] ||
    fail "not first the bundle, then the workflow: $(cat "$scratch/said")"
if grader/setup/grading.sh "$scratch/built" "$version" "$scratch/built" owner/grading >/dev/null 2>&1; then fail "took another folder"; fi

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
    if step .github/workflows/grade-reusable.yml Report RESULT="$1" PUSHED=1; then fail "took: $(printf %.300s "$1")"; fi
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
