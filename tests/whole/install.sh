#!/bin/sh
# What is installed and what is bundled: complete, current, and grading. BUILD: the build folder.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
grader=$build/grader/grader
scratch=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT INT TERM
chmod 755 "$scratch"

fail() {
    echo "install: $*" >&2
    exit 1
}

# --- the manual page and the completion say what the program says ---
page=grader/setup/grader.1
if command -v groff >/dev/null 2>&1; then
    groff -man -Tutf8 -ww -z "$page" 2>"$scratch/warnings"
    [ ! -s "$scratch/warnings" ] || fail "$(cat "$scratch/warnings")"
fi
plain=$(sed 's/\\-/-/g' "$page")
options=$("$grader" run --help | sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p')
[ "$(echo "$options" | wc -l)" -ge 9 ] || fail "run --help names too few options"
for option in $options; do
    case $plain in *"$option"*) ;; *) fail "$page does not name $option" ;; esac
    grep -q -e "run:-\*).*$option" grader/setup/completion.bash || fail "the completion does not know $option"
done
commands=$("$grader" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v '^grader$')
for command in $commands; do
    case $plain in *".B $command"*) ;; *) fail "$page does not name $command" ;; esac
done

# asked WORDS...: what the completion offers for the last of them
cat >"$scratch/asked" <<'END'
source grader/setup/completion.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_grader
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
END
asked() { bash "$scratch/asked" "$@"; }
[ "$(asked "$grader" '' | tr ' ' '\n' | grep -v -e '^--' -e '^$')" = "$(echo "$commands" | sort)" ] ||
    fail "the completion's commands are not the program's"
formats=$("$grader" run -f x . 2>&1 | sed -n 's/.*there are: *//p' | tr ' ' '\n' | sort | tr '\n' ' ')
[ "$(asked "$grader" run -f '')" = "$formats" ] || fail "the completion's formats are not the program's: $formats"
formats=$("$grader" scores --db x -f x 2>&1 | sed -n 's/.*there are: *//p' | tr -d , | tr ' ' '\n' | sort | tr '\n' ' ')
[ "$(asked "$grader" scores -f '')" = "$formats" ] || fail "the completion's formats of scores: $formats"
[ "$(asked "$grader" run -e ex1)" = 'ex1_nonblocking ' ] || fail "the completion finds no exercise"
[ "$(asked "$grader" explain retry)" = 'retry-interval ' ] || fail "the completion finds no check"

# --- the same for courseweb ---
web=$build/web/courseweb
page=web/setup/courseweb.1
if command -v groff >/dev/null 2>&1; then
    groff -man -Tutf8 -ww -z "$page" 2>"$scratch/warnings"
    [ ! -s "$scratch/warnings" ] || fail "$(cat "$scratch/warnings")"
fi
plain=$(sed 's/\\-/-/g; s/\\f[RB]//g' "$page")
cat >"$scratch/web-asked" <<'END'
source web/setup/completion.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_courseweb
printf '%s\n' "${COMPREPLY[@]}" | sort -u | tr '\n' ' '
END
web_asked() { bash "$scratch/web-asked" "$@"; }
commands=$("$web" --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | sort)
[ "$(echo "$commands" | wc -l)" -ge 10 ] || fail "courseweb --help names too few commands"
[ "$(web_asked "$web" '')" = "$({ echo --help; echo "$commands"; } | sort | tr '\n' ' ')" ] || fail "the completion's commands of courseweb: $(web_asked "$web" '')"
for command in $commands; do
    case $plain in *".B $command"*) ;; *) fail "$page does not name $command" ;; esac
    "$web" "$command" --help | grep -q "^  courseweb $command " || fail "$command --help has no example"
    for option in $("$web" "$command" --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
        case $plain in *"$option"*) ;; *) fail "$page does not name $option of $command" ;; esac
        case " $(web_asked "$web" "$command" --)" in *" $option "*) ;; *) fail "the completion does not know $option of $command" ;; esac
    done
done
[ "$(web_asked "$web" staff add x --role '')" = 'instructor ta ' ] || fail "the completion knows no roles"
"$web" set --help | sed -n 's/^  \([a-z_]*\) [A-Z0].*/\1/p' | while read -r key; do
    case " $(web_asked "$web" set '')" in *" $key "*) ;; *) fail "the completion does not know the key $key" ;; esac
    case $plain in *".BR $key ,"* | *".BR $key ."*) ;; *) fail "$page does not name the key $key" ;; esac
done || exit 1

