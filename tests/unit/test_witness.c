/* What a trace tells of events that it has dropped: witnesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/buf.h"
#include "trace/trace.h"

enum { P = 100, CHILD = 200 };

static Event at(EventKind kind, int64_t ns)
{
    return (Event){.kind = kind, .process = P, .thread = P, .fd = -1, .start_ns = ns, .end_ns = ns};
}

static unsigned connection(Trace *trace, int fd)
{
    return trace_open(trace, P, fd, OBJECT_CONNECTION, 1);
}

static Event on(EventKind kind, unsigned object, int64_t result, int error)
{
    Event event = at(kind, 10);
    event.object = object;
    event.result = result;
    event.error = error;
    return event;
}

static void bury(Trace *trace)
{
    for (int i = 0; i < TRACE_HEAD + TRACE_TAIL; i++) {
        Event event = at(EV_DUP, 10);
        trace_add_take(trace, &event);
    }
}

static void add(Trace *trace, Event event)
{
    trace_add_take(trace, &event);
}

static void a_call_that_waits_is_never_lost(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned conn = connection(trace, 4);
    bury(trace);
    assert_null(trace_witness(trace, WITNESS_MAY_WAIT));
    Event wake = on(EV_WAKE, conn, 0, 0), read = on(EV_READ, conn, 7, 0);
    add(trace, wake); /* announced: this read finds something */
    read.raw = x_strdup("the first");
    add(trace, read);
    assert_null(trace_witness(trace, WITNESS_MAY_WAIT));
    read.raw = x_strdup("the second");
    add(trace, read);
    uint64_t number = trace_total(trace) - 1;
    bury(trace);
    assert_string_equal(trace_witness(trace, WITNESS_MAY_WAIT)->raw, "the second");
    assert_ptr_equal(trace_event(trace, number), trace_witness(trace, WITNESS_MAY_WAIT));
    assert_null(trace_event(trace, number - 1));
    assert_int_equal(trace_object(trace, conn)->read_bytes, 14);
    trace_free(trace);
}

static void what_can_not_wait_is_no_witness(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned conn = connection(trace, 4), other = trace_open(trace, P, 5, OBJECT_SOCKET, 1);
    Event read = on(EV_READ, conn, -1, EAGAIN), set = on(EV_NONBLOCK, conn, 0, 0);
    add(trace, on(EV_READ, other, 7, 0));
    for (int i = 0; i < 100; i++) { /* MSG_DONTWAIT is known when the call returns */
        read.flags = EVF_UNFINISHED;
        Event *open = trace_add_take(trace, &read);
        open->flags = (open->flags & ~(unsigned)EVF_UNFINISHED) | EVF_DONTWAIT;
        trace_settle(trace, open);
    }
    set.flags = EVF_SET;
    add(trace, set);
    read.flags = 0;
    add(trace, read);
    set.flags = 0;
    set.result = -1; /* a call that fails changes nothing */
    add(trace, set);
    add(trace, read);
    assert_null(trace_witness(trace, WITNESS_MAY_WAIT));
    set.result = 0; /* blocking again, and dropped before it has returned */
    add(trace, set);
    read.flags = EVF_UNFINISHED;
    uint64_t number = trace_total(trace);
    add(trace, read);
    bury(trace);
    Event *open = trace_event(trace, number);
    open->flags &= ~(unsigned)EVF_UNFINISHED;
    trace_settle(trace, open);
    assert_ptr_equal(trace_witness(trace, WITNESS_MAY_WAIT), open);
    trace_free(trace);
}

static void other_witnesses_are_called(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned conn = connection(trace, 4), second = connection(trace, 5);
    Event watch = on(EV_WATCH, conn, 0, 0), poll = on(EV_WAIT, 0, 1, 0);
    Event read = on(EV_READ, conn, -1, EAGAIN);
    watch.flags = EVF_TRANSIENT;
    bury(trace);
    add(trace, watch); /* two of them, then one for a glance */
    watch.object = second;
    add(trace, watch);
    poll.timeout_ns = -1;
    add(trace, poll);
    add(trace, watch);
    poll.timeout_ns = 0;
    add(trace, poll);
    assert_non_null(trace_witness(trace, WITNESS_WATCHED));
    assert_null(trace_witness(trace, WITNESS_ONE_CLIENT));
    add(trace, watch);
    poll.timeout_ns = 1;
    add(trace, poll);
    add(trace, on(EV_WAKE, conn, 0, 0));
    add(trace, read);
    assert_null(trace_witness(trace, WITNESS_UNANNOUNCED));
    add(trace, on(EV_WAKE, 0, 0, 0)); /* whichever it was */
    add(trace, read);
    assert_null(trace_witness(trace, WITNESS_UNANNOUNCED));
    add(trace, read);
    assert_null(trace_witness(trace, WITNESS_SECOND_THREAD));
    read.thread = P + 1;
    add(trace, read);
    bury(trace);
    assert_int_equal(trace_witness(trace, WITNESS_ONE_CLIENT)->timeout_ns, 1);
    assert_int_equal(trace_witness(trace, WITNESS_UNANNOUNCED)->thread, P);
    assert_int_equal(trace_witness(trace, WITNESS_SECOND_THREAD)->thread, P + 1);
    assert_null(trace_witness(NULL, WITNESS_WATCHED));
    trace_free(trace);
}

