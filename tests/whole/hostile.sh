#!/bin/sh
# Hostile submissions: the whole corpus as root and as an ordinary user, or as
# the user that we are. BUILD: where the grader was built (build).
#   HOSTILE='-p NAME -v' tests/whole/hostile.sh
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:=build}" "${CC:=cc}"
program=$BUILD/whole/hostile
mkdir -p "$BUILD/whole"
# shellcheck disable=SC2046 # flags
$CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -O1 -g -o "$program" tests/whole/hostile*.c \
    $(pkg-config --cflags --libs jansson)

# shellcheck disable=SC2086 # options
if [ "$(id -u)" -eq 0 ]; then
    "$program" -b "$BUILD" ${HOSTILE:-}
    [ -n "${HOSTILE:-}" ] || for format in text github gradescope junit tap; do
        "$program" -b "$BUILD" -f $format -w formats
    done
    setpriv --reuid 65534 --regid 65534 --clear-groups "$program" -b "$BUILD" ${HOSTILE:-}
else
    "$program" -b "$BUILD" ${HOSTILE:-}
    [ -n "${HOSTILE:-}" ] || "$program" -b "$BUILD" -f text -w formats
fi
