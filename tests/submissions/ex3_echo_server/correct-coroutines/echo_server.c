#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>
static void die(const char *w) {
    perror(w);
    exit(1);
}

static volatile sig_atomic_t stop;
static void on_stop(int s) {
    (void)s;
    stop = 1;
}

static int listen_on(int argc, char **argv) {
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    struct sigaction sa = {.sa_handler = on_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 128))
        die("bind");
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return s;
}

/* A coroutine for each client, on a stack of its own; the loop resumes whom the kernel names.
 * Edge-triggered, oneshot re-armed by whoever waits. */
enum { STACK = 64 * 1024, CHUNK = 8192 };
typedef struct Conn {
    int fd;
    uint32_t token;
    ucontext_t here;
    bool over;
    char stack[STACK];
} Conn;
static Conn *map[1 << 16];
static ucontext_t loop_context;
static uint32_t next_token = 1;
static int ep, lfd, spare;
static void await(Conn *c, uint32_t ev) {
    struct epoll_event e = {.events = ev | EPOLLONESHOT, .data.u32 = c->token};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    swapcontext(&c->here, &loop_context);
}

static void client(unsigned hi, unsigned lo) {
    Conn *c = (Conn *)((uintptr_t)hi << 32 | lo);
    char buf[CHUNK];
    for (;;) {
        ssize_t n = read(c->fd, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            await(c, EPOLLIN);
            continue;
        }
        if (n <= 0)
            break;
        ssize_t done = 0;
        while (done < n) {
            ssize_t put = write(c->fd, buf + done, n - done);
            if (put < 0 && errno == EAGAIN) {
                await(c, EPOLLOUT);
                continue;
            }
            if (put < 0)
                goto out;
            done += put;
        }
    }
out:
    c->over = true;
}

static void resume(Conn *c) {
    swapcontext(&loop_context, &c->here);
    if (c->over) {
        map[c->token] = NULL;
        close(c->fd);
        free(c);
    }
}

static void take(void) {
    int fd;
    while ((fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK)) >= 0 || errno == EMFILE) {
        if (fd < 0) {
            close(spare);
            fd = accept(lfd, NULL, NULL);
            if (fd >= 0)
                close(fd);
            spare = dup(ep);
            if (fd < 0)
                return;
            continue;
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Conn *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->token = next_token++;
        map[c->token] = c;
        struct epoll_event e = {.events = EPOLLONESHOT, .data.u32 = c->token};
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
        getcontext(&c->here);
        c->here.uc_stack.ss_sp = c->stack;
        c->here.uc_stack.ss_size = STACK;
        c->here.uc_link = &loop_context;
        makecontext(&c->here, (void (*)(void))client, 2, (unsigned)((uintptr_t)c >> 32),
                    (unsigned)(uintptr_t)c);
        resume(c);
    }
}

int main(int argc, char **argv) {
    lfd = listen_on(argc, argv);
    ep = epoll_create1(0);
    spare = dup(ep);
    struct epoll_event ev[64], e = {.events = EPOLLIN | EPOLLET, .data.u32 = 0};
    epoll_ctl(ep, EPOLL_CTL_ADD, lfd, &e);
    while (!stop) {
        int n = epoll_wait(ep, ev, 64, -1);
        for (int i = 0; i < n; i++)
            if (ev[i].data.u32 == 0)
                take();
            else if (map[ev[i].data.u32])
                resume(map[ev[i].data.u32]);
    }
    return 0;
}
