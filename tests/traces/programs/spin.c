/* Tries without a rest, on a connection that ioctl makes non-blocking. */
#include "common.h"

int main(void)
{
    char buf[1024];
    struct sockaddr_in at;
    int listener = listener_new(&at);
    int peer = peer_new(&at);
    int conn = accept4(listener, NULL, NULL, 0);
    ioctl(conn, FIONBIO, &(int){1});
    for (int i = 0; i < 40; i++)
        recv(conn, buf, sizeof buf, 0);
    ioctl(conn, FIONBIO, &(int){0});
    recv(conn, buf, sizeof buf, MSG_DONTWAIT);
    close(peer);
    recv(conn, buf, sizeof buf, MSG_PEEK);
    recv(conn, buf, sizeof buf, 0);
    return 3;
}
