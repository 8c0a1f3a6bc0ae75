/* The heartbeat: what it notes when the whole process is stopped, and when it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "heartbeat.h"

static void sleep_ms(int ms)
{
    struct timespec t = {.tv_nsec = ms * NS_PER_MS};
    nanosleep(&t, NULL);
}

static void not_running(void **state)
{
    (void)state;
    heartbeat_stop();
    int64_t now = clock_real_ns();
    assert_int_equal(heartbeat_late_ns(now - NS_PER_S, now), 0);
}

static void starts_once(void **state)
{
    (void)state;
    Fault fault = {{0}};
    assert_int_equal(heartbeat_start(&fault), 0);
    assert_int_equal(heartbeat_start(&fault), 0);
    heartbeat_stop();
    heartbeat_stop();
}

/* 0 if the child saw the stop as lateness; another number says what was wrong. */
static int be_stopped(int ready)
{
    if (heartbeat_start(NULL))
        return 2;
    sleep_ms(30);
    int64_t before = clock_real_ns();
    if (write(ready, "", 1) != 1)
        return 3;
    while (clock_real_ns() - before < 100 * NS_PER_MS) /* stopped in here */
        sleep_ms(1);
    int64_t after = clock_real_ns(), middle = before + 60 * NS_PER_MS;
    int64_t late = heartbeat_late_ns(before, after);
    if (late < 80 * NS_PER_MS || late > after - before)
        return 4;
    /* Of a lateness only what lies in the window counts. */
    if (heartbeat_late_ns(middle, middle + 20 * NS_PER_MS) > 20 * NS_PER_MS)
        return 5;
    if (heartbeat_late_ns(after + NS_PER_S, after + 2 * NS_PER_S) != 0)
        return 6;
    heartbeat_stop();
    /* Still known; noted at its waking now, and not as of when it was asked for. */
    return heartbeat_late_ns(before, after) >= 80 * NS_PER_MS ? 0 : 7;
}

static void a_stop_is_lateness(void **state)
{
    (void)state;
    int pipe_fds[2], status;
    char byte;
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(be_stopped(pipe_fds[1]));
    }
    assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
    kill(child, SIGSTOP);
    sleep_ms(150);
    kill(child, SIGCONT);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void burn_ms(int ms)
{
    for (int64_t end = clock_mono_ns() + ms * NS_PER_MS; clock_mono_ns() < end;)
        ;
}

/* On one core with another that wants it all the time: 0 if about half of the time was waiting. */
static int share_a_core(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one))
        return 2;
    pid_t rival = fork();
    if (rival == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            ;
    }
    if (heartbeat_start(NULL))
        return 3;
    int64_t before = clock_real_ns();
    burn_ms(400);
    int64_t after = clock_real_ns(), starved = heartbeat_starved_ns(before, after);
    kill(rival, SIGKILL);
    waitpid(rival, NULL, 0);
    if (starved < 100 * NS_PER_MS || starved > after - before)
        return 4;
    return heartbeat_starved_ns(after + NS_PER_S, after + 2 * NS_PER_S) == 0 ? 0 : 5;
}

static void a_rival_for_the_core_is_noted(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(share_a_core());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static volatile sig_atomic_t got_in_main;
static pthread_t main_thread;

static void on_signal(int number)
{
    (void)number;
    got_in_main = pthread_equal(pthread_self(), main_thread) ? 1 : -1;
}

static void signals_are_for_the_main_thread(void **state)
{
    (void)state;
    sigset_t usr1, old;
    main_thread = pthread_self();
    signal(SIGUSR1, on_signal);
    assert_int_equal(heartbeat_start(NULL), 0);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, &old); /* only the other thread could take it now */
    kill(getpid(), SIGUSR1);
    sleep_ms(30);
    assert_int_equal(got_in_main, 0);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert_int_equal(got_in_main, 1);
    heartbeat_stop();
    signal(SIGUSR1, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_running),
        cmocka_unit_test(a_stop_is_lateness),
        cmocka_unit_test(a_rival_for_the_core_is_noted),
        cmocka_unit_test(starts_once),
        cmocka_unit_test(signals_are_for_the_main_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
