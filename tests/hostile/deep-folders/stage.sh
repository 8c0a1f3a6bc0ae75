#!/bin/sh
# Folders in folders, as deep as a path can be.
d=d; i=0
while [ $i -lt 400 ]; do mkdir $d && cd $d || break; i=$((i + 1)); done
