/* Events: how they are kept, counted, found. */
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

static void keeps_head_and_tail(void **state)
{
    (void)state;
    Trace *trace = trace_new(1u << EV_MARK);
    const int total = TRACE_HEAD + TRACE_TAIL + 1000;
    for (int i = 0; i < total; i++) {
        Event event = at(i % 2 ? EV_SLEEP : EV_WAIT, i);
        event.raw = x_printf("%d", i);
        trace_add_take(trace, &event);
    }
    assert_int_equal(trace_blind(trace), 1u << EV_MARK);
    assert_int_equal(trace_len(trace), TRACE_HEAD + TRACE_TAIL);
    assert_int_equal(trace_elided(trace), 1000);
    assert_int_equal(trace_count(trace, EV_SLEEP), total / 2);
    assert_int_equal(trace_count(trace, EV_READ), 0);
    assert_int_equal(trace_at(trace, TRACE_HEAD - 1)->start_ns, TRACE_HEAD - 1);
    assert_int_equal(trace_at(trace, TRACE_HEAD)->start_ns, TRACE_HEAD + 1000);
    assert_int_equal(atoi(trace_at(trace, TRACE_HEAD)->raw), TRACE_HEAD + 1000);
    assert_int_equal(trace_at(trace, trace_len(trace) - 1)->start_ns, total - 1);
    assert_null(trace_at(trace, trace_len(trace)));
    trace_free(trace);
}

/* What a program writes is cut once there is much of it, at both ends of the trace. */
static void data_is_bounded(void **state)
{
    (void)state;
    enum { LONG = 1000, EVENTS = TRACE_HEAD + TRACE_TAIL + 500 };
    Trace *trace = trace_new(0);
    size_t all = 0;
    for (int i = 0; i < EVENTS; i++) {
        Event event = at(EV_WRITE, i);
        event.data = x_calloc(1, LONG + 1);
        event.data_len = LONG;
        trace_add_take(trace, &event);
    }
    for (size_t i = 0; i < trace_len(trace); i++)
        all += trace_at(trace, i)->data_len;
    assert_int_equal(trace_at(trace, 0)->data_len, LONG);
    assert_int_equal(trace_at(trace, TRACE_HEAD - 1)->data_len, TRACE_DATA_CUT);
    assert_in_range(all, TRACE_DATA / 2, TRACE_DATA + (TRACE_HEAD + TRACE_TAIL) * TRACE_DATA_CUT);
    trace_free(trace);
}

static Event long_write(int64_t ns)
{
    enum { LONG = 1000 };
    Event event = at(EV_WRITE, ns);
    event.data = x_calloc(1, LONG + 1);
    event.data_len = LONG;
    event.raw = x_printf("write(1, \"%0*d\") = %d", TRACE_RAW - 30, 0, LONG);
    return event;
}

static size_t kept(const Trace *trace)
{
    size_t all = 0;
    for (size_t i = 0; i < trace_len(trace); i++) {
        const Event *event = trace_at(trace, i);
        all += sizeof *event + event->data_len + strlen(event->raw);
    }
    return all;
}

/* A program that floods every run must not take the grader's memory run by run. */
static void all_traces_are_bounded_together(void **state)
{
    (void)state;
    enum { RUNS = 80, EVENTS = TRACE_HEAD + TRACE_TAIL + 100, LEAST = 2 * TRACE_LEAST };
    Trace *traces[RUNS];
    size_t all = 0;
    for (int r = 0; r < RUNS; r++) {
        traces[r] = trace_new(0);
        for (int i = 0; i < EVENTS; i++) {
            Event event = long_write(i);
            trace_add_take(traces[r], &event);
        }
        for (int i = 0; i < TRACE_OBJECTS; i++)
            trace_open(traces[r], P, 4, OBJECT_SOCKET, i);
        all += kept(traces[r]);
        assert_int_equal(trace_count(traces[r], EV_WRITE), EVENTS);
        assert_in_range(trace_len(traces[r]), LEAST, TRACE_HEAD + TRACE_TAIL);
        assert_int_equal(trace_at(traces[r], TRACE_LEAST - 1)->start_ns, TRACE_LEAST - 1);
        assert_int_equal(trace_at(traces[r], trace_len(traces[r]) - 1)->start_ns, EVENTS - 1);
    }
    const Trace *last = traces[RUNS - 1];
    assert_int_equal(trace_len(last), LEAST);
    assert_int_equal(trace_gap(last), TRACE_LEAST);
    assert_int_equal(trace_objects(last), TRACE_LEAST - 1);
    assert_int_equal(trace_at(last, 0)->data_len, TRACE_DATA_CUT);
    assert_in_range(strlen(trace_at(last, 0)->raw), 10, TRACE_RAW_CUT);
    assert_in_range(all, TRACE_BUDGET / 2,
                    TRACE_BUDGET + RUNS * LEAST * (sizeof(Event) + TRACE_DATA_CUT + TRACE_RAW_CUT));
    for (int r = 0; r < RUNS; r++)
        trace_free(traces[r]);
}

