#!/bin/sh
# For another kind of machine, without one: builds grader, launcher, references and units with Debian's cross
# compiler and libraries, runs the units in an emulator of its programs, makes the bundle.
#
#   tests/clean_root.sh bookworm+arm64 tests/cross.sh        (about 10 minutes, the first time)
#
# An emulator of programs has no ptrace, no namespaces and no libseccomp of its own kernel: units that start the grader's
# programs in a sandbox are left out. What is left: parsers and their recorded logs, the filter of system calls
# as it is for that machine, rubric, reports, store. To be run in a clean root, as root.
set -eu
cd "$(dirname "$0")/.."
machine=${1:-aarch64-linux-gnu} arch=${2:-arm64}
build=build/$machine
emulator=qemu-${machine%%-*}-static

echo "cross: packages"
apt-get -q update >/dev/null
grader/setup/deps.sh run "$machine" >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install qemu-user-static "libcmocka-dev:$arch" >/dev/null
(cd /tmp && apt-get -q download "strace:$arch" >/dev/null 2>&1 && dpkg -x strace_*.deb /tmp/strace-other)

echo "cross: build"
make -s -j"$(nproc)" CROSS="$machine" BUILD="$build" WERROR=1 programs
file=$build/grader/grader
case $(od -An -tx1 -j18 -N2 "$file" | tr -d ' ') in
b700) echo "cross: $file is for aarch64" ;;
*) echo "cross: $file is not for aarch64"; exit 1 ;;
esac

# Each of these starts programs of the other machine, which needs its kernel.
left_out='build launch player player_program probe run run_faults sandbox served solo store_processes symbol'
failed=
for unit in tests/unit/test_*.c; do
    name=$(basename "$unit" .c)
    name=${name#test_}
    case " $left_out " in *" $name "*) continue ;; esac
    case $name in web_*) continue ;; esac
    make -s CROSS="$machine" BUILD="$build" "$build/unit/test_$name" >/dev/null
    if "$emulator" "$build/unit/test_$name" >"$build/unit/test_$name.log" 2>&1; then
        echo "cross: test_$name: $(sed -n 's/^\[  PASSED  \] \(.*\)/\1/p' "$build/unit/test_$name.log") passed"
    else
        tail -30 "$build/unit/test_$name.log"
        failed="$failed $name"
    fi
done

# The list of calls that strace is asked for must be one that it takes there.
calls=$(sed -n '/^const char strace_calls/,/;/p' grader/trace/strace_calls.c | grep -o '"[^"]*"' | tr -d '"\n')
if [ -x /tmp/strace-other/usr/bin/strace ]; then
    # it fails for want of ptrace, not of a call
    "$emulator" /tmp/strace-other/usr/bin/strace -o /dev/null -e trace="$calls" /bin/true >/tmp/strace.log 2>&1 || true
    if grep -q 'invalid system call' /tmp/strace.log; then
        cat /tmp/strace.log
        failed="$failed strace-calls"
    else
        echo "cross: strace takes the list of calls ($(head -1 /tmp/strace.log))"
    fi
fi
"$emulator" "$file" list >/dev/null || failed="$failed list"

echo "cross: bundle"
make -s CROSS="$machine" BUILD="$build" dist
mkdir -p "$build/unpacked"
tar -C "$build/unpacked" -xzf "$build"/dist/async-grader-*-linux-"${machine%%-*}".tar.gz
"$emulator" "$build"/unpacked/*/bin/grader --version || failed="$failed bundle"
[ -z "$failed" ] || { echo "cross: failed:$failed"; exit 1; }
echo 'cross: all passed'
