#!/bin/sh
# The students' repository: the same commit each time, nothing in it that they
# must not have, and the verdicts of the whole repository. BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
grader=$build/grader/grader
scratch=$(mktemp -d "${TMPDIR:-/tmp}/handout.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM
chmod 755 "$scratch"

fail() {
    echo "handout: $*" >&2
    exit 1
}

# --- the same each time, and versioned ---
grader/setup/handout.sh "$scratch/a" owner/course v1 >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
(umask 077; TZ=Asia/Tokyo GIT_AUTHOR_NAME=x grader/setup/handout.sh "$scratch/b" owner/course v1 >/dev/null 2>&1)
first=$(git -C "$scratch/a" rev-parse HEAD)
[ "$first" = "$(git -C "$scratch/b" rev-parse HEAD)" ] || fail "two handouts of one commit differ"
[ "$(git -C "$scratch/a" rev-list --count HEAD)" = 1 ] || fail "more than one commit"
[ -z "$(git -C "$scratch/a" status --porcelain)" ] || fail "files beside the commit"
grep -q "commit $first" "$scratch/said" || fail "does not say its commit"
version=$(sed -n 's/^Version \(.*\)\.$/\1/p' "$scratch/a/README.md")
grep -q "version $version," "$scratch/said" || fail "the README says another version"
grader/setup/handout.sh "$scratch/c" owner/course v2 >/dev/null 2>&1
[ "$first" != "$(git -C "$scratch/c" rev-parse HEAD)" ] || fail "another REF is the same commit"

ONE_JOB=1 grader/setup/handout.sh "$scratch/d" owner/course v1 >/dev/null 2>&1
grep -q 'uses: owner/course/.github/workflows/grade-one-job.yml@v1$' "$scratch/d/.github/workflows/grade.yml" ||
    fail "ONE_JOB calls another workflow"
[ -f .github/workflows/grade-one-job.yml ] || fail "there is no such workflow"
! grep -q 'never sees your files' "$scratch/d/.github/workflows/grade.yml" || fail "ONE_JOB promises what two jobs do"

# For a server of the course's own: no workflow, and other words on handing in.
grader/setup/handout.sh "$scratch/e" >/dev/null 2>&1
[ ! -e "$scratch/e/.github/workflows" ] || fail "a workflow of nobody went along"
grep -q 'Actions' "$scratch/e/README.md" && fail "speaks of Actions where there are none"
grep -q '^\*\*Hand in\*\* by pushing `main` to the course.s server' "$scratch/e/README.md" || fail "does not say where to push"

# --- what is in it, and what is not ---
for there in README.md Makefile .gitattributes .devcontainer/devcontainer.json .github/workflows/grade.yml .github/ISSUE_TEMPLATE/question.md \
    assignments/ex1_nonblocking/nonblocking.c grader/main.c grader/setup/deps.sh; do
    [ -f "$scratch/a/$there" ] || fail "$there is missing"
done
for secret in reference tests web .ci grader/setup/handout grader/setup/handout.sh grader/setup/dist.sh grader/setup/grading \
    grader/setup/grading.sh; do
    [ ! -e "$scratch/a/$secret" ] || fail "$secret went along"
done
! grep -rlq 'BEGIN SOLUTION\|@VERSION@\|@COURSE@\|@REF@\|@WORKFLOW@\|@TOKEN@\|@HANDIN@' "$scratch/a" "$scratch/e" --exclude-dir=.git || fail "a mark is left"
for source in reference/*/*.c; do
    stub=$scratch/a/assignments/${source#reference/}
    grep -q 'BEGIN SOLUTION' "$source" && [ -f "$stub" ] && cmp -s "$source" "$stub" && fail "$source went along"
done
grep -q 'uses: owner/course/.github/workflows/grade-reusable.yml@v1$' "$scratch/a/.github/workflows/grade.yml" ||
    fail "grade.yml does not call the course's workflow"
grep -q 'eol=lf' "$scratch/a/.gitattributes" || fail "line ends are not fixed"

# --- what it refuses ---
for course in 'a b/c' 'x' 'a/b/c' '/a' 'a/'; do
    ! grader/setup/handout.sh "$scratch/no" "$course" >/dev/null 2>&1 || fail "took COURSE '$course'"
done
! grader/setup/handout.sh "$scratch/a" owner/course >/dev/null 2>&1 || fail "wrote over a folder"
[ ! -e "$scratch/no" ] || fail "left a folder behind"

# --- the same verdicts ---
# Objects of the same sources need not be made twice.
if git diff --quiet HEAD -- grader Makefile assignments/include; then
    mkdir -p "$scratch/a/build"
    cp -Rp "$build/grader" "$build/gen" "$scratch/a/build/"
    rm -f "$scratch/a/build/grader/grader" "$scratch/a/build/grader/grader-launch"
    find "$scratch/a" -path "$scratch/a/build" -prune -o -type f -exec touch -t 202001010000 {} +
fi
make -s -C "$scratch/a" BUILD=build programs >"$scratch/log" 2>&1 || fail "does not build: $(tail -5 "$scratch/log")"
[ ! -e "$scratch/a/build/reference" ] || fail "built a reference"

# Of a grader, for a folder. A stub ends while its first client comes: whether a check of it fails
# or waits for another is chance, its points are not.
verdicts() {
    status=0
    "$1" run -f json "$2" >"$scratch/report" 2>"$scratch/error" || status=$?
    [ "$status" = 1 ] || fail "status $status for $2: $(cat "$scratch/error")"
    case $2 in
    */assignments) grep -E '^ *"(id|score|max_score)":' "$scratch/report" ;;
    *) grep -E '^ *"(id|status|score|max_score)":' "$scratch/report" ;;
    esac
}

mkdir "$scratch/wrong"
cp -R tests/submissions/ex1_nonblocking/blocking-read "$scratch/wrong/ex1_nonblocking"
cp -R tests/submissions/ex2_event_loop/poll-instead "$scratch/wrong/ex2_event_loop"
for folder in "$scratch/a/assignments" "$scratch/wrong"; do
    verdicts "$grader" "$folder" >"$scratch/ours"
    verdicts "$scratch/a/build/grader/grader" "$folder" >"$scratch/theirs"
    cmp "$scratch/ours" "$scratch/theirs" || fail "verdicts differ for $folder: $(diff "$scratch/ours" "$scratch/theirs")"
done
make -s -C "$scratch/a" BUILD=build grade E=1 >"$scratch/report" 2>&1 || fail "make fails where points are missing: $(tail -5 "$scratch/report")"
grep -q '0 of 20 points' "$scratch/report" || fail "make grade E=1: $(tail -5 "$scratch/report")"
echo "handout: version $version, commit $first, the same verdicts"
