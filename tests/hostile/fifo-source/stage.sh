#!/bin/sh
# A source that is a pipe: whoever opens it waits for ever.
mkfifo nonblocking.c
