/* What lines say together: sleeps that a signal ends, threads, descriptors, stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>

#include "base/buf.h"
#include "strace_lines.h"

static void a_stopped_sleep_is_one_sleep(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN
        "7 2.0 poll([{fd=4<socket:[1]>, events=POLLIN}], 1, 9000) = ? ERESTART_RESTARTBLOCK "
        "(Interrupted by signal) <0.500000000>\n"
        "7 2.5 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
        "7 2.5 --- stopped by SIGSTOP ---\n"
        "7 3.0 --- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
        "7 3.0 restart_syscall(<... resuming interrupted poll ...>) = ? ERESTART_RESTARTBLOCK "
        "(Interrupted by signal) <0.100000000>\n"
        "7 3.2 restart_syscall(<... resuming interrupted restart_syscall ...> <unfinished ...>\n"
        "7 4.0 <... restart_syscall resumed>) = 1 <0.800000000>\n"
        "7 5.0 restart_syscall(<... resuming interrupted poll ...>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 5);
    const Event *wait = trace_at(parsed.trace, 1), *wake = trace_at(parsed.trace, 4);
    assert_int_equal(trace_at(parsed.trace, 0)->kind, EV_WATCH);
    assert_int_equal(wait->kind, EV_WAIT);
    assert_int_equal(wait->result, 1);
    assert_int_equal(wait->error, 0);
    assert_int_equal(wait->flags, EVF_RESTARTED);
    assert_int_equal(wait->end_ns, 4000000000);
    assert_int_equal(wait->timeout_ns, 9000000000);
    assert_int_equal(trace_at(parsed.trace, 2)->signal, SIGSTOP);
    assert_int_equal(trace_at(parsed.trace, 3)->signal, SIGCONT);
    assert_int_equal(wake->kind, EV_WAKE);
    assert_int_equal(wake->fd, 4);
    assert_int_equal(wake->flags, EVF_READABLE);
    trace_free(parsed.trace);
}

static void a_handler_ends_a_sleep(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN "7 2.0 nanosleep({tv_sec=1, tv_nsec=0}, 0x1) = ? ERESTART_RESTARTBLOCK (Int) <0.5>\n"
            "7 2.5 --- SIGUSR1 {si_signo=SIGUSR1} ---\n"
            "7 2.6 read(4<socket:[1]>, 0x1, 5) = -1 EAGAIN (Resource temporarily unavailable)\n"
            "7 2.7 restart_syscall(<... resuming interrupted read ...>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 3);
    assert_int_equal(trace_at(parsed.trace, 0)->error, EINTR);
    assert_int_equal(trace_at(parsed.trace, 0)->result, -1);
    assert_int_equal(trace_at(parsed.trace, 2)->error, EAGAIN);
    trace_free(parsed.trace);
}

/* clone3 is refused in the sandbox: threads come out of clone, and often speak before it returns. */
static void children_may_be_first(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN
        "7 1.1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD <unfinished ...>\n"
        "8 1.2 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0) = 5<socket:[9]>\n"
        "7 1.3 <... clone resumed>, parent_tid=[3 /* 8 in strace's PID NS */]) = 3 /* 8 in "
        "strace's PID NS */\n"
        "7 1.4 vfork( <unfinished ...>\n"
        "9 1.5 close(5<socket:[9]>) = 0\n"
        "9 1.6 +++ exited with 0 +++\n"
        "7 1.7 <... vfork resumed>) = 4 /* 9 in strace's PID NS */\n"
        "8 1.8 +++ exited with 0 +++\n"
        "7 1.9 read(5<socket:[9]>, \"\", 9) = 0\n");
    assert_int_equal(parsed.odd, 0);
    const Event *spawn = trace_at(parsed.trace, 0);
    assert_int_equal(spawn->kind, EV_SPAWN);
    assert_int_equal(spawn->result, 8);
    assert_true(spawn->flags & EVF_THREAD);
    assert_int_equal(trace_at(parsed.trace, 1)->thread, 8);
    assert_int_equal(trace_at(parsed.trace, 1)->process, 7);
    size_t from = 0;
    const Event *close = trace_next(parsed.trace, &from, EV_CLOSE, 0);
    assert_int_equal(close->process, 9);
    assert_false(close->flags & EVF_LAST);
    from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_READ, 0)->object, close->object);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 1);
    trace_free(parsed.trace);
}

/* --- without strace's translation: proc(5) is asked --- */

static StraceOrigin origins[10]; /* by thread; process 0: gone */

static bool origin_of(int thread, StraceOrigin *origin)
{
    *origin = thread < 10 ? origins[thread] : (StraceOrigin){0};
    return origin->process != 0;
}

static Parsed parse_inside(const char *text)
{
    return parse_asking(text, strlen(text), origin_of);
}

#define TWO_THREADS_AND_A_PROCESS                                                                  \
    RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 5<socket:[1]>\n"                                  \
        "7 1.2 clone(child_stack=0x1, flags=CLONE_FILES|CLONE_THREAD) = 3\n"                       \
        "7 1.2 clone(child_stack=0x1, flags=CLONE_FILES|CLONE_THREAD) = 4\n"                       \
        "7 1.3 fork() = 5\n"                                                                       \
        "7 1.4 close(5<socket:[1]>) = 0\n"

