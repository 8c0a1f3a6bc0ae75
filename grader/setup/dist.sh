#!/bin/sh
# The grader, built, as one archive with its SHA-256: for runners that should
# spend seconds, and for Gradescope.
#   dist.sh BUILD OUT VERSION
# BUILD holds the objects and the references (make programs). Libraries are linked in:
# what it runs on needs strace, bubblewrap, a C compiler, and a libc as new as the
# one here; built on Debian 12 it runs on Ubuntu 24.04. Which machine it is for CC decides.
set -eu
umask 022
cd "$(dirname "$0")/../.."
build=${1:?usage: dist.sh BUILD OUT VERSION} out=${2:?} version=${3:?}
cc=${CC:-cc}
machine=$($cc -dumpmachine)
name=async-grader-$version-linux-${machine%%-*}
root=$out/$name

# The archive of a library, by its path, so that the shared one is not taken.
archive() {
    for file in "$@"; do
        path=$($cc -print-file-name="$file")
        [ "$path" != "$file" ] && echo "$path" && return
    done
    echo "dist: no $1 here; grader/setup/deps.sh run installs it" >&2
    exit 1
}

# What the sources at hand were made into; older objects may lie beside them.
objects() {
    for source in grader/*.c grader/*/*.c; do
        case $source in
        grader/setup/* | *_macos.c) ;;
        *) echo "$build/${source%.c}.o" ;;
        esac
    done
    echo "$build/gen/registry.o"
    echo "$build/gen/version.o"
}

rm -rf "$root"
mkdir -p "$root/bin" "$root/libexec" "$root/share/async-grader" "$root/share/man/man1" \
    "$root/share/bash-completion/completions"
# libdw.a is made with bzip2 or without: the link says if it is wanted.
# shellcheck disable=SC2046 # lists of paths without blanks
$cc -o "$root/bin/grader" $(objects) \
    $(archive libuv_a.a libuv.a) $(archive libjansson.a) $(archive libsqlite3.a) $(archive libcrypto.a) \
    $(archive libseccomp.a) $(archive libdw.a) $(archive libelf.a) $(archive libbz2.a 2>/dev/null || :) $(archive liblzma.a) \
    $(archive libz.a) $(archive libzstd.a) -lpthread -lm -ldl
cp "$build/grader/grader-launch" "$root/libexec/"
for program in "$build"/reference/*/*; do
    [ -x "$program" ] || continue
    folder=$root/share/async-grader/reference/$(basename "$(dirname "$program")")
    mkdir -p "$folder"
    cp "$program" "$folder/"
done
# Nothing in them says how the references are written.
find "$root/bin" "$root/share/async-grader" -type f -exec "${STRIP:-strip}" {} +
cp grader/setup/dist/setup.sh grader/setup/dist/run_autograder "$root/"
cp grader/setup/grader.1 "$root/share/man/man1/"
cp grader/setup/completion.bash "$root/share/bash-completion/completions/grader"
cp grader/setup/dist/README "$root/"
sed "s/@NAME@/$name/" grader/setup/dist/Dockerfile >"$out/Dockerfile"

# The same bytes for the same files: order, owner and times are fixed. What lies in public (grading.sh) has
# no references: a submission could bring one of them along, and be it. They are for the pictures alone.
tar -C "$out" --exclude="$name/share/async-grader/reference" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1767225600 -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
# Gradescope takes a zip or tar with setup.sh at its top.
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1767225600 -cf - . | gzip -9n >"$out/$name-gradescope.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" "$name-gradescope.tar.gz" >SHA256SUMS && cat SHA256SUMS)
