#!/bin/sh
# Its own task.h, mark.h, cpu.h, and headers named as the system's.
for h in task.h mark.h cpu.h stdio.h stdint.h stdc-predef.h; do echo '#error ESCAPED' >$h; done
echo '#include "cpu.h"' >a.c
echo '#include <stdio.h>' >>a.c
echo 'int main(void) { return cpu_us() < 0; }' >>a.c
