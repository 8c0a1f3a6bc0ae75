/*
 * Staged beside every hostile program. What it tries, and then an honest
 * exercise 1: an attack that changes nothing costs nothing.
 *
 * canary.h is made by the test: CANARY_MARK begins every secret and every name
 * of a file that an attack makes; CANARY_FILES lists the paths of the secrets;
 * CANARY_PORT, CANARY_SOCKET and CANARY_PID are the host's listeners and process.
 */
#ifndef SERVE_H
#define SERVE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "canary.h"
#include "cpu.h"

#define UNUSED __attribute__((unused))

/* The test finds these lines in the trace: that the attack ran, and that it got through. */
UNUSED static void tried(const char *what)
{
    dprintf(2, "TRIED %s\n", what);
}

UNUSED static void escaped(const char *what)
{
    dprintf(2, "ESCAPED %s\n", what);
}

/* For what must fail: a result that is not negative is an escape. */
UNUSED static void must_fail(long result, const char *what)
{
    if (result >= 0)
        escaped(what);
}

/* Shows a file's beginning on stderr; a secret in it is found there. */
UNUSED static int show(const char *path)
{
    char text[900];
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n > 0 && write(2, text, (size_t)n) < 0)
        errno = 0;
    if (fd >= 0)
        close(fd);
    return n > 0;
}

UNUSED static int listen_here(int port)
{
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0 || listen(fd, 8) < 0)
        exit(1);
    socklen_t len = sizeof here;
    getsockname(fd, (struct sockaddr *)&here, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return fd;
}

UNUSED static int port_of(int argc, char **argv)
{
    return argc > 1 ? atoi(argv[1]) : 9000;
}

UNUSED static int serve(int argc, char **argv)
{
    char data[4096];
    ssize_t n;
    struct timespec pause = {0, 100 * 1000 * 1000};
    int listener = listen_here(port_of(argc, argv)), fd;
    while ((fd = accept(listener, NULL, NULL)) < 0 && errno == EINTR)
        ;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while ((n = read(fd, data, sizeof data)) < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (errno == EAGAIN)
            puts("WouldBlock");
        nanosleep(&pause, NULL);
    }
    if (n <= 0)
        return 1;
    fwrite(data, 1, (size_t)n, stdout);
    printf("\ncpu_us %ld\n", cpu_us());
    return 0;
}

#endif
