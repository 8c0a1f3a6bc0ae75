#!/bin/sh
# A course with sample students, from nothing: a server on loopback, their submissions
# really pushed over HTTP, graded, and served until Ctrl-C. Everything is in a scratch
# folder that goes with it.
#   demo.sh BUILD          DEMO_STUDENTS=N: so many of the eight
set -eu
build=$(cd "$1" && pwd)
web=$build/web/courseweb
most=${DEMO_STUDENTS:-8}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX")
course=$scratch/lesson-8
server='' pushes='' ended=130
# The demo's git is nobody's: no configuration, no proxy, no questions.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 no_proxy=127.0.0.1

finish() {
    trap '' INT TERM
    for one in $pushes $server; do
        kill "$one" 2>/dev/null || :
        wait "$one" 2>/dev/null || :
    done
    server='' pushes=''
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit $ended' INT TERM

fail() {
    echo "demo: $*" >&2
    [ ! -s "$scratch/err" ] || sed 's/^/  the server: /' "$scratch/err" >&2
    exit 1
}

# --- who they are, and what they believe ---

# account|name|section|message|what differs from the reference ("-": nothing; EXERCISE=FOLDER below
# tests/submissions; EXERCISE=stub: not begun)
students() {
    sed "$((most + 1)),\$d" <<'LIST'
ada|Ada Lovelace|Monday|everything works|-
ben|Ben Adeyemi|Monday|I read until there is data|ex1_nonblocking=ex1_nonblocking/blocking-read
chloe|Chloe Martin|Monday|the stubs, to see what happens|ex1_nonblocking=stub ex2_event_loop=stub ex3_echo_server=stub ex4_reactor=stub
dmitri|Dmitri Sokolov|Monday|the loop asks often enough|ex1_nonblocking=ex1_nonblocking/spins ex2_event_loop=ex2_event_loop/poll-instead
eve|Eve Lindqvist|Tuesday|it was right in exercise 1|ex2_event_loop=ex2_event_loop/exercise-1-again ex3_echo_server=ex3_echo_server/lesson
farid|Farid Haddad|Tuesday|two of four|ex3_echo_server=stub ex4_reactor=stub
grete|Grete Hansen|Tuesday|it compiled yesterday|ex1_nonblocking=ex1_nonblocking/build-missing-semicolon ex3_echo_server=ex3_echo_server/buffers-without-end
hiro|Hiro Tanaka|Tuesday|a thread for each is simpler|ex3_echo_server=ex3_echo_server/thread-per-client ex4_reactor=ex4_reactor/reactor-reads
LIST
}

roster() {
    echo 'username,first_name,last_name,email,section,github_id'
    students | while IFS='|' read -r account name section _; do
        echo "$account,${name%% *},${name#* },$account@example.org,$section,"
    done
}

# lay_out ACCOUNT DIFFERENCES: the submission in its working copy
lay_out() {
    copy=$scratch/copies/$1
    for folder in reference/ex*; do
        rm -rf "$copy/${folder#*/}"
        cp -r "$folder" "$copy/"
    done
    for part in $2; do
        [ "$part" != - ] || continue
        exercise=${part%%=*} from=tests/submissions/${part#*=}
        [ "${part#*=}" != stub ] || from=assignments/$exercise
        rm -rf "${copy:?}/$exercise"
        cp -r "$from" "$copy/$exercise"
        rm -f "$copy/$exercise/expect"
    done
}

# push ACCOUNT MESSAGE DIFFERENCES
push() {
    lay_out "$1" "$3"
    repo="git -C $scratch/copies/$1"
    $repo add -A
    $repo -c user.name="$1" -c user.email="$1@example.org" commit -q --allow-empty -m "$2"
    $repo push -q "http://$1:$(cat "$scratch/token.$1")@${url#http://}/git/$1.git" HEAD:main
}

# The push of one whose output is not shown: its last words, in one line.
push_quietly() {
    if push "$@" >"$scratch/push.$1" 2>&1; then
        printf '  %-8s%s of 100\n' "$1" "$(sed -n 's/^remote: *total *\([0-9.]*\) of.*/\1/p' "$scratch/push.$1")"
    else
        printf '  %-8s the push failed: %s\n' "$1" "$(tail -n 1 "$scratch/push.$1")"
        touch "$scratch/failed"
    fi
}

# --- the course ---

echo "== a course with $(students | wc -l) students in $scratch"
"$web" init "$course" >/dev/null
roster >"$scratch/class.csv"
"$web" roster import "$scratch/class.csv" --dir "$course" >/dev/null
"$web" set title "Lesson 8" --dir "$course"
"$web" staff add grace --role instructor --dir "$course" >/dev/null
mkdir "$scratch/copies"
students | while IFS='|' read -r account _; do
    "$web" token "$account" --dir "$course" >"$scratch/token.$account"
    git init -q -b main "$scratch/copies/$account"
done

: >"$scratch/out"
"$web" serve "$course" --listen 127.0.0.1:0 --workers "$(nproc)" --grader "$build/grader/grader" \
    >"$scratch/out" 2>"$scratch/err" &
server=$!
until grep -q ' at http' "$scratch/out"; do
    kill -0 "$server" 2>/dev/null || fail "the server did not start"
    sleep 0.05
done
url=$(sed -n 's/.* at \(http[^ ]*\).*/\1/p' "$scratch/out")
echo "== courseweb serves it at $url"

# --- the pushes ---

students >"$scratch/list"
IFS='|' read -r account name _ message parts <"$scratch/list"
shown=$account
echo "== ${name%% *}: git push $url/git/$account.git HEAD:main"
push "$account" "$message" "$parts" || fail "the first push failed"
echo "== the others push, $(nproc) graded at a time"
pushes=
while IFS='|' read -r account _ _ message parts; do
    [ -n "$account" ] || continue
    push_quietly "$account" "$message" "$parts" &
    pushes="$pushes $!"
done <<REST
$(sed 1d "$scratch/list")
REST
for push in $pushes; do
    wait "$push" || :
done
pushes=
if [ "$most" -ge 8 ]; then
    echo "== Hiro has read his report and pushes again"
    push_quietly hiro "the reactor only wakes" "ex3_echo_server=ex3_echo_server/thread-per-client"
fi
[ ! -e "$scratch/failed" ] || fail "not every push came through"

# --- what came of it ---

echo "== the class: grader scores --db $course/course.db"
"$build/grader/grader" scores --db "$course/course.db"
cat <<END

The class in a browser (this link signs in once, within the hour):
  $("$web" signin-link grace --dir "$course")
What a student sees: $url/signin
  name $shown  token $(cat "$scratch/token.$shown")
Another link: ${web#"$PWD/"} signin-link grace --dir $course

Ctrl-C ends the server and removes $scratch.
END
ended=0
wait "$server" || fail "the server ended by itself"
