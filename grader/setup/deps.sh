#!/bin/sh
# Installs what is missing of the packages that a target needs (and nc with them, to try
# programs by hand), and nothing else: `deps.sh run` for grading, `deps.sh web` for the course's server besides,
# `deps.sh bench` for the servers that the bench compares with, `deps.sh test` for the tests
# besides these.
# `deps.sh run aarch64-linux-gnu`: to build for another kind of machine; its libraries
# instead of this one's. apt must know its architecture: dpkg --add-architecture arm64.
# Says what it is about to do before it does it; asks for sudo only where needed.
set -eu

run_apt='gcc libc6-dev make pkg-config strace bubblewrap git ca-certificates
         libuv1-dev libjansson-dev libsqlite3-dev libzstd-dev libseccomp-dev libdw-dev
         libssl-dev libcurl4-openssl-dev'
bench_apt='libev-dev libevent-dev'
web_apt='libmicrohttpd-dev libgit2-dev libgnutls28-dev'
test_apt='libcmocka-dev clang clang-format clang-tidy cppcheck libclang-rt-dev sqlite3 jq curl libxml2-utils
          openssl nginx procps'
run_brew='pkg-config libuv jansson sqlite zstd openssl@3 curl'
bench_brew='libev libevent'
web_brew='libmicrohttpd libgit2 gnutls'
test_brew='cmocka llvm cppcheck'

# For the browser tests, as far as they can be had: Ubuntu's chromium is a snap, and who has
# node from elsewhere can't have Debian's npm beside it.
browser_apt() {
    command -v apt-cache >/dev/null 2>&1 || return 0
    command -v node >/dev/null 2>&1 || echo nodejs
    command -v npm >/dev/null 2>&1 || echo npm
    ! apt-cache show chromium >/dev/null 2>&1 || echo chromium fonts-dejavu-core
}

what=${1:-run}
case $what in
run) apt_list=$run_apt brew_list=$run_brew ;;
web) apt_list="$run_apt $web_apt" brew_list="$run_brew $web_brew" ;;
bench) apt_list="$run_apt $bench_apt" brew_list="$run_brew $bench_brew" ;;
test) apt_list="$run_apt $web_apt $test_apt $(browser_apt)" brew_list="$run_brew $web_brew $test_brew" ;;
*) echo "usage: deps.sh run|web|bench|test" >&2; exit 2 ;;
esac

# The compiler runs here, the libraries are the other machine's.
cross_list() { # aarch64-linux-gnu arm64
    printf '%s ' make pkg-config git "gcc-$(echo "$1" | tr _ -)"
    for package in $apt_list; do
        case $package in
        lib*-dev) printf '%s ' "$package:$2" ;;
        esac
    done
}

if [ -n "${2:-}" ]; then
    case $2 in
    aarch64-linux-gnu) other=arm64 ;;
    x86_64-linux-gnu) other=amd64 ;;
    *) echo "deps: no word of $2; aarch64-linux-gnu and x86_64-linux-gnu are known" >&2; exit 2 ;;
    esac
    if [ "$(dpkg --print-architecture)" != "$other" ] && ! dpkg --print-foreign-architectures | grep -qx "$other"; then
        echo "deps: apt does not know $other here: dpkg --add-architecture $other && apt-get update" >&2
        exit 1
    fi
    apt_list=$(cross_list "$2" "$other")
fi

apt_missing() {
    for package in "$@"; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
            printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "deps: not root and no sudo here. Ask an administrator to run:" >&2
        echo "  $*" >&2
        exit 1
    fi
}

if command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # a list of words
    missing=$(apt_missing $apt_list)
    [ -n "$missing" ] || exit 0
    # For trying things by hand, as the exercises' READMEs do; nobody is stopped for want of it.
    [ "$what" != run ] || [ -n "${2:-}" ] || missing="$missing $(apt_missing netcat-openbsd)"
    echo "deps: installing with apt-get: $missing"
    export DEBIAN_FRONTEND=noninteractive
    # Somebody else may be installing: a new machine its updates, or a second make.
    wait="-o DPkg::Lock::Timeout=600"
    # shellcheck disable=SC2086
    as_root apt-get -q $wait update >/dev/null || echo "deps: apt-get update failed; trying with the lists at hand" >&2
    # shellcheck disable=SC2086
    as_root apt-get -q -y $wait --no-install-recommends install $missing
elif command -v brew >/dev/null 2>&1; then
    # shellcheck disable=SC2086
    missing=$(for p in $brew_list; do brew list "$p" >/dev/null 2>&1 || printf '%s ' "$p"; done)
    [ -n "$missing" ] || exit 0
    echo "deps: installing with brew: $missing"
    # shellcheck disable=SC2086
    brew install $missing
else
    echo "deps: neither apt-get nor brew here. Install what corresponds to: $run_apt" >&2
    exit 1
fi
