#!/bin/sh
# A source that is a link to a secret.
ln -s "$CANARY_SECRET" nonblocking.c
ln -s /etc/shadow shadow.c