/* Thread 8 never says anything: who is heard first need not be the oldest. */
static void what_returned_a_number_is_found_by_it(void **state)
{
    (void)state;
    memset(origins, 0, sizeof origins);
    origins[9] = (StraceOrigin){7, 1, 4};
    origins[6] = (StraceOrigin){6, 7, 5};
    Parsed parsed = parse_inside(TWO_THREADS_AND_A_PROCESS
                                 "6 1.5 read(5<socket:[1]>, \"\", 9) = 0\n"
                                 "9 1.6 socket(AF_INET, SOCK_STREAM, 0) = 6<socket:[2]>\n"
                                 "6 1.7 +++ exited with 0 +++\n");
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    const Event *read = trace_next(parsed.trace, &from, EV_READ, 0);
    assert_int_equal(read->process, 6);
    /* As it was when it was forked: closed by the parent since then. */
    assert_int_equal(trace_object(parsed.trace, read->object)->kind, OBJECT_SOCKET);
    from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_SPAWN, 0)->result, -1);
    assert_int_equal(trace_next(parsed.trace, &from, EV_SPAWN, 0)->result, 9);
    assert_int_equal(trace_next(parsed.trace, &from, EV_SPAWN, 0)->result, 6);
    assert_int_not_equal(trace_lookup(parsed.trace, 7, 6),
                         0); /* the thread's socket is its process's */
    assert_int_equal(trace_object(parsed.trace, read->object)->names, 0);
    trace_free(parsed.trace);
}

static void who_speaks_before_clone_returns_is_its_parents(void **state)
{
    (void)state;
    memset(origins, 0, sizeof origins);
    origins[8] = (StraceOrigin){8, 7, 3};
    origins[9] = (StraceOrigin){9, 8, 4};
    Parsed parsed = parse_inside(RUN "7 1.1 fork( <unfinished ...>\n"
                                     "8 1.2 fork( <unfinished ...>\n"
                                     "9 1.3 socket(AF_INET, SOCK_STREAM, 0) = 3<socket:[1]>\n"
                                     "8 1.4 <... fork resumed>) = 4\n"
                                     "7 1.5 <... fork resumed>) = 3\n"
                                     "9 1.6 +++ exited with 0 +++\n"
                                     "8 1.7 +++ exited with 0 +++\n");
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_SPAWN, 0)->result, 8);
    const Event *inner = trace_next(parsed.trace, &from, EV_SPAWN, 0);
    assert_int_equal(inner->process, 8);
    assert_int_equal(inner->result, 9);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 2);
    trace_free(parsed.trace);
}

static void who_has_gone_is_the_oldest_unheard_of(void **state)
{
    (void)state;
    memset(origins, 0, sizeof origins);
    Parsed parsed = parse_inside(RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 5<socket:[1]>\n"
                                     "7 1.3 fork() = 3\n"
                                     "7 1.4 close(5<socket:[1]>) = 0\n"
                                     "8 1.5 +++ exited with 0 +++\n"); /* its only line */
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 1);
    assert_int_equal(trace_object(parsed.trace, trace_objects(parsed.trace))->names, 0);
    trace_free(parsed.trace);
}

static void what_was_made_is_bounded(void **state)
{
    (void)state;
    Buf text;
    memset(origins, 0, sizeof origins);
    buf_init(&text, 1 << 20);
    buf_str(&text, RUN);
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "7 1.1 fork() = %d\n", 3 + i);
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "%d 1.2 pause( <unfinished ...>\n", 10 + i);
    Parsed parsed = parse_asking(text.data, text.len, origin_of);
    assert_int_equal(trace_count(parsed.trace, EV_SPAWN), 2000);
    trace_free(parsed.trace);
    buf_release(&text);
}

static void a_number_given_free_may_be_taken_at_once(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 5<socket:[1]>\n"
                              "7 1.2 clone(child_stack=0x1, flags=CLONE_THREAD) = 8\n"
                              "7 1.3 close(5<socket:[1]> <unfinished ...>\n"
                              "8 1.4 accept4(4<socket:[2]>, NULL, NULL, SOCK_NONBLOCK) = "
                              "5<socket:[3]>\n"
                              "7 1.5 <... close resumed>) = 0\n");
    unsigned object = trace_lookup(parsed.trace, 7, 5);
    assert_int_equal(trace_object(parsed.trace, object)->kind, OBJECT_CONNECTION);
    assert_int_equal(object, trace_connection(parsed.trace, 1));
    trace_free(parsed.trace);
}

static void numbers_are_used_again(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 vfork() = 8\n7 1.2 +++ exited with 0 +++\n"
                              "8 1.3 fork() = 7\n7 1.4 +++ exited with 5 +++\n");
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 2);
    assert_int_equal(trace_at(parsed.trace, 3)->result, 5);
    trace_free(parsed.trace);
}

