#!/bin/sh
# Five thousand sources.
i=0
while [ $i -lt 5000 ]; do : >f$i.c; i=$((i + 1)); done
