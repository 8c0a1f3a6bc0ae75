#!/bin/sh
# Records the logs of this folder: tests/traces/record.sh (from the root of the
# repository; needs cc, strace, bwrap). See README.md.
set -eu
here=tests/traces
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calls=$(sed -n '/^const char strace_calls/,/;/p' grader/trace/strace_calls.c |
    grep -o '"[^"]*"' | tr -d '"\n')

# What differs from machine to machine and means nothing here is made the same.
clean() {
    sed -e "s|$work|/tmp|g" -e 's|0x[0-9a-f]* /\* [0-9]* vars \*/|0x7ffd00000000 /* 3 vars */|' \
        -e 's|\(read([0-9]*</proc/[0-9]*/mountinfo>, "\)[^"]*"|\1..."|'
}

trace() { # LOG OPTIONS... COMMAND...
    log=$1
    shift
    cp "$work/$name" "$work/prog"
    (cd "$work" && env -i PATH=/usr/bin:/bin timeout -s KILL 20 strace -o log -f --seccomp-bpf -y \
        --decode-pids=pidns --absolute-timestamps=format:unix,precision:ns --syscall-times=ns \
        -s 64 -e trace="$calls" "$@" </dev/null >/dev/null 2>&1) || true
    clean <"$work/log" >"$here/$log.strace"
}

boxed() { # the program as the grader runs it
    trace "$name.bwrap" "$@" bwrap --unshare-user --unshare-ipc --unshare-pid --unshare-net \
        --unshare-uts --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --proc /proc --dev /dev --die-with-parent --new-session \
        --ro-bind "$work/prog" /prog /prog
}

for source in "$here"/programs/*.c; do
    name=$(basename "$source" .c)
    ${CC:-cc} -w -std=gnu11 -O1 -g -pthread -o "$work/$name" "$source"
    trace "$name.bare" ./prog
done
for name in retry epoll threads signals idle; do
    case $name in
    retry) boxed -k ;;
    *) boxed ;;
    esac
done

# Machines of the aarch64 kind have only the younger calls.
sed -e 's/epoll_wait(\(.*\), \(-\{0,1\}[0-9]*\)) = /epoll_pwait(\1, \2, NULL, 8) = /' \
    "$here/epoll.bare.strace" >"$here/epoll.aarch64.strace"

# Where a program calls poll, select, pause, pipe, dup2, these are what its libc calls there.
ts='{tv_sec=0, tv_nsec=\2000000}'
for log in poll signals names; do
    sed -E -e 's/ pause\( <unfin/ ppoll(NULL, 0, NULL, NULL, 0 <unfin/; s/ pause\(\)/ ppoll(NULL, 0, NULL, NULL, 0)/' \
        -e 's/<\.\.\. pause resumed>\)/<... ppoll resumed>)/; s/<\.\.\. poll resumed>/<... ppoll resumed>/' \
        -e "s/ poll\((.*), ([0-9]{1,3}) <unfin/ ppoll(\1, $ts, NULL, 0 <unfin/; s/ poll\((.*), 1000 <unfin/ ppoll(\1, {tv_sec=1, tv_nsec=0}, NULL, 0 <unfin/" \
        -e "s/ poll\((.*), ([0-9]{1,3})\) = / ppoll(\1, $ts, NULL, 0) = /; s/ poll\((.*), -1\) = / ppoll(\1, NULL, NULL, 0) = /" \
        -e 's/ select\((.*), \{tv_sec=([0-9]*), tv_usec=0\}\)/ pselect6(\1, {tv_sec=\2, tv_nsec=0}, NULL)/; s/tv_usec=([0-9]+)\}\)/tv_nsec=\1000})/' \
        -e 's/ dup2\(([0-9]+<[^>]*>), \1\) = [0-9]+<[^>]*>/ fcntl(\1, F_GETFL) = 0x2 (flags O_RDWR)/; s/ dup2\((.*)\) = / dup3(\1, 0) = /' \
        -e 's/ pipe\((.*)\) = / pipe2(\1, 0) = /; s/ vfork\(/ clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD/' \
        "$here/$log.bare.strace" >"$here/$log.aarch64.strace"
done
