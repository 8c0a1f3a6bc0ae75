/* Calls that a trace keeps, each with as much text as it keeps, until the end. */
#include "serve.h"

int main(int argc, char **argv)
{
    static char block[1100];
    memset(block, '\001', sizeof block);
    listen_here(port_of(argc, argv));
    for (;;) {
        write(1, block, sizeof block);
        write(2, block, sizeof block);
    }
}