static void exec_by_a_thread(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 clone(child_stack=0x1, flags=CLONE_THREAD) = 8\n"
                              "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 4<socket:[1]>\n"
                              "7 1.1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 5<socket:[2]>\n"
                              "7 1.2 pause( <unfinished ...>\n"
                              "8 1.3 execve(\"/q\", [\"/q\"], 0x1 <unfinished ...>\n"
                              "7 1.4 <... pause resumed> <unfinished ...>) = ?\n"
                              "7 1.5 +++ superseded by execve in pid 8 +++\n"
                              "7 1.6 <... execve resumed>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 0);
    assert_int_not_equal(trace_lookup(parsed.trace, 7, 4), 0);
    assert_int_equal(trace_lookup(parsed.trace, 7, 5), 0);
    trace_free(parsed.trace);
}

static void what_fails_closes_nothing(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 4<socket:[1]>\n"
                              "7 1.2 close_range(3, 9, 0x10) = -1 EINVAL (Invalid argument)\n"
                              "7 1.2 dup2(9, 4<socket:[1]>) = -1 EBADF (Bad file descriptor)\n"
                              "7 1.2 close(9) = -1 EBADF (Bad file descriptor)\n");
    assert_int_not_equal(trace_lookup(parsed.trace, 7, 4), 0);
    trace_free(parsed.trace);
}

static void stacks_belong_to_the_call_before(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN " > /prog(_start+0x1) [0x1]\n"
                  "7 1.1 read(5<socket:[1]>,  <unfinished ...>\n"
                  "7 1.2 <... read resumed>\"x\", 9) = 1 <0.1>\n"
                  " > /usr/lib/libc.so.6(read+0xd) [0xf82ad]\n"
                  " > /prog(main+0x125) [0x130e]\n"
                  " > /prog(deep) [0x1]\n"
                  " > /prog(deeper) [0x100]\n"
                  "7 1.3 read(5<socket:[1]>, \"x\", 9) = 1\n"
                  " > unexpected_backtracing_error [0x5]\n"
                  " > /tmp/)( [0x9] (x+0x1) [0x8]\n"
                  "7 1.4 accept4(4<socket:[2]>, NULL, NULL, SOCK_NONBLOCK) = 6<socket:[3]>\n"
                  " > /prog(main+0x1) [0x42]\n"
                  "7 1.5 +++ exited with 0 +++\n"
                  " > /prog(_exit+0x1) [0x2]\n");
    assert_int_equal(parsed.odd, 0);
    const Event *first = trace_at(parsed.trace, 0);
    assert_int_equal(first->stack_len, 3);
    assert_string_equal(first->at.file, "prog.c");
    assert_int_equal(first->at.line, 0x130e);
    assert_int_equal(first->stack[1].line, 0x1);
    assert_int_equal(first->stack[2].line, 0x100);
    assert_null(trace_at(parsed.trace, 1)->at.file);
    assert_int_equal(trace_at(parsed.trace, 2)->at.line, 0x42); /* ACCEPT and its NONBLOCK */
    assert_int_equal(trace_at(parsed.trace, 3)->kind, EV_NONBLOCK);
    assert_int_equal(trace_at(parsed.trace, 3)->at.line, 0x42);
    assert_int_equal(trace_at(parsed.trace, 4)->stack_len, 0);
    trace_free(parsed.trace);
}

static void descriptors_met_late_become_objects(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 read(9<anon_inode:[signalfd]>, \"x\", 128) = 1\n"
                              "7 1.2 read(10<pipe:[4]>, \"x\", 128) = 1\n"
                              "7 1.3 read(0</dev/null>, \"\", 128) = 0\n"
                              "7 1.4 read(11, 0x1, 128) = -1 EBADF (Bad file descriptor)\n");
    const ObjectKind kinds[] = {OBJECT_SIGNALFD, OBJECT_OTHER, OBJECT_STDIO};
    for (size_t i = 0; i < 3; i++) {
        unsigned object = trace_at(parsed.trace, i)->object;
        assert_int_equal(trace_object(parsed.trace, object)->kind, kinds[i]);
    }
    assert_int_equal(trace_at(parsed.trace, 3)->object, 0);
    assert_int_equal(trace_at(parsed.trace, 3)->fd, 11);
    trace_free(parsed.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_sleep_is_one_sleep),
        cmocka_unit_test(a_handler_ends_a_sleep),
        cmocka_unit_test(children_may_be_first),
        cmocka_unit_test(what_returned_a_number_is_found_by_it),
        cmocka_unit_test(who_speaks_before_clone_returns_is_its_parents),
        cmocka_unit_test(who_has_gone_is_the_oldest_unheard_of),
        cmocka_unit_test(what_was_made_is_bounded),
        cmocka_unit_test(a_number_given_free_may_be_taken_at_once),
        cmocka_unit_test(numbers_are_used_again),
        cmocka_unit_test(exec_by_a_thread),
        cmocka_unit_test(what_fails_closes_nothing),
        cmocka_unit_test(stacks_belong_to_the_call_before),
        cmocka_unit_test(descriptors_met_late_become_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
