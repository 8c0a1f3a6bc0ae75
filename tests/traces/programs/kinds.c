/* Descriptors that are no sockets, and marks beside lookalikes. */
#include "common.h"

int main(void)
{
    uint64_t count = 1;
    struct signalfd_siginfo info;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    read(timer, &count, 8);
    timerfd_settime(timer, 0, &(struct itimerspec){.it_value = {0, 1000000}}, NULL);
    rest(3);
    read(timer, &count, 8);
    int event = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
    write(event, &count, 8);
    read(event, &count, 8);
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    int signals = signalfd(-1, &usr1, SFD_CLOEXEC);
    signalfd(signals, &usr1, 0);
    raise(SIGUSR1);
    read(signals, &info, sizeof info);
    write(-1, "poll 1", 6);
    write(-2, "wake 1", 6);
    write(77, "wake 2", 6);
    write(1, "wake 3", 6);
    write(-1, "pending \"1\"", 11);
    abort();
}
