/* Never reads what it is sent, and sends its peer all it takes. */
#include "serve.h"

int main(int argc, char **argv)
{
    static char block[1 << 20];
    int listener = listen_here(port_of(argc, argv)), size = 4 << 20;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        for (int i = 0; i < 100000 && write(fd, block, sizeof block) > 0; i++)
            ;
    }
}
