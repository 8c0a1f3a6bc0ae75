#!/bin/sh
# Prints the registry as C: one entry for each grader/exercises/exN_*.c, with
# the scenarios in the folder of the same name and the table of checks in the
# exercise's README ("looks for"), and the course's headers. A new exercise is
# new files and no other change.
#   registry.sh EXERCISES_DIR ASSIGNMENTS_DIR
set -eu
exercises=$1
assignments=$2
include=$2/include

tab=$(printf '\t')

literal() { # the file as C string literals, one a line
    sed "s/\\\\/\\\\\\\\/g; s/\"/\\\\\"/g; s/$tab/\\\\t/g; s/.*/    \"&\\\\n\"/" "$1"
}

# | `CHECK` | POINTS | what it looks for |
looks_for() { # a student may have thrown the README away
    [ ! -f "$1" ] || awk -F ' \\| ' '
        /^\| `[a-z0-9-]+` \| [0-9]+ \| / {
            id = $1; text = $0
            sub(/^\| `/, "", id); sub(/`$/, "", id)
            sub(/^\| [^|]* \| [0-9]+ \| /, "", text); sub(/ \|$/, "", text)
            gsub(/`/, "", text); gsub(/\\/, "", text); gsub(/"/, "\\\"", text)
            printf "  {\"%s\", %d, \"%s\"},\n", id, 2 * $2, text
        }' "$1"
}

echo '/* Made by grader/exercises/registry.sh. */'
echo '#include "build.h"'
echo '#include "rubric.h"'
for file in "$exercises"/ex*.c; do
    id=$(basename "$file" .c)
    echo
    echo "extern const Exercise exercise_$id;"
    echo "static const Scenario scenarios_$id[] = {"
    for script in "$exercises/$id"/*.peer; do
        echo "  {\"$(basename "$script" .peer)\","
        literal "$script"
        echo "  },"
    done
    echo "};"
    echo "static const LooksFor looks_$id[] = {"
    looks_for "$assignments/$id/README.md"
    echo '  {NULL, 0, NULL}};'
done
echo
echo 'const Course course[] = {'
for file in "$exercises"/ex*.c; do
    id=$(basename "$file" .c)
    echo "  {&exercise_$id, scenarios_$id, sizeof scenarios_$id / sizeof *scenarios_$id, looks_$id},"
done
echo '};'
echo 'const int course_len = sizeof course / sizeof *course;'
echo
echo 'const CourseHeader course_headers[] = {'
for file in "$include"/*.h; do
    echo "  {\"$(basename "$file")\","
    literal "$file"
    echo "  },"
done
echo '};'
echo 'const int course_headers_len = sizeof course_headers / sizeof *course_headers;'
