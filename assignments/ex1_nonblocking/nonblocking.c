/*
 * Exercise 1: read a connection without ever being blocked by it.
 *
 *     nonblocking [PORT]          9000 if left out; 0: any free port
 *
 * Accepts one connection and tries to read it every 100 ms until there is
 * data. Prints the data and the CPU time used. Exit status: 0; 1 if something
 * failed or the peer left without sending.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"

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

/* A socket that listens on 127.0.0.1:port, and says so on stdout. */
static int listen_on(in_port_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        err(EXIT_FAILURE, "socket");

    /* The last run's connection may hold the port for a minute; take it all the same. */
    int yes = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(EXIT_FAILURE, "setsockopt");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, 1) == -1)
        err(EXIT_FAILURE, "127.0.0.1:%d", port);

    /* If the kernel was to choose the port, this is where it says which. */
    if (getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        err(EXIT_FAILURE, "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout); /* in a pipe's buffer the line would stay, and somebody waits for it */
    return listener;
}

/* The first connection that comes, made non-blocking. */
static int accept_connection(int listener)
{
    // TODO 1 (nonblocking, 4 points; no-readiness, 2 points): accept a connection; if
    // a signal interrupts accept (EINTR), accept again. Set O_NONBLOCK on the connection
    // itself, beside the flags that it has already. Return it. Ask no epoll, poll or
    // select about it: they belong to exercise 2.
    errx(EXIT_FAILURE, "TODO 1: accept a connection from descriptor %d", listener);
}

/* Tries to read until there is data; returns how many bytes of it are in `buffer`. */
static size_t read_patiently(int connection, char *buffer, size_t size)
{
    ssize_t got = read(connection, buffer, size);
    // TODO 2 (would-block-line, peer-gone; 2 points each): put the read into a loop. It
    // can end in five ways:
    //   > 0                        data: return how many bytes
    //   0                          the peer has closed: errx(EXIT_FAILURE, ...)
    //   -1, EAGAIN or EWOULDBLOCK  nothing yet: print the line WouldBlock, go on
    //   -1, EINTR                  a signal came: go on, there is nothing to say
    //   -1, any other errno        a real error: err(EXIT_FAILURE, "read")
    //
    // TODO 3 (retry-interval, 3 points): sleep 100 ms (nanosleep) after each
    // WouldBlock. A signal may end the sleep early (EINTR): trying early and sleeping
    // the rest are both right.
    err(EXIT_FAILURE, "TODO 2: read returned %zd", got);
}

/* All the bytes, whatever they are, and a line end behind them if they have none. */
static void print_data(const char *data, size_t size)
{
    // TODO 4 (data-whole, 3 points; interrupted, 1 point): write these bytes to
    // stdout, and nothing else. They are no C string: NULs may be among them, and none
    // is at the end. Add a line end if they do not end with one.
    errx(EXIT_FAILURE, "TODO 4: print %zu bytes from %p on", size, (const void *)data);
}

int main(int argc, char **argv)
{
    int listener = listen_on(port_argument(argc, argv));
    int connection = accept_connection(listener);

    char buffer[4096];
    size_t size = read_patiently(connection, buffer, sizeof buffer);
    print_data(buffer, size);
    // TODO 5 (cpu-honest, 1 point): print the line `cpu_us N`; cpu_us() says N.

    close(connection);
    close(listener);
    if (fflush(stdout) == EOF || ferror(stdout))
        err(EXIT_FAILURE, "stdout");
    return EXIT_SUCCESS;
}
