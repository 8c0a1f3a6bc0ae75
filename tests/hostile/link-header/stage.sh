#!/bin/sh
# Headers that are links to secrets.
ln -s "$CANARY_SECRET" secret.h
ln -s /etc/passwd passwd.h
ln -s / root
cat >a.c <<'END'
#include "secret.h"
#include "passwd.h"
#include "root/etc/passwd"
int main(void) { return 0; }
END
