/* Says that it listens, and has no socket. */
#include "serve.h"

int main(int argc, char **argv)
{
    printf("listening on 127.0.0.1:%d\nWouldBlock\nWouldBlock\nhello\ncpu_us 500\n",
           port_of(argc, argv));
    fflush(stdout);
    for (;;)
        pause();
}
