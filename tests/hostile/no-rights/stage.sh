#!/bin/sh
# Nobody may read it.
echo 'int main(void) { return 0; }' >a.c
chmod 000 a.c
