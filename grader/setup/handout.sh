#!/bin/sh
# The repository that students get, made from the commit at hand:
#   handout.sh DIR [COURSE [REF]]
# DIR is made and must not exist. COURSE is the instructor's repository on GitHub
# ("owner/name", see grading.sh), whose workflow the students' calls at REF (main);
# without it there is no workflow: students push to a server of the course's own.
#
# ONE_JOB=1: the workflow in one job, for private repositories whose minutes are counted; its
# promise is weaker, see .github/CLASS.md.
#
# One commit, always the same for the same files: names, dates and modes are
# fixed. No reference, no wrong program, no server goes along.
set -eu
umask 022
cd "$(dirname "$0")/../.."
dir=${1:?usage: handout.sh DIR [COURSE [REF]]}
course=${2:-}
ref=${3:-main}
workflow=grade-reusable.yml token='The identity token is for the job that reports, which never sees your files.'
[ -z "${ONE_JOB:-}" ] || workflow=grade-one-job.yml token='The identity token is kept from your programs by the sandbox.'
handin=handin-github.md
[ -n "$course" ] || handin=handin-server.md
parts=grader/setup/handout

fail() {
    echo "handout: $*" >&2
    exit 1
}

[ ! -e "$dir" ] || fail "$dir is there already; give a new folder"
git rev-parse -q --verify HEAD >/dev/null 2>&1 || fail "this is no git repository with a commit; clone it"
case ${course:-OWNER/NAME} in
*[!A-Za-z0-9._/-]* | */*/* | /* | */) fail "COURSE is a repository on GitHub, such as owner/name" ;;
*/*) ;;
*) fail "COURSE is a repository on GitHub, such as owner/name" ;;
esac
case $ref in
*[!A-Za-z0-9._/-]*) fail "REF is a branch, a tag or a commit" ;;
esac
git diff --quiet HEAD -- assignments grader Makefile .editorconfig ||
    echo "handout: what is not committed does not go along" >&2

# Of the tree, what students need: not what makes handouts, bundles and servers.
files() {
    git ls-tree -r --full-tree HEAD -- assignments grader .editorconfig |
        grep -v -e 'grader/setup/handout' -e 'grader/setup/dist' -e 'grader/setup/grading'
}

mkdir -p "$dir"
git archive HEAD --format=tar -- assignments grader .editorconfig | tar -x -C "$dir" --no-same-owner
for staff in handout dist grading; do rm -rf "$dir/grader/setup/$staff" "$dir/grader/setup/$staff.sh"; done

version=$(git show HEAD:Makefile | sed -n 's/^VERSION *= *//p')
digest=$({ files; git ls-tree -r --full-tree HEAD -- Makefile $parts; printf '%s %s %s\n' "$course" "$ref" $workflow; } |
    git hash-object --stdin | cut -c1-12)

# A file of ours with its marks filled in.
fill() {
    git show "HEAD:$parts/$1" | sed -e "s|@VERSION@|$version-$digest|g" \
        -e "s|@COURSE@|$course|g" -e "s|@REF@|$ref|g" -e "s|@WORKFLOW@|$workflow|g" -e "s|@TOKEN@|$token|" \
        -e "/^@HANDIN@\$/{r $dir/.handin
d;}" >"$dir/$2"
}

mkdir -p "$dir/.github/${course:+workflows}" "$dir/.github/ISSUE_TEMPLATE" "$dir/.devcontainer"
git show "HEAD:$parts/$handin" >"$dir/.handin"
fill README.md README.md
rm "$dir/.handin"
[ -z "$course" ] || fill grade.yml .github/workflows/grade.yml
fill question.md .github/ISSUE_TEMPLATE/question.md
fill devcontainer.json .devcontainer/devcontainer.json
fill Dockerfile .devcontainer/Dockerfile
fill gitattributes .gitattributes
fill gitignore .gitignore
# Its Makefile is ours as far as the grader goes, then the students' own targets.
{
    git show HEAD:Makefile | sed -e '/^# --- references ---/,$d' -e '/^include web/d' -e '/make \(demo\|test\)  /d' -e '/^#  *make \(demo\|test\) /d' \
        -e '/^all:/s/build everything.*/build the grader/' -e 's/^all: deps-web/all: deps/' -e 's/programs web$/programs/' \
        -e '/^deps-web:/,/^$/d' -e '/^deps-test:/,/^$/d'
    git show "HEAD:$parts/Makefile"
} >"$dir/Makefile"
grep -rl 'BEGIN SOLUTION' "$dir" >/dev/null && fail "a solution was about to go along; nothing is handed out"

# Whoever makes it, wherever, whenever.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY || true
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME='Course staff' GIT_AUTHOR_EMAIL=staff@course.invalid GIT_AUTHOR_DATE='2026-01-01T00:00:00Z'
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"
export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
git init -q --object-format=sha1 -b main --template= "$dir"
git -C "$dir" -c core.fileMode=true -c core.autocrlf=false add -A
git -C "$dir" commit -q -m "Lesson 8: the exercises and their grader, version $version-$digest"
echo "handout: $dir is version $version-$digest, commit $(git -C "$dir" rev-parse HEAD)"
[ -n "$course" ] || echo "handout: for a server of the course's own; COURSE=owner/name makes one for GitHub"
