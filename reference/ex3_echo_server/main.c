/*
 * Exercise 3: an echo server for any number of clients at once, in one thread.
 *
 *     echo_server [PORT]          9000 if left out; 0: any free port
 *
 * Serves until SIGTERM or SIGINT. Exit status: 0; 1 if it can't go on.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "echo_server.h"

static in_port_t port_argument(int argc, char **argv)
{
    if (argc < 2)
        return 9000;
    char *end;
    long port = strtol(argv[1], &end, 10);
    if (argc > 2 || end == argv[1] || *end != '\0' || port < 0 || port > 65535)
        errx(EXIT_FAILURE, "usage: %s [PORT]", argv[0]);
    return (in_port_t)port;
}

/* A socket that listens on 127.0.0.1:port and does not block; stdout says so. */
static int listen_on(in_port_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        err(EXIT_FAILURE, "socket");

    /* The last run's connections may hold the port for a minute; take it all the same. */
    int yes = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(EXIT_FAILURE, "setsockopt");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) == -1 ||
        listen(listener, SOMAXCONN) == -1)
        err(EXIT_FAILURE, "127.0.0.1:%d", port);

    int flags = fcntl(listener, F_GETFL);
    if (flags == -1 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) == -1)
        err(EXIT_FAILURE, "fcntl");

    /* If the kernel was to choose the port, this is where it says which. */
    if (getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        err(EXIT_FAILURE, "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout); /* in a pipe's buffer the line would stay, and somebody waits for it */
    return listener;
}

/* The soft limit is often 1,024 descriptors. A program may raise it to the hard one. */
static void allow_many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return;
    limit.rlim_cur = 10240; /* macOS says RLIM_INFINITY, and then allows only so many */
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    allow_many_descriptors();
    Server server;
    if (server_init(&server) == -1)
        err(EXIT_FAILURE, "server_init");
    int listener = listen_on(port_argument(argc, argv));
    if (server_run(&server, listener) == -1)
        err(EXIT_FAILURE, "server_run");
    return EXIT_SUCCESS;
}
