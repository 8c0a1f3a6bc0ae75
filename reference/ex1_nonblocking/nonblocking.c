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
    // BEGIN SOLUTION
    int connection;
    do
        connection = accept(listener, NULL, NULL);
    while (connection == -1 && errno == EINTR);
    if (connection == -1)
        err(EXIT_FAILURE, "accept");

    int flags = fcntl(connection, F_GETFL);
    if (flags == -1 || fcntl(connection, F_SETFL, flags | O_NONBLOCK) == -1)
        err(EXIT_FAILURE, "fcntl");
    return connection;
    // END SOLUTION
    // STUB: // TODO 1 (nonblocking, 4 points; no-readiness, 2 points): accept a connection; if
    // STUB: // a signal interrupts accept (EINTR), accept again. Set O_NONBLOCK on the connection
    // STUB: // itself, beside the flags that it has already. Return it. Ask no epoll, poll or
    // STUB: // select about it: they belong to exercise 2.
    // STUB: errx(EXIT_FAILURE, "TODO 1: accept a connection from descriptor %d", listener);
}

/* Tries to read until there is data; returns how many bytes of it are in `buffer`. */
static size_t read_patiently(int connection, char *buffer, size_t size)
{
    // BEGIN SOLUTION
    const struct timespec retry = {.tv_nsec = 100 * 1000 * 1000};
    for (;;) {
        ssize_t got = read(connection, buffer, size);
        if (got > 0)
            return (size_t)got;
        if (got == 0)
            errx(EXIT_FAILURE, "the peer closed before it sent anything");
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            err(EXIT_FAILURE, "read");
        puts("WouldBlock");
        nanosleep(&retry, NULL); /* a signal may end it early: then the next try comes early */
    }
    // END SOLUTION
    // STUB: ssize_t got = read(connection, buffer, size);
    // STUB: // TODO 2 (would-block-line, peer-gone; 2 points each): put the read into a loop. It
    // STUB: // can end in five ways:
    // STUB: //   > 0                        data: return how many bytes
    // STUB: //   0                          the peer has closed: errx(EXIT_FAILURE, ...)
    // STUB: //   -1, EAGAIN or EWOULDBLOCK  nothing yet: print the line WouldBlock, go on
    // STUB: //   -1, EINTR                  a signal came: go on, there is nothing to say
    // STUB: //   -1, any other errno        a real error: err(EXIT_FAILURE, "read")
    // STUB: //
    // STUB: // TODO 3 (retry-interval, 3 points): sleep 100 ms (nanosleep) after each
    // STUB: // WouldBlock. A signal may end the sleep early (EINTR): trying early and sleeping
    // STUB: // the rest are both right.
    // STUB: err(EXIT_FAILURE, "TODO 2: read returned %zd", got);
}

/* All the bytes, whatever they are, and a line end behind them if they have none. */
static void print_data(const char *data, size_t size)
{
    // BEGIN SOLUTION
    fwrite(data, 1, size, stdout);
    if (data[size - 1] != '\n')
        putchar('\n');
    // END SOLUTION
    // STUB: // TODO 4 (data-whole, 3 points; interrupted, 1 point): write these bytes to
    // STUB: // stdout, and nothing else. They are no C string: NULs may be among them, and none
    // STUB: // is at the end. Add a line end if they do not end with one.
    // STUB: errx(EXIT_FAILURE, "TODO 4: print %zu bytes from %p on", size, (const void *)data);
}

int main(int argc, char **argv)
{
    int listener = listen_on(port_argument(argc, argv));
    int connection = accept_connection(listener);

    char buffer[4096];
    size_t size = read_patiently(connection, buffer, sizeof buffer);
    print_data(buffer, size);
    // BEGIN SOLUTION
    printf("cpu_us %ld\n", cpu_us());
    // END SOLUTION
    // STUB: // TODO 5 (cpu-honest, 1 point): print the line `cpu_us N`; cpu_us() says N.

    close(connection);
    close(listener);
    if (fflush(stdout) == EOF || ferror(stdout))
        err(EXIT_FAILURE, "stdout");
    return EXIT_SUCCESS;
}