static void mark(Trace *trace, int thread, const char *text)
{
    Event event = at(EV_MARK, 10);
    event.thread = thread;
    event.data = x_strdup(text);
    event.data_len = strlen(text);
    trace_add_take(trace, &event);
}

static void polls_behind_no_wake_are_never_lost(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    connection(trace, 4);
    mark(trace, P, "poll 1");
    mark(trace, P, "poll 1"); /* within it: a future that awaits another */
    mark(trace, P, "pending 1");
    mark(trace, P, "pending 1");
    mark(trace, P, "wake 1");
    mark(trace, P, "wake 1");
    mark(trace, P, "poll 1");
    mark(trace, P, "pending 1");
    mark(trace, P, "poll 2"); /* has no connection: the program's own */
    mark(trace, P, "poll 2");
    mark(trace, P, "poll 12345678901234567890123456789012345678901234567890");
    bury(trace);
    assert_null(trace_witness(trace, WITNESS_UNWOKEN));
    mark(trace, P, "poll 1");
    bury(trace);
    assert_non_null(trace_witness(trace, WITNESS_UNWOKEN));
    assert_string_equal(trace_witness(trace, WITNESS_UNWOKEN)->data, "poll 1");
    trace_free(trace);
}

static void reads_beside_the_future_are_never_lost(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned conn = connection(trace, 4);
    Event read = on(EV_READ, conn, -1, EAGAIN);
    mark(trace, P, "poll 1");
    add(trace, read);
    mark(trace, P, "pending 1");
    add(trace, read); /* before any event */
    add(trace, on(EV_WAKE, conn, 0, 0));
    mark(trace, P, "poll 1");
    add(trace, read);
    bury(trace);
    assert_null(trace_witness(trace, WITNESS_STRAY));
    read.thread = P + 1; /* the poll is another thread's */
    add(trace, read);
    assert_int_equal(trace_witness(trace, WITNESS_STRAY)->thread, P + 1);
    read.thread = P;
    mark(trace, P, "pending 1");
    read.result = 5, read.error = 0;
    add(trace, read);
    bury(trace);
    assert_int_equal(trace_witness(trace, WITNESS_STRAY)->thread, P + 1); /* the first */
    trace_free(trace);
}

static void who_is_ready_may_be_read(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned conn = connection(trace, 4);
    mark(trace, P, "ready 1"); /* nothing that it ends */
    mark(trace, P, "poll 1");
    add(trace, on(EV_WAKE, conn, 0, 0));
    for (int i = 1; i < 100; i++) /* more threads than are told apart */
        mark(trace, P + i, "pending 1");
    mark(trace, P, "ready 1");
    add(trace, on(EV_READ, conn, 5, 0));
    assert_null(trace_witness(trace, WITNESS_STRAY));
    trace_free(trace);
}

static void more_than_it_can_follow_is_said(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    for (int i = 0; i < TRACE_OBJECTS; i++)
        assert_true(trace_open(trace, P, 3 + i % 50, OBJECT_OTHER, 1) > 0);
    assert_int_equal(trace_open(trace, P, 60, OBJECT_EVENTFD, 1), 0);
    assert_null(trace_lost(trace)); /* whoever opens one in each turn of a loop is no fraud */
    assert_int_equal(connection(trace, 4), 0);
    assert_non_null(strstr(trace_lost(trace), "than there is room to follow"));
    trace_lose(trace, "something else");
    assert_non_null(strstr(trace_lost(trace), "than there is room to follow"));
    trace_free(trace);
    assert_null(trace_lost(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_waits_is_never_lost),
        cmocka_unit_test(what_can_not_wait_is_no_witness),
        cmocka_unit_test(other_witnesses_are_called),
        cmocka_unit_test(polls_behind_no_wake_are_never_lost),
        cmocka_unit_test(reads_beside_the_future_are_never_lost),
        cmocka_unit_test(who_is_ready_may_be_read),
        cmocka_unit_test(more_than_it_can_follow_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
