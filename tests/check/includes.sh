#!/bin/sh
# Who may include whom (shared design: rooms). A room is a folder or a family
# of files; the table says which rooms its files may name in `#include "..."`.
# Fails with file:line for an include that is not in the table.
#
#   includes.sh [TOP]     of the repository at TOP, by default this one
#
# One awk(1) for all: a process for each include takes minutes where fork(2) is dear.
set -eu
cd "${1:-$(dirname "$0")/../..}"

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
heartbeat  heartbeat probe base
wake       wake base
peer       peer observation probe heartbeat wake base
run        run observation peer sandbox probe heartbeat wake trace base
build      build rubric sandbox wake result base
exercises  exercises rubric observation result trace base
grade      grade build run rubric observation peer sandbox probe symbol heartbeat trace result base
report     report result base
store      store report result course_rules base
upload     upload result base
course_load course_load course_rules rubric base
commands   commands grade report store upload result course_rules peer rubric build sandbox probe trace run observation heartbeat base
main       commands base
TABLE
}

{
    rules | sed 's/^/RULE /'
    find grader web assignments reference -name '*.[ch]' | sort | sed 's/^/FILE /'
    find grader web assignments reference -name '*.[ch]' -exec grep -n '^#include "' /dev/null {} + |
        sort -t: -k1,1 -k2,2n | sed 's/^\([^:]*\):\([0-9]*\):#include "\([^"]*\)".*/INCLUDE \1 \2 \3/'
} | awk '
# The room of a path below grader/, as a name of the table.
function room(path) {
    if (path ~ /^(base|trace|peer|exercises|report|commands|setup)\//)
        return substr(path, 1, index(path, "/") - 1)
    if (path ~ /^(grade|timeline)/) return "grade"
    if (path ~ /^(store|scores)/) return "store"
    if (path == "main.c") return "main"
    if (match(path, /^(result|rubric|observation|probe|sandbox|symbol|heartbeat|wake|run|build|course_rules|course_load|upload)/))
        return substr(path, 1, RLENGTH)
    return "unknown"
}
function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
function below(path) { sub(/^[^\/]*\//, "", path); return path }
function complain(why) { print $2 ":" $3 ": " why > "/dev/stderr"; bad = 1 }
function key(own) { return own == "observation" ? "observe" : own == "course_rules" ? "store" : own }
function allows(list, name) { return index(" " list " ", " " room(name) " ") > 0 }

$1 == "RULE" { name = $2; $1 = $2 = ""; may[name] = $0; next }
$1 == "FILE" {
    there[$2] = 1
    if ($2 ~ /^grader\// && room(below($2)) != "setup" && !(key(room(below($2))) in may)) {
        print $2 ": no room of the design; give it one in tests/check/includes.sh" > "/dev/stderr"
        bad = 1
    }
    next
}
{ seen++ }
$2 ~ /^grader\// {
    own = room(below($2))
    if (own != "setup" && (key(own) in may) && !allows(may[key(own)], $4))
        complain("the " own " room may not include \"" $4 "\" (it may:" may[key(own)] ")")
    next
}
# The server may use of the grader its base, results, store and reports; a page only
# what it is shown by its contract.
$2 ~ /^web\// {
    page = $2 ~ /^web\/pages\//
    list = page ? "base result" : "base result report store course_rules"
    own = page ? "web/pages" : "web"
    if ((own "/" $4) in there || ($4 ~ /^pages\// && ("web/" $4) in there)) next
    if (!(("grader/" $4) in there) && (folder($2) "/" $4) in there) next
    if (!allows(list, $4)) complain("the web room may not include \"" $4 "\" (it may: " list ")")
    next
}
# Programs of the course stand alone: their own folder and the course headers.
$2 ~ /^(assignments|reference)\/[^\/]*\/[^\/]*$/ {
    if (!((folder($2) "/" $4) in there) && !(("assignments/include/" $4) in there))
        complain("\"" $4 "\" is neither beside it nor in assignments/include")
}
END { if (seen < 100) { print "includes.sh: only " seen " includes were found" > "/dev/stderr"; bad = 1 } exit bad }
'
