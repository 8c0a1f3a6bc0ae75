/* All the ways to move bytes. */
#include "common.h"
#include <sys/sendfile.h>

int main(void)
{
    char buf[64], more[64];
    struct sockaddr_in at;
    int ends[2], pair[2];
    int listener = listener_new(&at);
    int peer = peer_new(&at);
    int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    pipe2(ends, O_NONBLOCK);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    struct iovec one[2] = {{buf, 2}, {more, 62}};
    struct iovec out[2] = {{(void *)"ab", 2}, {(void *)"cdef", 4}};
    writev(peer, out, 2);
    readv(conn, one, 2);
    send(peer, "send", 4, MSG_NOSIGNAL);
    struct msghdr get = {.msg_iov = one, .msg_iovlen = 2};
    recvmsg(conn, &get, MSG_DONTWAIT);
    struct msghdr put = {.msg_iov = out, .msg_iovlen = 2};
    sendmsg(peer, &put, 0);
    splice(conn, NULL, ends[1], NULL, 64, SPLICE_F_NONBLOCK);
    splice(conn, NULL, ends[1], NULL, 64, SPLICE_F_NONBLOCK);
    splice(ends[0], NULL, peer, NULL, 64, 0);
    struct mmsghdr many[2] = {{put, 0}, {put, 0}};
    sendmmsg(pair[0], many, 2, 0);
    struct mmsghdr gets[2] = {{get, 0}, {get, 0}};
    recvmmsg(pair[1], gets, 2, 0, NULL);
    int file = open("/proc/self/exe", O_RDONLY);
    sendfile(conn, file, NULL, 3);
    preadv2(peer, one, 2, -1, 0);
    pwritev2(peer, out, 1, -1, 0);
    char long_line[200];
    memset(long_line, 'l', sizeof long_line);
    write(peer, long_line, sizeof long_line);
    char large[300];
    read(conn, large, sizeof large);
    recvfrom(conn, buf, sizeof buf, 0, NULL, NULL);
    return 0;
}
