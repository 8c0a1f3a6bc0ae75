#!/bin/sh
# Writes FILE, the C source of base/version.h, if it is to say something else than it does.
#
#   version.sh VERSION FILE
set -eu
version=$1 file=$2
digest=$(git ls-tree -r HEAD -- grader 2>/dev/null | grep -v "$(printf '\t')grader/setup/" | git hash-object --stdin 2>/dev/null |
    cut -c1-12) || digest=
# A folder that no commit has (an unpacked archive) has an empty list.
[ -n "$(git ls-tree HEAD -- grader/main.c 2>/dev/null)" ] || digest=
changed=
[ -z "$digest" ] || git diff --quiet HEAD -- grader 2>/dev/null || changed=+
mkdir -p "$(dirname "$file")"
{
    echo '#include "base/version.h"'
    echo "const char grader_version[] = \"$version${digest:+-$digest}$changed\";"
} >"$file.new"
if cmp -s "$file.new" "$file"; then rm "$file.new"; else mv "$file.new" "$file"; fi
