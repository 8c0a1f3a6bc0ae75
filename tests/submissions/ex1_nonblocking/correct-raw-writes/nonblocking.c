#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"

#define DIE(what) do { perror(what); exit(EXIT_FAILURE); } while (0)

static void put(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, text, size);

        if (n == -1 && errno != EINTR)
            _exit(EXIT_FAILURE);
        if (n > 0) {
            text += n;
            size -= n;
        }
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = { 0 };
    socklen_t size = sizeof me;
    int one = 1;
    int s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP);

    if (s == -1)
        DIE("socket");
    me.sin_family = AF_INET;
    me.sin_port = htons(argc == 2 ? strtoul(argv[1], NULL, 10) : 9000);
    inet_pton(AF_INET, "127.0.0.1", &me.sin_addr);
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == -1)
        DIE("setsockopt");
    if (bind(s, (void *)&me, sizeof me) == -1)
        DIE("bind");
    if (listen(s, SOMAXCONN) == -1)
        DIE("listen");
    if (getsockname(s, (void *)&me, &size) == -1)
        DIE("getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(me.sin_port));
    fflush(stdout);

    char buf[4096], line[64];
    ssize_t got;
    int c = accept(s, NULL, NULL);

    if (c == -1 || fcntl(c, F_SETFL, fcntl(c, F_GETFL) | O_NONBLOCK) == -1)
        DIE("accept");
again:
    got = read(c, buf, sizeof buf);
    if (got == -1 && errno == EINTR)
        goto again;
    if (got == -1 && errno == EAGAIN) {
        put("WouldBlock\n", 11);
        usleep(100 * 1000);
        goto again;
    }
    if (got == -1)
        DIE("read");
    if (got == 0)
        _exit(EXIT_FAILURE);
    put(buf, got);
    if (buf[got - 1] != '\n')
        put("\n", 1);
    put(line, snprintf(line, sizeof line, "cpu_us %ld\n", cpu_us()));
    _exit(EXIT_SUCCESS);
}