# --- the bundle: the same bytes twice, its sums right, it grades ---
version=$(sed -n 's/^VERSION *= *//p' Makefile)
grader/setup/dist.sh "$build" "$scratch/one" "$version" >/dev/null || fail "no bundle"
grader/setup/dist.sh "$build" "$scratch/two" "$version" >/dev/null
cmp "$scratch/one/SHA256SUMS" "$scratch/two/SHA256SUMS" || fail "two bundles of the same objects differ"
(cd "$scratch/one" && sha256sum -c --quiet SHA256SUMS) || fail "the sums are wrong"
tar -xzf "$scratch/one/async-grader-$version-linux-$(uname -m).tar.gz" -C "$scratch"
bundled=$scratch/async-grader-$version-linux-$(uname -m)/bin/grader
linked=$(ldd "$bundled" | sed -n 's/^\t\(lib[a-z]*\)\.so.*/\1/p' | grep -v -e '^libc$' -e '^libm$' || true)
[ -z "$linked" ] || fail "the bundle needs $linked"
mkdir "$scratch/two-wrong"
cp -R tests/submissions/ex1_nonblocking/spins "$scratch/two-wrong/ex1_nonblocking"
cp -R reference/ex2_event_loop "$scratch/two-wrong/"
for program in "$grader" "$bundled"; do
    "$program" run -e 1 -e 2 -f json "$scratch/two-wrong" >"$scratch/report" || [ $? = 1 ] || fail "$program fails"
    grep -E '"(id|status|score|line|file)":' "$scratch/report" >"$scratch/verdicts.$(basename "$(dirname "$program")")"
    figure='[0-9]'
    [ "$program" = "$grader" ] || figure=null # what lies in public has none that could be brought along
    grep -q "\"reference_idle_cpu_us_per_s\": $figure" "$scratch/report" || fail "$program: another figure of the reference"
done
[ ! -e "${bundled%/bin/grader}/share/async-grader/reference" ] || fail "the references lie in public"
cmp "$scratch/verdicts.grader" "$scratch/verdicts.bin" || fail "the bundle's verdicts differ"

# --- Gradescope's folders ---
mkdir -p "$scratch/autograder/source" "$scratch/autograder/submission" "$scratch/autograder/results"
tar -xzf "$scratch/one/async-grader-$version-linux-$(uname -m)-gradescope.tar.gz" -C "$scratch/autograder/source"
cp -R "$scratch/two-wrong" "$scratch/autograder/submission/assignments"
result=$scratch/autograder/results/results.json
autograder() { AUTOGRADER=$scratch/autograder "$scratch/autograder/source/run_autograder" >"$scratch/said" 2>&1; }
[ -x "$scratch/autograder/source/setup.sh" ] || fail "no setup.sh"
autograder || fail "run_autograder: $(cat "$scratch/said")"
grep -q '"name": "ex1_nonblocking/retry-interval' "$result" || fail "no results.json"
score=$(sed -n '2p' "$result")
# A grader there that finds no sandbox, then one that finds nothing at all.
mv "$scratch/autograder/source/bin/grader" "$scratch/autograder/source/bin/whole"
stand_in() { printf '#!/bin/sh\n%s\n' "$1" >"$scratch/autograder/source/bin/grader"; chmod 755 "$scratch/autograder/source/bin/grader"; }
# shellcheck disable=SC2016 # for the stand-in to expand
stand_in '[ "$1" != doctor ] || exit 3; exec "${0%/*}/whole" "$@"'
autograder || fail "run_autograder without a sandbox: $(cat "$scratch/said")"
[ "$score" = "$(sed -n '2p' "$result")" ] || fail "another score without a sandbox: $score, $(sed -n '2p' "$result")"
grep -q 'without a sandbox' "$result" || fail "does not say that there was no sandbox"
[ ! -e "$scratch/autograder/source/share/async-grader/reference" ] || fail "a submission without a sandbox could start the references"
stand_in 'exit 3'
if autograder; then fail "run_autograder scored without grading"; fi
[ ! -e "$result" ] || fail "a result without a grading"

# --- make install ---
make -s BUILD="$build" DESTDIR="$scratch/root" PREFIX=/usr install >/dev/null || fail "make install"
for there in bin/grader libexec/grader-launch share/man/man1/grader.1 share/bash-completion/completions/grader \
    share/async-grader/reference/ex1_nonblocking/nonblocking bin/courseweb lib/systemd/system/courseweb.service \
    lib/sysusers.d/courseweb.conf share/man/man1/courseweb.1 share/bash-completion/completions/courseweb share/doc/courseweb/nginx.conf; do
    [ -f "$scratch/root/usr/$there" ] || fail "make install leaves out $there"
done
# systemd reads it without a complaint, once its programs are where it says.
if command -v systemd-analyze >/dev/null 2>&1; then
    sed -e "s|=/usr/bin/courseweb|=$scratch/root/usr/bin/courseweb|" -e /^Documentation/d \
        "$scratch/root/usr/lib/systemd/system/courseweb.service" >"$scratch/courseweb.service"
    systemd-analyze verify "$scratch/courseweb.service" >"$scratch/said" 2>&1 || fail "systemd-analyze: $(cat "$scratch/said")"
    ! grep courseweb.service "$scratch/said" || fail "systemd-analyze complains"
fi
"$scratch/root/usr/bin/grader" doctor >/dev/null || fail "the installed grader is not well"
echo "install: page, completion, bundle, Gradescope, make install"
