/* Exercise 4: reactor and waker. Shared contract, "4 Reactor and waker". */
#include "exercises/chain_checks.h"
#include "exercises/common.h"

#define MARKED "data-later three-in-order two-at-once"

static void listening(const Facts *facts, Verdict *v)
{
    static const char *const scenarios[] = {"data-later", "data-at-once", "idle-watch"};
    judge_listening_in(facts, scenarios, 3, "data-served", v);
}

static const Check checks[] = {
    {.id = "build",
     .title = "Compiles without a warning",
     .halves = 2,
     .judge = judge_build,
     .with_behaviour = true,
     .why = "A warning is often the compiler's name for the bug you will look for later.",
     .look = "cc -std=gnu11 -Wall -Wextra -pthread -I ../include *.c"},
    {.id = "listening",
     .title = "Listens on 127.0.0.1 and says so at once",
     .halves = 2,
     .scenarios = "data-later data-at-once idle-watch",
     .judge = listening,
     .with_behaviour = true,
     .why = "Whoever starts a server must learn where it listens before it can connect; stdout "
            "to a pipe is buffered until you flush it.",
     .look = "./reactor 9000 | cat: the line must be there at once"},
    {.id = "data-served",
     .title = "Prints the data of each task behind its number",
     .halves = 6,
     .scenarios = "data-later data-at-once three-in-order idle-watch bytes interrupted",
     .judge = judge_data_served,
     .effect = true,
     .timed = true,
     .why = "However the work is divided among reactor, executor and future, the bytes must "
            "arrive: all of them, and under the right number.",
     .look = "./reactor 9000 2 and two nc 127.0.0.1 9000"},
    {.id = "arrival-order",
     .title = "Serves the tasks in the order of their data",
     .halves = 6,
     .scenarios = "three-in-order",
     .judge = judge_arrival_order,
     .effect = true,
     .timed = true,
     .why = "Whose data has come must not wait for somebody who is silent: that is what one "
            "thread for many connections is for.",
     .look = "./reactor 9000 3, three nc, and type in the second first"},
    {.id = "tries-first",
     .title = "A future's first poll tries the read",
     .halves = 4,
     .scenarios = "data-later data-at-once three-in-order two-at-once",
     .judge = judge_tries_first,
     .why = "The data may be there already, and then there is nothing to wait for.",
     .look = "strace -e trace=write,read,recvfrom,epoll_ctl ./reactor: a read behind \"poll 1\""},
    {.id = "registers-and-pends",
     .title = "Registers the connection, then returns PENDING",
     .halves = 6,
     .scenarios = MARKED,
     .judge = judge_registers_and_pends,
     .why = "PENDING is a promise: whoever returns it has seen to it that the waker will be woken. "
            "Nobody polls again by himself.",
     .look = "strace -e trace=write,read,epoll_ctl ./reactor: EAGAIN, epoll_ctl, \"pending 1\""},
    {.id = "reactor-wakes-only",
     .title = "On an event the reactor wakes its task, and does not read",
     .halves = 8,
     .scenarios = MARKED,
     .judge = judge_reactor_wakes_only,
     .why = "The reactor knows descriptors, the future knows what to do with them: so one reactor "
            "serves every kind of future.",
     .look = "strace -e trace=write,read,epoll_wait ./reactor: a \"wake K\" behind each event"},
    {.id = "polls-woken-only",
     .title = "The executor polls the tasks that were woken, and no others",
     .halves = 6,
     .scenarios = MARKED,
     .judge = judge_polls_woken_only,
     .why = "Polling everybody after each event is the busy-wait of exercise 1 again, the more "
            "tasks the worse.",
     .look = "strace -e trace=write ./reactor 9000 3: each \"poll K\" but the first has its wake"},
    {.id = "wake-is-not-poll",
     .title = "A wake queues its task and does not poll it",
     .halves = 2,
     .scenarios = "two-at-once",
     .judge = judge_wake_is_not_poll,
     .timed = true,
     .why =
         "A wake may come from anywhere, from another thread or within a poll: it says \"soon\", "
         "not \"now\".",
     .look = "gdb --args ./reactor, break on your future's poll, bt: no waker_wake() on the stack"},
    {.id = "sleeps-when-empty",
     .title = "Sleeps in the reactor when no task is queued, and only then",
     .halves = 4,
     .scenarios = "data-later two-at-once idle-watch",
     .judge = judge_sleeps_when_empty,
     .timed = true,
     .why = "An empty queue is when only the kernel can tell what to do next; a task in the queue "
            "need not wait for that.",
     .look = "strace -r -e trace=write,epoll_wait ./reactor: one wait, and nothing until the data"},
    {.id = "finishes-clean",
     .title = "Closes finished connections, and exits with 0 at the end",
     .halves = 2,
     .scenarios = "three-in-order data-later data-at-once idle-watch peer-gone",
     .judge = judge_finishes_clean,
     .timed = true,
     .why = "With the last task there is nobody left to wait for. And a finished one that leaves "
            "its connection behind leaks a descriptor; a reactor that still watches it wakes "
            "somebody who is gone.",
     .look = "ls -l /proc/$(pidof reactor)/fd while a task is still waiting"},
    {.id = "peer-gone",
     .title = "A task whose peer closes says so and finishes",
     .halves = 2,
     .scenarios = "peer-gone data-later",
     .judge = judge_task_peer_gone,
     .effect = true,
     .timed = true,
     .why = "A read that returns 0 is the end of the stream: who waits on waits for ever.",
     .look = "./reactor 9000 2, two nc, Ctrl-C in one of them"},
};

const Exercise exercise_ex4_reactor = {
    .id = "ex4_reactor",
    .program = "reactor",
    .title = "Reactor and waker",
    .checks = checks,
    .n_checks = sizeof checks / sizeof *checks,
};
