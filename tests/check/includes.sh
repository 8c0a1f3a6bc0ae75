#!/bin/sh
# Who may include whom (shared design: rooms). A room is a folder or a family
# of files; the table says which rooms its files may name in `#include "..."`.
# Fails with file:line for an include that is not in the table.
set -eu
cd "$(dirname "$0")/../.."

rules() {
    cat <<'TABLE'
base       base
trace      trace base
result     result base
rubric     rubric observation result base
observe    observation probe trace base
probe      probe sandbox base
sandbox    sandbox probe base
symbol     symbol trace base
heartbeat  heartbeat base
peer       peer observation probe heartbeat base
run        run observation peer sandbox probe heartbeat trace base
build      build rubric sandbox result base
exercises  exercises rubric observation result trace base
grade      grade build run rubric observation peer sandbox probe symbol heartbeat trace result base
report     report result base
store      store report result course_rules base
course_load course_load course_rules rubric base
commands   commands grade report store result course_rules peer rubric build sandbox probe trace run observation heartbeat base
main       commands
TABLE
}

# The room of a path below grader/, as a name of the table.
room() {
    case $1 in
    base/* | trace/* | peer/* | exercises/* | report/* | commands/*) echo "${1%%/*}" ;;
    setup/*) echo setup ;;
    result*) echo result ;;
    rubric*) echo rubric ;;
    observation*) echo observation ;;
    probe*) echo probe ;;
    sandbox*) echo sandbox ;;
    symbol*) echo symbol ;;
    heartbeat*) echo heartbeat ;;
    run*) echo run ;;
    build*) echo build ;;
    grade* | timeline*) echo grade ;;
    store* | scores*) echo store ;;
    course_rules*) echo course_rules ;;
    course_load*) echo course_load ;;
    main.c) echo main ;;
    *) echo "unknown" ;;
    esac
}

bad=0
for file in $(cd grader && find . -name '*.[ch]' | sed 's|^\./||' | sort); do
    own=$(room "$file")
    [ "$own" != setup ] || continue
    key=$own
    [ "$own" != observation ] || key=observe
    [ "$own" != course_rules ] || key=store
    allowed=$(rules | awk -v room="$key" '$1 == room { $1 = ""; print $0 " " }')
    if [ -z "$allowed" ]; then
        echo "grader/$file: no room of the design; give it one in tests/check/includes.sh" >&2
        bad=1
        continue
    fi
    grep -n '^#include "' "grader/$file" | sed 's/:#include "/ /; s/".*//' | while read -r line name; do
        case " $allowed " in
        *" $(room "$name") "*) ;;
        *)
            echo "grader/$file:$line: the $own room may not include \"$name\" (it may:$allowed)" >&2
            echo bad
            ;;
        esac
    done | grep -q bad && bad=1
done

# The server may use of the grader its base, results, store and reports; a page only
# what it is shown by its contract.
for file in $(find web -name '*.[ch]' | sort); do
    case $file in
    web/pages/*) allowed='base result' own='web/pages' ;;
    *) allowed='base result report store course_rules' own='web' ;;
    esac
    grep -n '^#include "' "$file" | sed 's/:#include "/ /; s/".*//' | while read -r line name; do
        [ ! -e "$own/$name" ] || continue
        case $name in pages/*) [ ! -e "web/$name" ] || continue ;; esac
        [ -e "grader/$name" ] || [ ! -e "$(dirname "$file")/$name" ] || continue
        case " $allowed " in
        *" $(room "$name") "*) ;;
        *)
            echo "$file:$line: the web room may not include \"$name\" (it may: $allowed)" >&2
            echo bad
            ;;
        esac
    done | grep -q bad && bad=1
done

# Programs of the course stand alone: their own folder and the course's headers.
for file in assignments/*/*.[ch] reference/*/*.[ch]; do
    [ -e "$file" ] || continue
    grep -n '^#include "' "$file" | sed 's/:#include "/ /; s/".*//' | while read -r line name; do
        [ -e "$(dirname "$file")/$name" ] || [ -e "assignments/include/$name" ] || {
            echo "$file:$line: \"$name\" is neither beside it nor in assignments/include" >&2
            echo bad
        }
    done | grep -q bad && bad=1
done
exit $bad
