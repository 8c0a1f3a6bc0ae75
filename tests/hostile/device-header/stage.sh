#!/bin/sh
# A header that never ends.
mknod zero.h c 1 5
echo '#include "zero.h"' >a.c
