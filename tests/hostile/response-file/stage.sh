#!/bin/sh
# Names that a compiler could take for options, and options in a file.
echo '-o /tmp/x -fplugin=/tmp/y' >args
echo 'int main(void) { return 0; }' >@args.c
echo 'int g(void) { return 0; }' >-include.c
echo 'all: ; touch FORGED' >Makefile
echo 'int h;' >.hidden.c
