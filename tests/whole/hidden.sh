#!/bin/sh
# The references are built, and where the grader is installed they lie below /usr, which every
# sandbox shows: a submission that starts one of them, or has the compiler take it in, gets nothing
# for it. The installed grader still draws them. Needs root: /usr/local is another one meanwhile.
# BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
    echo "hidden: passed over, only root can put another /usr/local in the place of this machine's"
    exit 0
fi
if [ "${1:-}" != inside ]; then
    exec unshare -m sh "$0" inside
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hidden.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM
chmod 755 "$scratch"

fail() {
    echo "hidden: $*" >&2
    exit 1
}

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /usr/local
mkdir -p /usr/local/bin /usr/local/libexec /usr/local/share/async-grader
cp "$build/grader/grader" /usr/local/bin/
cp "$build/grader/grader-launch" /usr/local/libexec/
cp -R "$build/reference" /usr/local/share/async-grader/
references=/usr/local/share/async-grader/reference

cheat() { # cheat EXERCISE PROGRAM: it becomes the reference
    mkdir -p "$scratch/starts/$1" "$scratch/takes/$1"
    printf '#include <unistd.h>\nint main(int c, char **v) { (void)c; execv("%s/%s/%s", v); return 1; }\n' \
        $references "$1" "$2" >"$scratch/starts/$1/main.c"
    printf '__asm__(".incbin \\"%s/%s/%s\\"");\nint main(void) { return 0; }\n' \
        $references "$1" "$2" >"$scratch/takes/$1/main.c"
}
cheat ex1_nonblocking nonblocking
cheat ex2_event_loop event_loop
cheat ex3_echo_server echo_server
cheat ex4_reactor reactor

for grader in "$build/grader/grader" /usr/local/bin/grader; do
    for folder in starts takes; do
        status=0
        "$grader" run -f json -o "$scratch/report" "$scratch/$folder" 2>"$scratch/error" || status=$?
        [ $status = 1 ] || fail "$grader, $folder: status $status: $(cat "$scratch/error")"
        [ "$(jq .score "$scratch/report")" = 0 ] || fail "$grader, $folder: $(jq .score "$scratch/report") points for the references"
    done
done
jq -r '.exercises[].status' "$scratch/report" | sort -u | grep -qx build_failed || fail "the compiler finds them"

mkdir "$scratch/honest"
cp -R reference/ex2_event_loop "$scratch/honest/"
/usr/local/bin/grader run -e 2 "$scratch/honest" >"$scratch/report" 2>&1 || fail "an honest program: $(cat "$scratch/report")"
/usr/local/bin/grader trace "$scratch/honest" >"$scratch/picture" 2>&1 || fail "no picture: $(cat "$scratch/picture")"
grep -q '^reference, ex. 2' "$scratch/picture" || fail "the installed grader does not find its references: $(cat "$scratch/picture")"
echo "hidden: the references can be drawn, and neither started nor taken in"
