/*
 * A program that spins: exercise 1 without the sleep and the WouldBlock lines. `grader trace`
 * draws it beside the others, for comparison; nobody should copy it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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
    fflush(stdout); /* into a pipe it would wait for more, and somebody waits for this line */
    return listener;
}

/* The first connection that comes, made non-blocking. */
static int accept_connection(int listener)
{
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
}

/* Tries to read, and tries, and tries, until there is data; returns how many bytes of it are
 * in `buffer`. */
static size_t read_spinning(int connection, char *buffer, size_t size)
{
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
    }
}

/* All the bytes, whatever they are, and a line end behind them if they have none. */
static void print_data(const char *data, size_t size)
{
    fwrite(data, 1, size, stdout);
    if (data[size - 1] != '\n')
        putchar('\n');
}

int main(int argc, char **argv)
{
    int listener = listen_on(port_argument(argc, argv));
    int connection = accept_connection(listener);

    char buffer[4096];
    size_t size = read_spinning(connection, buffer, sizeof buffer);
    print_data(buffer, size);
    printf("cpu_us %ld\n", cpu_us());

    close(connection);
    close(listener);
    if (fflush(stdout) == EOF || ferror(stdout))
        err(EXIT_FAILURE, "stdout");
    return EXIT_SUCCESS;
}
