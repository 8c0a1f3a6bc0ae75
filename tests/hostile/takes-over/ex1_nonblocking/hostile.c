/* The listener lives on in a forked child; the program itself ends at once. */
#include "serve.h"

int main(int argc, char **argv)
{
    listen_here(port_of(argc, argv));
    if (fork() == 0)
        for (;;)
            pause();
    return 0;
}