/* ... and what they had is there for the next. */
static void a_budget_is_given_back(void **state)
{
    for (int i = 0; i < 3; i++)
        all_traces_are_bounded_together(state);
    keeps_head_and_tail(state);
    data_is_bounded(state);
}

static void events_have_numbers(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    assert_null(trace_event(trace, 0));
    for (int i = 0; i < TRACE_HEAD + TRACE_TAIL + 10; i++) {
        assert_int_equal(trace_total(trace), i);
        Event event = at(EV_SLEEP, i);
        trace_add_take(trace, &event);
        assert_int_equal(trace_event(trace, (unsigned)i)->start_ns, i);
    }
    assert_int_equal(trace_event(trace, TRACE_HEAD - 1)->start_ns, TRACE_HEAD - 1);
    assert_null(trace_event(trace, TRACE_HEAD));
    assert_null(trace_event(trace, TRACE_HEAD + 9));
    assert_int_equal(trace_event(trace, TRACE_HEAD + 10)->start_ns, TRACE_HEAD + 10);
    assert_null(trace_event(trace, TRACE_HEAD + TRACE_TAIL + 10));
    trace_free(trace);
    trace_free(NULL);
}

/* --- what must not be missed, however many events there are around it --- */

static void is_always_in_order(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    Event first = at(EV_SLEEP, 1000), late = at(EV_SLEEP, 400);
    late.end_ns = 500;
    trace_add_take(trace, &first);
    const Event *moved = trace_add_take(trace, &late);
    assert_int_equal(moved->start_ns, 1000);
    assert_int_equal(moved->end_ns, 1000);
    trace_free(trace);
}

static void next_finds_by_kind_and_object(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    for (unsigned i = 0; i < 6; i++) {
        Event event = at(i % 2 ? EV_READ : EV_WRITE, i);
        event.object = 1 + i % 3;
        trace_add_take(trace, &event);
    }
    size_t from = 0;
    assert_int_equal(trace_next(trace, &from, EV_READ, 0)->start_ns, 1);
    assert_int_equal(trace_next(trace, &from, EV_READ, 1)->start_ns, 3);
    assert_int_equal(from, 4);
    assert_int_equal(trace_next(trace, &from, EV_WRITE, 0)->start_ns, 4);
    assert_null(trace_next(trace, &from, EV_WRITE, 0));
    assert_null(trace_next(trace, &from, EV_WRITE, 0));
    trace_free(trace);
}

static void counts_what_would_block(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    trace_open(trace, P, 4, OBJECT_CONNECTION, 1);
    trace_open(trace, P, 5, OBJECT_TIMER, 1);
    Event read = at(EV_READ, 2);
    read.result = -1;
    read.error = EAGAIN;
    read.object = 1;
    assert_true(event_would_block(trace_add_take(trace, &read)));
    read.object = 2; /* a timer is no connection */
    trace_add_take(trace, &read);
    read.object = 1;
    read.error = EINTR;
    assert_false(event_would_block(trace_add_take(trace, &read)));
    read.error = EAGAIN;
    read.flags = EVF_UNFINISHED;
    Event *open = trace_add_take(trace, &read);
    assert_int_equal(trace_count_would_block(trace), 1);
    open->flags = 0;
    trace_settle(trace, open);
    assert_int_equal(trace_count_would_block(trace), 2);
    for (int i = 0; i < TRACE_HEAD + TRACE_TAIL; i++) {
        read.flags = 0;
        trace_add_take(trace, &read);
    }
    assert_int_equal(trace_count_would_block(trace), 2 + TRACE_HEAD + TRACE_TAIL);
    Event sleep = at(EV_SLEEP, 3);
    sleep.result = -1;
    sleep.error = EAGAIN;
    assert_false(event_would_block(&sleep));
    trace_free(trace);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int kind = 0; kind < EV_KINDS; kind++)
        assert_true(strlen(event_kind_name((EventKind)kind)) > 2);
    assert_string_equal(event_kind_name(EV_KINDS), "?");
}

static void strings_are_kept_once(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    char text[] = "main.c";
    const char *first = trace_intern(trace, text);
    assert_ptr_not_equal(first, text);
    assert_ptr_equal(trace_intern(trace, "main.c"), first);
    assert_ptr_not_equal(trace_intern(trace, "main."), first);
    assert_ptr_not_equal(trace_intern(trace, "main.cc"), first);
    assert_string_equal(first, "main.c");
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_head_and_tail),
        cmocka_unit_test(data_is_bounded),
        cmocka_unit_test(all_traces_are_bounded_together),
        cmocka_unit_test(a_budget_is_given_back),
        cmocka_unit_test(events_have_numbers),
        cmocka_unit_test(is_always_in_order),
        cmocka_unit_test(next_finds_by_kind_and_object),
        cmocka_unit_test(counts_what_would_block),
        cmocka_unit_test(every_kind_has_a_name),
        cmocka_unit_test(strings_are_kept_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
