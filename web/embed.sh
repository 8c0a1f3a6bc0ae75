#!/bin/sh
# Writes the files of a folder as C: embed.sh FOLDER > static.c
set -eu
folder=$1
echo '#include "static.h"'
list=
n=0
for file in "$folder"/*; do
    [ -f "$file" ] || continue
    echo "static const unsigned char bytes_$n[] = {"
    od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
    echo '0};'
    version=$(cksum <"$file" | cut -d' ' -f1)
    list="$list    {\"$(basename "$file")\", \"$version\", bytes_$n, sizeof bytes_$n - 1},
"
    n=$((n + 1))
done
echo 'const StaticFile static_files[] = {'
printf '%s' "$list"
echo '    {0, 0, 0, 0},'
echo '};'
echo "const int n_static_files = $n;"
