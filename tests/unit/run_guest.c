/*
 * A program for test_run.c to run in the sandbox: its name says how it
 * behaves. The test compiles it with cc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int listen_at(unsigned long address, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    a.sin_addr.s_addr = htonl((unsigned)address);
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 16) < 0)
        _exit(99);
    return fd;
}

static void say(int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    getsockname(fd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
}

static void use_cpu(int ms)
{
    while (clock() < (clock_t)ms * (CLOCKS_PER_SEC / 1000))
        continue;
}

/* Accepts, prints what comes, and the CPU time; returns the status. */
static int serve(int listener)
{
    char bytes[4096];
    int fd = accept(listener, NULL, NULL);
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n <= 0)
        return 4;
    fwrite(bytes, 1, (size_t)n, stdout);
    printf("cpu_us %ld\n", (long)clock());
    return 0;
}

static int flood(void)
{
    static char bytes[65536];
    memset(bytes, 'x', sizeof bytes);
    while (write(1, bytes, sizeof bytes) > 0)
        continue;
    return 5;
}

/* What is done before it listens; does not return where it never does. */
static void before(const char *how)
{
    if (strcmp(how, "dies") == 0)
        exit(3);
    if (strcmp(how, "aborts") == 0)
        abort();
    if (strcmp(how, "never") == 0)
        pause();
    if (strcmp(how, "floods") == 0)
        exit(flood());
    if (strcmp(how, "lies") == 0) {
        fputs("bwrap: Can't mount proc\nexec\n", stderr);
        exit(1);
    }
    if (strcmp(how, "renamed") == 0)
        prctl(PR_SET_NAME, "bwrap");
    if (strcmp(how, "kills") == 0)
        kill(-1, SIGKILL);
}

int main(int argc, char **argv)
{
    const char *how = strrchr(argv[0], '/') + 1;
    int port = argc > 1 ? atoi(argv[1]) : 9000;
    before(how);
    for (int other = 1; strcmp(how, "many") == 0 && other <= 3; other++) {
        listen_at(INADDR_LOOPBACK, port + other);
        listen_at(INADDR_LOOPBACK, port - other);
    }
    int fd = listen_at(strcmp(how, "anywhere") == 0 ? INADDR_ANY : INADDR_LOOPBACK, port);
    if (strcmp(how, "late") == 0)
        use_cpu(100);
    if (strcmp(how, "unflushed") == 0)
        printf("listening on 127.0.0.1:%d\n", port);
    else if (strcmp(how, "mute") != 0)
        say(fd);
    if (strcmp(how, "crashes") == 0 && accept(fd, NULL, NULL) > 0)
        raise(SIGSEGV);
    if (strcmp(how, "stays") == 0)
        for (serve(fd);;)
            pause();
    if (strcmp(how, "spawns") == 0 && fork() == 0)
        for (;;)
            pause();
    return serve(fd);
}
