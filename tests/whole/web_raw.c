/*
 * Bytes at an HTTP server as no client sends them.
 *
 *   web_raw send PORT           sends standard input, prints the first line that comes back
 *                               ("-" if none does), waits for no more than 20 s
 *   web_raw trickle PORT N      N connections, each a request that never ends, one byte at
 *                               a time, until it is killed; prints how many are open, first
 *                               after the headers' beginning, then when it has changed
 *   web_raw wait SOCKET JOB N   N guests at the server's local door that wait for a job; prints
 *                               "waiting", and how many were let go, and stays until it is killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 4000, PATIENCE_S = 20, HEARD_MS = 20000, SILENCE_MS = 1000 };

static int connected(int port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        perror("web_raw: connect");
        exit(1);
    }
    return fd;
}

static int send_input(int port)
{
    static char bytes[65536];
    ssize_t n;
    int fd = connected(port);
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        if (send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
            break; /* refused in the middle: what was answered counts */
    shutdown(fd, SHUT_WR);
    size_t len = 0;
    while (len < sizeof bytes - 1 && (n = recv(fd, bytes + len, sizeof bytes - 1 - len, 0)) > 0)
        len += (size_t)n;
    bytes[len] = '\0';
    bytes[strcspn(bytes, "\r\n")] = '\0';
    puts(*bytes ? bytes : "-");
    return 0;
}

static void trickle(int port, int n)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    static int fds[MOST];
    struct rlimit limit = {MOST + 64, MOST + 64};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < n; i++)
        fds[i] = connected(port);
    for (size_t at = 0, said = 0;; at++) {
        char byte = at < sizeof request - 1 ? request[at] : 'a';
        size_t open = 0;
        for (int i = 0; i < n; i++)
            open += send(fds[i], &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
        if (at < sizeof request)
            continue;
        if (open != said)
            printf("%zu trickle\n", said = open), fflush(stdout);
        usleep(200000);
    }
}

/* Reads all that comes until nothing has for `silence_ms`; true: the other side has hung up. */
static int let_go(int fd, int silence_ms)
{
    char bytes[4096];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (poll(&ready, 1, silence_ms) > 0)
        if (recv(fd, bytes, sizeof bytes, 0) <= 0)
            return 1;
    return 0;
}

static void wait_at_door(const char *path, const char *job, int n)
{
    static int fds[MOST];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct rlimit limit = {MOST + 64, MOST + 64};
    int gone = 0;
    setrlimit(RLIMIT_NOFILE, &limit);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    for (int i = 0; i < n; i++) {
        fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fds[i], (struct sockaddr *)&name, sizeof name) != 0) {
            perror("web_raw: the door");
            exit(1);
        }
        dprintf(fds[i], "watch %s\n", job);
    }
    /* Who came last is heard last: then the others have been. */
    for (int i = n - 1; i >= 0 && let_go(fds[i], i == n - 1 ? HEARD_MS : SILENCE_MS); i--)
        gone++;
    printf("waiting, and %d let go\n", gone);
    fflush(stdout);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "send") == 0)
        return send_input(atoi(argv[2]));
    if (argc == 4 && strcmp(argv[1], "trickle") == 0 && atoi(argv[3]) <= MOST)
        trickle(atoi(argv[2]), atoi(argv[3]));
    if (argc == 5 && strcmp(argv[1], "wait") == 0 && atoi(argv[4]) <= MOST)
        wait_at_door(argv[2], argv[3], atoi(argv[4]));
    fputs("web_raw send PORT | trickle PORT N | wait SOCKET JOB N\n", stderr);
    return 2;
}
