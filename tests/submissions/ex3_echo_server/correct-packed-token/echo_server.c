/* The token in the low half of epoll's data, the descriptor in the high half: it finds the place in
 * the table, and the token says whether it is still the same client. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096, OWED_MOST = 40000 };

typedef struct {
    uint32_t token; /* 0: nobody */
    uint32_t owed;
    char *bytes; /* OWED_MOST of them while anything is owed */
} Client;

static Client table[MOST];
static int ep, door;
static int door_open;

static void set(int op, int fd, uint32_t token, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.u64 = (uint64_t)fd << 32 | token};
    epoll_ctl(ep, op, fd, &ev);
}

static void open_door(void)
{
    if (!door_open)
        set(EPOLL_CTL_ADD, door, 0, EPOLLIN);
    door_open = 1;
}

static void goodbye(int fd)
{
    free(table[fd].bytes);
    table[fd] = (Client){0};
    close(fd);
    open_door();
}

static ssize_t tell(int fd, char *bytes, size_t n)
{
    struct iovec part = {bytes, n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

static void serve(int fd)
{
    static char common[OWED_MOST];
    Client *c = &table[fd];
    if (!c->bytes) {
        struct iovec part = {common, sizeof common};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t n = recvmsg(fd, &message, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        ssize_t sent = n > 0 ? tell(fd, common, n) : -1;
        if (sent < 0) {
            goodbye(fd);
        } else if (sent < n) {
            c->bytes = malloc(OWED_MOST);
            c->owed = n - sent;
            memcpy(c->bytes, common + sent, c->owed);
            set(EPOLL_CTL_MOD, fd, c->token, EPOLLOUT);
        }
        return;
    }
    ssize_t sent = tell(fd, c->bytes, c->owed);
    if (sent < 0) {
        goodbye(fd);
        return;
    }
    c->owed -= sent;
    memmove(c->bytes, c->bytes + sent, c->owed);
    if (c->owed == 0) {
        free(c->bytes);
        c->bytes = NULL;
        set(EPOLL_CTL_MOD, fd, c->token, EPOLLIN);
    }
}

static void let_in(void)
{
    static uint32_t tokens;
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= MOST) {
        close(fd);
    } else if (fd >= 0) {
        table[fd].token = ++tokens;
        set(EPOLL_CTL_ADD, fd, tokens, EPOLLIN);
    } else if (errno == EMFILE || errno == ENFILE) {
        set(EPOLL_CTL_DEL, door, 0, 0);
        door_open = 0;
    }
}

static void leave(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t len = sizeof here;
    int yes = 1;
    here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    signal(SIGTERM, leave);
    signal(SIGINT, leave);
    door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (struct sockaddr *)&here, len) || listen(door, 2000)) {
        perror("listen");
        return 1;
    }
    getsockname(door, (struct sockaddr *)&here, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);

    ep = epoll_create1(EPOLL_CLOEXEC);
    open_door();
    for (;;) {
        struct epoll_event events[200];
        int n = epoll_pwait2(ep, events, 200, NULL, NULL);
        for (int i = 0; i < n; i++) {
            uint32_t token = events[i].data.u64;
            int fd = events[i].data.u64 >> 32;
            if (token == 0)
                let_in();
            else if (table[fd].token == token)
                serve(fd);
        }
    }
}
