#!/bin/sh
# A hard link to a file of root's, as a source and as a header, in a folder of someone else's.
ln "$CANARY_SECRET" nonblocking.c
ln "$CANARY_SECRET" secret.h
chown 65534 .
