#!/bin/sh
# A source that is /dev/zero, a header that is the disk.
mknod nonblocking.c c 1 5
mknod disk.h b 254 0
