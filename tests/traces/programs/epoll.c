/* Every form of epoll: tokens of 32 and 64 bits, several events, all waits. */
#include "common.h"

static void add(int queue, int op, int fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = {.events = events, .data.u64 = token};
    epoll_ctl(queue, op, fd, &event);
}

int main(void)
{
    char buf[64];
    struct sockaddr_in at;
    struct epoll_event got[8];
    int queue = epoll_create1(EPOLL_CLOEXEC);
    int listener = listener_new(&at);
    add(queue, EPOLL_CTL_ADD, listener, EPOLLIN, 0);
    int a = peer_new(&at), b = peer_new(&at);
    epoll_wait(queue, got, 8, -1);
    int one = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int two = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    /* Only the low half is set: the rest is what lay on the stack. */
    struct epoll_event part;
    memset(&part, 0x5a, sizeof part);
    part.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    part.data.u32 = 1;
    epoll_ctl(queue, EPOLL_CTL_ADD, one, &part);
    add(queue, EPOLL_CTL_ADD, two, EPOLLIN | EPOLLONESHOT, (uint64_t)(uintptr_t)&part);
    add(queue, EPOLL_CTL_ADD, two, EPOLLIN, 9); /* EEXIST */
    epoll_wait(queue, got, 8, 0);
    write(a, "one", 3);
    write(b, "two", 3);
    epoll_wait(queue, got, 8, 1000);
    read(one, buf, sizeof buf);
    read(one, buf, sizeof buf);
    read(two, buf, sizeof buf);
    add(queue, EPOLL_CTL_MOD, two, EPOLLIN | EPOLLOUT, 2);
    epoll_pwait(queue, got, 8, 10, NULL);
    epoll_pwait2(queue, got, 8, &(struct timespec){1, 500}, NULL);
    epoll_pwait2(queue, got, 8, NULL, NULL);
    epoll_ctl(queue, EPOLL_CTL_DEL, two, NULL);
    close(b);
    read(two, buf, sizeof buf);
    close(two);
    close(a);
    epoll_pwait2(queue, got, 8, NULL, NULL);
    epoll_wait(queue, got, 8, 5);
    read(one, buf, sizeof buf);
    close(one);
    epoll_wait(-1, got, 8, 5);
    close(queue);
    return 0;
}
