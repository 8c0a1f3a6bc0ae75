#!/bin/sh
# A command in a fresh clone of this repository, in a clean Debian or Ubuntu that has git, make and sudo and
# nothing else of what the course needs:
#
#   tests/clean_root.sh [-u] SUITE[+ARCH] COMMAND [ARGUMENT...]
#
#   tests/clean_root.sh bookworm make grade          the set-up, proved
#   tests/clean_root.sh -u bookworm make grade       the same as an ordinary user who may sudo
#   tests/clean_root.sh trixie make test             newer libraries, compiler, strace
#   tests/clean_root.sh bookworm+arm64 tests/cross.sh     for another kind of machine, see there
#
# -u    as an ordinary user; else as root
# +ARCH this architecture's packages can be installed beside the machine's own
#
# Needs root, mmdebstrap and the archive's keys (debian-archive-keyring, ubuntu-keyring). Mirrors are those of the
# machine's own apt; CLEAN_ROOT_MIRROR="deb URI SUITE main" names another. What is not committed goes along, new files do
# not. The base is kept in build/clean, so are the packages that were fetched; the root itself is gone afterwards.
# KEEP=folder: what the command left in build/kept is copied there.
#
# No chroot: that would be refused user namespaces, which the sandbox needs. The root is pivoted to in
# a mount and process namespace of its own, so that nothing that was started in it stays.
set -eu
cd "$(dirname "$0")/.."
here=$PWD

fail() {
    echo "clean_root: $*" >&2
    exit 2
}

user=
[ "${1:-}" != -u ] || { user=student && shift; }
[ $# -ge 2 ] || fail "usage: tests/clean_root.sh [-u] SUITE[+ARCH] COMMAND [ARGUMENT...]"
base=$1
suite=${base%%+*}
shift
case $base in *[!a-z0-9+]*) fail "\"$base\" is not a suite such as bookworm, or bookworm+arm64" ;; esac
[ "$(id -u)" = 0 ] || fail "only root can make a root; sudo $0 ..."
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"

native=$(dpkg --print-architecture)
architectures=$native
[ "$suite" = "$base" ] || architectures=$native,${base#*+}

# The machine's own mirrors, asked for another suite.
mirrors() {
    if [ -n "${CLEAN_ROOT_MIRROR:-}" ]; then
        echo "$CLEAN_ROOT_MIRROR"
        return
    fi
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sort -u | while read -r label uri; do
        case $label in
        Debian) printf 'deb %s %s main\ndeb %s %s-updates main\n' "$uri" "$suite" "$uri" "$suite" ;;
        Debian-Security) echo "deb $uri $suite-security main" ;;
        Ubuntu) printf 'deb %s %s main universe\ndeb %s %s-updates main universe\n' "$uri" "$suite" "$uri" "$suite" ;;
        esac
    done
}

store=$here/build/clean
mkdir -p "$store/$base.debs/partial"
if [ ! -s "$store/$base.tar" ]; then
    sources=$(mirrors)
    [ -n "$sources" ] || fail "apt knows no mirror here; set CLEAN_ROOT_MIRROR"
    echo "clean_root: making a $base root (once)"
    echo "$sources" | mmdebstrap --quiet --format=tar --variant=apt --architectures="$architectures" \
        --include=git,make,sudo,mount,passwd,ca-certificates --aptopt='Acquire::Languages "none"' "$suite" "$store/$base.part" - ||
        fail "mmdebstrap could not make it"
    mv "$store/$base.part" "$store/$base.tar"
fi

root=$(mktemp -d "$store/root.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM
tar -C "$root" --numeric-owner -xf "$store/$base.tar"
chmod 755 "$root"

git clone -q --no-hardlinks "$here" "$root/lesson" 2>/dev/null || fail "no clone of $here"
# A worktree of its own has the branch that is at hand there.
git -C "$root/lesson" checkout -q --detach "$(git rev-parse HEAD)"
changes=$(git diff --binary HEAD)
[ -z "$changes" ] || git diff --binary HEAD | git -C "$root/lesson" apply --index

cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
if [ "$user" ]; then
    chroot "$root" useradd -m -s /bin/sh $user
    echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user"
    chroot "$root" chown -R $user: /lesson
fi

# What runs first in there, as process 1 of its own. $1: the root, $2: kept packages, $3: the user or nothing
inside='
set -eu
root=$1 debs=$2 user=$3
shift 3
mount --make-rprivate /
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 run "$root/run"
mount --bind "$debs" "$root/var/cache/apt/archives"
cd "$root"
pivot_root . mnt
exec chroot . sh -c "
    umount -l /mnt
    cd /lesson
    user=\$1
    shift
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
    HOME=/root
    [ -z \"\$user\" ] || HOME=/home/\$user
    export PATH LANG HOME
    unset TMPDIR
    [ -n \"\$user\" ] || exec \"\$@\"
    exec setpriv --reuid=\$user --regid=\$user --init-groups -- \"\$@\"
" sh "$user" "$@"
'
status=0
unshare --mount --pid --fork --kill-child sh -c "$inside" sh "$root" "$store/$base.debs" "$user" "$@" || status=$?
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -a "$root/lesson/build/kept/." "$KEEP/"; }
exit $status
