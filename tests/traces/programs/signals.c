/* Signals in every kind of sleep: with a handler, with SA_RESTART, stopped and
 * continued; then the death by one that nobody handles. A child sends them. */
#include "common.h"

static int queue;

static void handler(int number)
{
    (void)number;
}

static void stop_me(void)
{
    pid_t me = getpid();
    if (fork() == 0) {
        rest(20);
        kill(me, SIGSTOP);
        rest(20);
        kill(me, SIGCONT);
        _exit(0);
    }
}

static void signal_me(void)
{
    pid_t me = getpid();
    if (fork() == 0) {
        rest(20);
        kill(me, SIGUSR1);
        _exit(0);
    }
}

int main(void)
{
    char buf[8];
    struct epoll_event got[4];
    int ends[2];
    struct timespec left;
    queue = epoll_create1(0);
    pipe(ends);
    struct epoll_event in = {.events = EPOLLIN, .data.fd = ends[0]};
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &in);
    signal(SIGUSR1, handler); /* SA_RESTART */
    stop_me();
    nanosleep(&(struct timespec){0, 80000000}, &left);
    wait(NULL);
    stop_me();
    epoll_wait(queue, got, 4, 80);
    wait(NULL);
    signal_me();
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){1, 0}, &left);
    wait(NULL);
    signal_me();
    poll(NULL, 0, 1000);
    wait(NULL);
    if (fork() == 0) {
        pid_t parent = getppid();
        rest(20);
        kill(parent, SIGUSR1);
        rest(20);
        write(ends[1], "x", 1);
        _exit(0);
    }
    read(ends[0], buf, 1);
    wait(NULL);
    signal_me();
    pause();
    wait(NULL);
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    signal_me();
    sigtimedwait(&usr1, NULL, &(struct timespec){1, 0});
    wait(NULL);
    signal_me();
    sigset_t none;
    sigemptyset(&none);
    sigsuspend(&none);
    wait(NULL);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 2000000;
    if (until.tv_nsec >= 1000000000)
        until.tv_sec++, until.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    raise(SIGTERM);
    return 0;
}
