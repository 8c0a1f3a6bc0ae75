/* Out into the world: the host's loopback, its sockets, the network. */
#include "serve.h"

#include <stddef.h>

static void knock(uint32_t address, int port, int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(address);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    connect(fd, (struct sockaddr *)&to, sizeof to);
    sendto(fd, "out", 3, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
    close(fd);
}

static void knock_unix(const char *path, int abstract)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + abstract, path, sizeof to.sun_path - 2);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
    must_fail(connect(fd, (struct sockaddr *)&to, len), path);
    close(fd);
}

static void attack(void)
{
    static const uint32_t where[] = {INADDR_LOOPBACK, 0x7f000002, 0x0a000001, 0xac110001,
                                     0xc0a80001,      0x01010101, 0xa9fea9fe, INADDR_BROADCAST,
                                     0xe0000001,      0};
    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        knock(where[i], CANARY_PORT, SOCK_STREAM);
        knock(where[i], CANARY_PORT, SOCK_DGRAM);
        knock(where[i], 80, SOCK_STREAM);
        knock(where[i], 53, SOCK_DGRAM);
    }
    knock_unix(CANARY_SOCKET, 0);
    knock_unix(CANARY_SOCKET, 1);
    knock_unix("/run/docker.sock", 0);
    knock_unix("/run/dbus/system_bus_socket", 0);
    tried("the network");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
