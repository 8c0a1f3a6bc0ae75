#!/bin/sh
# Such names in an honest program, with a warning and a failing call in each.
name=$(printf 'x\n::error::FORGED\033[31m.c')
cat >"$name" <<'END'
#include "serve.h"
int main(int argc, char **argv)
{
    int unused_variable_here;
    char data[10];
    int fd = accept(listen_here(port_of(argc, argv)), 0, 0);
    return read(fd, data, sizeof data) > 0; /* ::error::FORGED </script> */
}
END
