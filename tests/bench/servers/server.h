/*
 * What the echo servers of the bench share: each is an event library's own
 * way of doing what reference/ex3_echo_server does. They print the line that
 * the exercise asks for, and serve until they are killed.
 */
#ifndef TESTS_BENCH_SERVERS_SERVER_H
#define TESTS_BENCH_SERVERS_SERVER_H

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_MOST = 64 * 1024 };

/* One for all: it is empty between two turns. */
static char bytes[READ_MOST];

/* What a write did not take. */
typedef struct Debt {
    char *bytes; /* NULL: nothing is owed */
    size_t length, paid;
} Debt;

static inline void allow_many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static inline void print_port(int listener)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        err(1, "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

/* A non-blocking socket that listens on any port of 127.0.0.1, and says so. */
static inline int listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener == -1 || bind(listener, (struct sockaddr *)&address, sizeof address) == -1 ||
        listen(listener, SOMAXCONN) == -1)
        err(1, "listen");
    print_port(listener);
    return listener;
}

/* The next client, non-blocking and without Nagle's delay; -1: none. */
static inline int accept_client(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

static inline bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* Both return false if the client is to be disconnected. */
static inline bool pay(int fd, Debt *debt)
{
    ssize_t put = write(fd, debt->bytes + debt->paid, debt->length - debt->paid);
    if (put == -1)
        return would_block();
    debt->paid += (size_t)put;
    if (debt->paid == debt->length) {
        free(debt->bytes);
        debt->bytes = NULL;
    }
    return true;
}

static inline bool echo(int fd, Debt *debt)
{
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0)
        return got == -1 && would_block();
    ssize_t put = write(fd, bytes, (size_t)got);
    if (put == -1 && !would_block())
        return false;
    put = put == -1 ? 0 : put;
    if (put < got) {
        *debt = (Debt){malloc((size_t)(got - put)), (size_t)(got - put), 0};
        memcpy(debt->bytes, bytes + put, debt->length);
    }
    return true;
}

#endif
