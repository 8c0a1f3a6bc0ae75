#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"

#define DIE(what) do { perror(what); exit(EXIT_FAILURE); } while (0)

static void hello(int number)
{
    (void)number;
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

    struct timespec tenth = { 0, 100000000 };
    char buf[1024];
    ssize_t got;
    int c = accept(s, NULL, NULL);

    signal(SIGUSR1, hello);
    if (c == -1 || fcntl(c, F_SETFL, O_NONBLOCK) == -1)
        DIE("accept");
    while ((got = read(c, buf, sizeof buf)) == -1) {
        if (errno != EAGAIN)
            DIE("read");
        puts("WouldBlock");
        if (nanosleep(&tenth, NULL) == -1)
            DIE("nanosleep");
    }
    if (got == 0)
        exit(EXIT_FAILURE);
    fwrite(buf, got, 1, stdout);
    if (buf[got - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    return EXIT_SUCCESS;
}
