#!/bin/sh
# Hostile submissions: the whole corpus as root and, backwards, so that no bomb meets itself,
# as an ordinary user, side by side; or as the user that we are. BUILD: where the grader was
# built (build).
#   HOSTILE='-p NAME -v' tests/whole/hostile.sh
set -eu
cd "$(dirname "$0")/../.."
: "${BUILD:=build}" "${CC:=cc}"
program=$BUILD/whole/hostile
mkdir -p "$BUILD/whole"
# shellcheck disable=SC2046 # flags
$CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -O1 -g -o "$program" tests/whole/hostile*.c \
    $(pkg-config --cflags --libs jansson)

# corpus FORMATS [AS...]: all of them once, and what tells formats apart in each of these
corpus() {
    formats=$1 bad=0
    shift
    # shellcheck disable=SC2086 # options
    "$@" "$program" -b "$BUILD" $order ${HOSTILE:-} || bad=1
    [ -n "${HOSTILE:-}" ] || for format in $formats; do
        "$@" "$program" -b "$BUILD" -f "$format" -w formats || bad=1
    done
    return $bad
}

others=
order=
failed=0
if [ "$(id -u)" -eq 0 ]; then
    log=$(mktemp "${TMPDIR:-/tmp}/hostile-user.XXXXXX")
    order=-r
    corpus 'github junit tap' setpriv --reuid 65534 --regid 65534 --clear-groups >"$log" 2>&1 &
    others=$!
    order=
    corpus 'text gradescope' env || failed=1
else
    corpus 'text github gradescope junit tap' env || failed=1
fi
if [ -n "$others" ]; then
    wait "$others" || failed=1
    cat "$log"
    rm -f "$log"
fi
exit $failed
