#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DIE(what) do { perror(what); exit(EXIT_FAILURE); } while (0)

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

    char buf[65536];
    ssize_t got;
    int c = accept(s, NULL, NULL);

    if (c == -1 || fcntl(c, F_SETFL, O_NONBLOCK) == -1)
        DIE("accept");
    for (;;) {
        struct timeval tenth = { 0, 100000 };

        got = recvfrom(c, buf, sizeof buf, 0, NULL, NULL);
        if (got >= 0)
            break;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            DIE("recvfrom");
        puts("WouldBlock");
        select(0, NULL, NULL, NULL, &tenth);
    }
    if (got == 0)
        exit(EXIT_FAILURE);
    fwrite(buf, got, 1, stdout);
    if (buf[got - 1] != '\n')
        putchar('\n');
    printf("cpu_us %.0f\n", (double)clock() * 1e6 / CLOCKS_PER_SEC);
    return EXIT_SUCCESS;
}
