#!/bin/sh
# Hostile submissions: the whole corpus as root and as an ordinary user, side by
# side, or as the user that we are. BUILD: where the grader was built (build).
#   HOSTILE='-p NAME -v' tests/whole/hostile.sh
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:=build}" "${CC:=cc}"
program=$BUILD/whole/hostile
mkdir -p "$BUILD/whole"
# shellcheck disable=SC2046 # flags
$CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -O1 -g -o "$program" tests/whole/hostile*.c \
    $(pkg-config --cflags --libs jansson)

others=
if [ "$(id -u)" -eq 0 ]; then
    log=$(mktemp "${TMPDIR:-/tmp}/hostile-user.XXXXXX")
    # shellcheck disable=SC2086 # options
    setpriv --reuid 65534 --regid 65534 --clear-groups "$program" -b "$BUILD" ${HOSTILE:-} >"$log" 2>&1 &
    others=$!
fi
failed=0
# shellcheck disable=SC2086 # options
"$program" -b "$BUILD" ${HOSTILE:-} || failed=1
[ -n "${HOSTILE:-}" ] || for format in text github gradescope junit tap; do
    "$program" -b "$BUILD" -f $format -w formats || failed=1
done
if [ -n "$others" ]; then
    wait "$others" || failed=1
    cat "$log"
    rm -f "$log"
fi
exit $failed
