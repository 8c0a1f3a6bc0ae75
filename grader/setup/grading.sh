#!/bin/sh
# The repository that students' workflows call, made from the bundle at hand:
#   grading.sh BUILD VERSION DIR REPO [SERVER]
# REPO is where it will be on GitHub ("owner/name"), SERVER the address of the course's server,
# to the letter what `courseweb serve --url` gets; without it nothing is reported anywhere.
#
# It has to be public, for runners fetch the bundle without a token, and whoever may call a
# workflow may read its repository. So it is not the course's own, where the solutions are.
# A folder that this made before is brought up to date: one more commit, if anything changed.
set -eu
umask 022
cd "$(dirname "$0")/../.."
usage='make grading DIR=../lesson8-grading REPO=owner/name [SERVER=https://...]'
build=${1:?$usage} version=${2:?$usage} dir=${3:?$usage} repo=${4:-} server=${5:-}
parts=grader/setup/grading

fail() {
    echo "grading: $*" >&2
    exit 1
}

case $repo in
*[!A-Za-z0-9._/-]* | */*/* | /* | */) fail "REPO is a repository on GitHub, such as owner/name: $usage" ;;
*/*) ;;
*) fail "REPO is a repository on GitHub, such as owner/name: $usage" ;;
esac
case $server in
'') ;;
*[!A-Za-z0-9._~:/-]* | */) fail "SERVER is an address as --url has it, without a slash at its end" ;;
https://?* | http://?*) ;;
*) fail "SERVER is an address as --url has it, such as https://course.example.org" ;;
esac

# GitHub's runners are x86_64.
bundle=async-grader-$version-linux-x86_64.tar.gz
sum=$(sed -n "s/  $bundle\$//p" "$build/dist/SHA256SUMS" 2>/dev/null || :)
[ -n "$sum" ] || fail "no $bundle in $build/dist: GitHub's runners are x86_64; run this on such a machine"
# A tag for each bundle: an address never means another one.
tag=v$version-$(printf %.12s "$sum")

if [ -e "$dir" ]; then
    [ -d "$dir/.git" ] && grep -q '^Made by `make grading`' "$dir/README.md" 2>/dev/null ||
        fail "$dir is there already, and not of this; give a new folder"
else
    git init -q -b main --template= "$dir"
fi
mkdir -p "$dir/.github/workflows"
for workflow in grade-reusable.yml grade-one-job.yml; do
    sed -e "s|^  BUNDLE: .*|  BUNDLE: https://github.com/$repo/releases/download/$tag/$bundle|" \
        -e "s|^  BUNDLE_SHA256: .*|  BUNDLE_SHA256: \"$sum\"|" -e "s|^  SERVER: .*|  SERVER: \"$server\"|" \
        ".github/workflows/$workflow" >"$dir/.github/workflows/$workflow"
done
sed -e "s|@REPO@|${repo%%/*}|" -e "s|@TAG@|$tag|" "$parts/README.md" >"$dir/README.md"

# Not as whoever makes it has set up their git: signatures, hooks, line ends.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
git -C "$dir" add -A
if git -C "$dir" rev-parse -q --verify HEAD >/dev/null && git -C "$dir" diff --cached --quiet; then
    echo "grading: $dir is as it has to be ($tag)"
else
    git -C "$dir" -c user.name='Course staff' -c user.email=staff@course.invalid commit -q -m "Lesson 8: how it is graded, $tag"
    echo "grading: $dir calls the bundle $tag${server:+ and reports to $server}"
fi
[ -n "$server" ] || echo "grading: no SERVER: results stay in the Actions tab"

# What GitHub has of it already can't be seen from here: each may be said again. The bundle comes
# before the workflow that asks for it.
echo "Next (what is published already is left as it is):"
if git -C "$dir" remote get-url origin >/dev/null 2>&1; then first= last="git -C $dir push"; else
    first="gh repo create $repo --public --source $dir --push" last=
fi
[ -z "$first" ] || echo "    $first"
echo "    gh release view $tag --repo $repo >/dev/null 2>&1 ||"
echo "        gh release create $tag --repo $repo --title $tag --notes '' $build/dist/$bundle $build/dist/SHA256SUMS"
[ -z "$last" ] || echo "    $last"
