/* Killed while one thread waits, one sleeps and one reads: nothing returns. */
#include "common.h"

static int ends[2];

static void *reader(void *none)
{
    char buf[8];
    read(ends[0], buf, sizeof buf);
    return none;
}

static void *killer(void *none)
{
    rest(30);
    kill(getpid(), SIGKILL);
    return none;
}

int main(void)
{
    struct epoll_event got[4], in = {.events = EPOLLIN, .data.u64 = 1};
    int queue = epoll_create1(0);
    pthread_t first, second;
    pipe(ends);
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &in);
    pthread_create(&first, NULL, reader, NULL);
    pthread_create(&second, NULL, killer, NULL);
    epoll_wait(queue, got, 4, 5000);
    return 0;
}
