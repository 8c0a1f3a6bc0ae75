/* The lesson's code, line by line, in C: Token(0) is the listener, Token(next_id) a connection. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    uint64_t token;
    int fd;
} Entry;

static Entry connections[4096];
static int n_connections;

static void register_fd(int poll, int fd, uint64_t token)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0)
        err(1, "register");
}

static Entry *get(uint64_t token)
{
    for (int i = 0; i < n_connections; i++)
        if (connections[i].token == token)
            return &connections[i];
    return NULL;
}

int main(int argc, char **argv)
{
    int poll = epoll_create1(0);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int reuse = 1;
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof addr;
    addr.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, 128) < 0)
        err(1, "bind");
    getsockname(listener, (struct sockaddr *)&addr, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);

    register_fd(poll, listener, 0);
    uint64_t next_id = 1;
    struct epoll_event events[128];
    for (;;) {
        int n = epoll_wait(poll, events, 128, -1);
        for (int i = 0; i < n; i++) {
            uint64_t token = events[i].data.u64;
            if (token == 0) {
                int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (conn < 0)
                    err(1, "accept");
                register_fd(poll, conn, next_id);
                connections[n_connections++] = (Entry){next_id++, conn};
                continue;
            }
            Entry *entry = get(token);
            char buf[1024];
            ssize_t got = read(entry->fd, buf, sizeof buf);
            if (got > 0) {
                if (write(entry->fd, buf, got) < 0)
                    perror("write");
            } else {
                epoll_ctl(poll, EPOLL_CTL_DEL, entry->fd, NULL);
                close(entry->fd);
                *entry = connections[--n_connections];
            }
        }
    }
}
