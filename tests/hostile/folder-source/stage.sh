#!/bin/sh
# A source that is a folder.
mkdir nonblocking.c
