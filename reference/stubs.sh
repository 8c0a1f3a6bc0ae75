#!/bin/sh
# Makes the student's stubs in assignments/ from the references beside it.
#
#   reference/stubs.sh write [exN_...]   regenerate assignments/exN_*/*.[ch]
#   reference/stubs.sh check [exN_...]   fail if one is not what `write` would make
#
# Without an exercise: all of them.
#
# A marker is a comment that has its line to itself:
#   // BEGIN SOLUTION    from here ...
#   // END SOLUTION      ... to here nothing reaches the student
#   // STUB: text        the student gets `text`, indented as the marker is
# A mistake stops with file:line before anything is written: an unclosed,
# nested or misspelt marker, or an exercise without any. A leak is worse.
set -eu

case ${1-} in
write | check) mode=$1 ;;
*) echo "usage: $0 write|check [exN_...]" >&2; exit 2 ;;
esac
shift
cd "$(dirname "$0")/.."
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

stub() { # the student's version of reference file $1
    awk '
    function stop(line, why) {
        printf "%s:%d: %s\n", FILENAME, line, why > "/dev/stderr"
        stopped = 1
        exit 1
    }
    /^[ \t]*\/\/ BEGIN SOLUTION$/ {
        if (begun) stop(FNR, "a solution begins inside that of line " begun)
        begun = FNR
        next
    }
    /^[ \t]*\/\/ END SOLUTION$/ {
        if (!begun) stop(FNR, "a solution ends that did not begin")
        begun = 0
        next
    }
    /^[ \t]*\/\/ STUB:( |$)/ {
        match($0, /\/\/ STUB: ?/)
        indent = substr($0, 1, RSTART - 1)
        text = substr($0, RSTART + RLENGTH)
        if (text ~ /SOLUTION|STUB/) stop(FNR, "a marker inside a marker")
        print text == "" ? "" : indent text
        next
    }
    /SOLUTION|STUB/ { stop(FNR, "a marker that is not written as one") }
    !begun { print }
    END { if (begun && !stopped) stop(begun, "this solution does not end") }
    ' "$1"
}

[ $# -gt 0 ] || set -- $(cd reference && echo ex*)
for exercise in "$@"; do
    folder=reference/$exercise/
    mkdir "$made/$exercise"
    solutions=0
    for file in "$folder"*.[ch]; do
        stub "$file" > "$made/$exercise/$(basename "$file")"
        if grep -q '// BEGIN SOLUTION$' "$file"; then solutions=1; fi
    done
    if [ $solutions = 0 ]; then
        echo "$folder:1: no solution is marked: the stub would be the reference" >&2
        exit 1
    fi
done

# A file that no reference stands behind would be graded with the student's: it is stale too.
status=0
for exercise in "$@"; do
    folder=$made/$exercise/
    target=assignments/$exercise
    if [ $mode = write ]; then
        mkdir -p "$target"
        rm -f "$target"/*.[ch]
        cp "$folder"*.[ch] "$target/"
    else
        mkdir -p "$made/now/$exercise"
        cp "$target"/*.[ch] "$made/now/$exercise" 2> /dev/null || true
        (cd "$made" && diff -ru "now/$exercise" "$exercise") || status=1
    fi
done
if [ $status != 0 ]; then
    echo "stale stubs (- as they are, + from the references): run reference/stubs.sh write" >&2
fi
exit $status
