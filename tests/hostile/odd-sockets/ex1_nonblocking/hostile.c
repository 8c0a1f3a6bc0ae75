/* Sockets of every family but the usual three, raw ones, netlink, vsock, packet. */
#include "serve.h"

static void attack(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
    for (int family = 0; family < 64; family++)
        for (int t = 0; t < 4; t++) {
            if (family == AF_UNIX ||
                ((family == AF_INET || family == AF_INET6) && types[t] != SOCK_RAW))
                continue;
            int fd = socket(family, types[t], 0);
            if (fd >= 0)
                dprintf(2, "ESCAPED socket family %d type %d\n", family, types[t]);
            must_fail(socket(family, types[t], 255), "a raw socket");
        }
    must_fail(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "ICMP");
    tried("sockets");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
