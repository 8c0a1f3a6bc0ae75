#!/bin/sh
# Prints the registry as C: one entry for each grader/exercises/exN_*.c, with
# the scenarios in the folder of the same name, and the course's headers. A new
# exercise is new files and no other change.
#   registry.sh EXERCISES_DIR INCLUDE_DIR
set -eu
exercises=$1
include=$2

tab=$(printf '\t')

literal() { # the file as C string literals, one a line
    sed "s/\\\\/\\\\\\\\/g; s/\"/\\\\\"/g; s/$tab/\\\\t/g; s/.*/    \"&\\\\n\"/" "$1"
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
done
echo
echo 'const Course course[] = {'
for file in "$exercises"/ex*.c; do
    id=$(basename "$file" .c)
    echo "  {&exercise_$id, scenarios_$id, sizeof scenarios_$id / sizeof *scenarios_$id},"
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
