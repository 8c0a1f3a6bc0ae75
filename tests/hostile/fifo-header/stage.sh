#!/bin/sh
# A header that is a pipe, and one that is a socket.
mkfifo later.h
echo '#include "later.h"' >a.c
echo 'int main(void) { return 0; }' >>a.c
