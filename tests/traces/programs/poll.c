/* poll and select in every form, and those of them that only pass time. */
#include "common.h"

int main(void)
{
    char buf[64];
    struct sockaddr_in at;
    int listener = listener_new(&at);
    struct pollfd on[2] = {{listener, POLLIN, 0}, {-1, POLLIN, 0}};
    poll(on, 2, 1);
    int peer = peer_new(&at);
    poll(on, 1, -1);
    int conn = accept(listener, NULL, NULL);
    on[1] = (struct pollfd){conn, POLLIN | POLLOUT | POLLRDHUP, 0};
    ppoll(on, 2, &(struct timespec){1, 0}, NULL);
    on[1].fd = 900;
    poll(on, 2, 100);
    poll(NULL, 0, 2);
    ppoll(NULL, 0, &(struct timespec){0, 2000000}, NULL);

    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(conn, &in);
    FD_SET(listener, &in);
    FD_SET(conn, &out);
    select(conn + 1, &in, &out, NULL, &(struct timeval){1, 0});
    FD_ZERO(&in);
    FD_SET(conn, &in);
    select(conn + 1, &in, NULL, NULL, &(struct timeval){0, 2000});
    FD_SET(conn, &in);
    write(peer, "x", 1);
    pselect(conn + 1, &in, NULL, NULL, NULL, NULL);
    select(0, NULL, NULL, NULL, &(struct timeval){0, 2000});
    FD_ZERO(&in);
    select(1, &in, NULL, NULL, &(struct timeval){0, 2000});
#ifdef SYS_select
    FD_SET(conn, &in);
    syscall(SYS_select, conn + 1, &in, NULL, NULL, &(struct timeval){1, 0});
#endif
    read(conn, buf, sizeof buf);
    close(peer);
    on[0].fd = conn;
    poll(on, 1, -1);
    return 0;
}
