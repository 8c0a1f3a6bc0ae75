#!/bin/sh
# A source of 8 GB that takes no room, a header of as much, a folder of many megabytes.
truncate -s 8G huge.c
truncate -s 8G huge.h
i=0
while [ $i -lt 40 ]; do truncate -s 1M part$i.h; i=$((i + 1)); done
