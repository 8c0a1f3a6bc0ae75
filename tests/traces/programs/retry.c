/* Exercise 1 in small: three tries, then data with a NUL in it. */
#include "common.h"

int main(void)
{
    char buf[1024];
    struct sockaddr_in at;
    int listener = listener_new(&at);
    int peer = peer_new(&at);
    int conn = accept(listener, NULL, NULL);
    fcntl(conn, F_SETFL, fcntl(conn, F_GETFL) | O_NONBLOCK);
    for (int i = 0; i < 3; i++) {
        if (read(conn, buf, sizeof buf) < 0 && errno == EAGAIN)
            printf("WouldBlock\n");
        rest(2);
    }
    write(peer, "a\0001\"\\\n\377>", 8);
    if (read(conn, buf, sizeof buf) == 8)
        printf("data\n");
    return 0;
}
