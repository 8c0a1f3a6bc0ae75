/* Prints without end. */
#include "serve.h"

int main(int argc, char **argv)
{
    static char block[65536];
    memset(block, 'x', sizeof block);
    listen_here(port_of(argc, argv));
    while (write(1, block, sizeof block) >= 0)
        ;
    return 0;
}
