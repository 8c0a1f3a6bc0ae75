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

/* --- events --- */

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

/* --- objects --- */

static void objects_outlive_their_number(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    assert_int_equal(trace_lookup(trace, P, 4), 0);
    assert_null(trace_object(trace, 0));
    unsigned first = trace_open(trace, P, 4, OBJECT_SOCKET, 10);
    assert_int_equal(trace_lookup(trace, P, 4), first);
    assert_int_equal(trace_close(trace, P, 4, 20), first);
    assert_int_equal(trace_lookup(trace, P, 4), 0);
    assert_int_equal(trace_close(trace, P, 4, 21), 0);
    unsigned second = trace_open(trace, P, 4, OBJECT_CONNECTION, 30);
    assert_int_not_equal(first, second);
    assert_int_equal(trace_object(trace, first)->closed_ns, 20);
    assert_int_equal(trace_object(trace, first)->kind, OBJECT_SOCKET);
    assert_int_equal(trace_object(trace, second)->closed_ns, 0);
    assert_int_equal(trace_objects(trace), 2);
    assert_null(trace_object(trace, 3));
    assert_int_equal(trace_open(trace, P, -1, OBJECT_SOCKET, 40), 0);
    assert_int_equal(trace_close(trace, P, -1, 40), 0);
    trace_free(trace);
}

static void connections_are_numbered(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    trace_open(trace, P, 3, OBJECT_SOCKET, 1);
    trace_set_kind(trace, 1, OBJECT_LISTENER);
    assert_int_equal(trace_connection(trace, 1), 0);
    unsigned one = trace_open(trace, P, 4, OBJECT_CONNECTION, 2);
    trace_close(trace, P, 4, 3);
    unsigned two = trace_open(trace, P, 4, OBJECT_CONNECTION, 4);
    assert_int_equal(trace_connection(trace, 1), one);
    assert_int_equal(trace_connection(trace, 2), two);
    assert_int_equal(trace_connection(trace, 3), 0);
    assert_int_equal(trace_connection(trace, 0), 0);
    assert_int_equal(trace_object(trace, two)->ordinal, 2);
    assert_int_equal(trace_object(trace, 1)->ordinal, 0);
    trace_free(trace);
}

static void names_are_counted(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned object = trace_open(trace, P, 4, OBJECT_SOCKET, 1);
    unsigned other = trace_open(trace, P, 6, OBJECT_SOCKET, 1);
    trace_dup(trace, P, 4, 4, 2);
    assert_int_equal(trace_object(trace, object)->names, 1);
    trace_dup(trace, P, 4, 5, 2);
    trace_dup(trace, P, 4, 6, 2); /* over another one */
    assert_int_equal(trace_object(trace, object)->names, 3);
    assert_int_equal(trace_object(trace, other)->names, 0);
    trace_close(trace, P, 4, 3);
    trace_close(trace, P, 6, 4);
    assert_int_equal(trace_object(trace, object)->closed_ns, 0);
    trace_close(trace, P, 5, 5);
    assert_int_equal(trace_object(trace, object)->closed_ns, 5);
    trace_free(trace);
}

static void a_child_has_its_own_names(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    unsigned object = trace_open(trace, P, 4, OBJECT_SOCKET, 1);
    trace_fork(trace, P, CHILD);
    assert_int_equal(trace_lookup(trace, CHILD, 4), object);
    assert_int_equal(trace_object(trace, object)->names, 2);
    trace_close(trace, P, 4, 2);
    assert_int_equal(trace_lookup(trace, CHILD, 4), object);
    unsigned own = trace_open(trace, CHILD, 5, OBJECT_SOCKET, 3);
    assert_int_equal(trace_lookup(trace, P, 5), 0);
    trace_process_end(trace, CHILD, 4);
    assert_int_equal(trace_lookup(trace, CHILD, 4), 0);
    assert_int_equal(trace_object(trace, object)->names, 0);
    assert_int_equal(trace_object(trace, own)->closed_ns, 0); /* not by a call */
    trace_process_end(trace, CHILD, 5);
    trace_free(trace);
}

static void exec_closes_what_is_marked(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    for (int fd = 3; fd < 7; fd++)
        trace_open(trace, P, fd, OBJECT_SOCKET, 1);
    trace_set_cloexec(trace, P, 4, true);
    trace_set_cloexec(trace, P, 5, true);
    trace_set_cloexec(trace, P, 5, false);
    trace_set_cloexec(trace, P, 99, true);
    trace_exec(trace, P, 2);
    assert_int_equal(trace_lookup(trace, P, 3), 1);
    assert_int_equal(trace_lookup(trace, P, 4), 0);
    assert_int_equal(trace_lookup(trace, P, 5), 3);
    trace_free(trace);
}

static void has_bounds(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    for (int i = 0; i < TRACE_OBJECTS + 5; i++)
        trace_open(trace, P, 4, OBJECT_CONNECTION, i);
    assert_int_equal(trace_objects(trace), TRACE_OBJECTS);
    assert_int_equal(trace_lookup(trace, P, 4), 0);
    trace_free(trace);

    trace = trace_new(0);
    assert_int_not_equal(trace_open(trace, P, TRACE_NAMES + 7, OBJECT_SOCKET, 1), 0);
    assert_int_equal(trace_lookup(trace, P, TRACE_NAMES + 7), 0);
    for (int child = 0; child < TRACE_PROCESSES + 9; child++)
        trace_open(trace, child, 3, OBJECT_SOCKET, 1);
    assert_int_equal(trace_lookup(trace, TRACE_PROCESSES + 8, 3), 0);
    for (int i = 0; i < 3000; i++) {
        char text[20];
        snprintf(text, sizeof text, "%d.c", i);
        assert_non_null(trace_intern(trace, text));
    }
    trace_free(trace);
}

/* --- registrations --- */

enum { QUEUE = 1, ONE = 2, TWO = 3 };

static Trace *watching(void)
{
    Trace *trace = trace_new(0);
    trace_open(trace, P, 3, OBJECT_QUEUE, 1);
    trace_open(trace, P, 4, OBJECT_CONNECTION, 1);
    trace_open(trace, P, 5, OBJECT_CONNECTION, 1);
    return trace;
}

static Event woken(unsigned object, uint64_t token, int64_t ns)
{
    Event wake = at(EV_WAKE, ns);
    wake.queue = QUEUE;
    wake.object = object;
    wake.token = token;
    return wake;
}

static void a_token_finds_its_object(void **state)
{
    (void)state;
    Trace *trace = watching();
    int64_t key = 0;
    trace_watch(trace, QUEUE, ONE, 4, 7, 10);
    trace_watch(trace, QUEUE, TWO, 5, UINT64_C(1) << 63, 10);
    assert_int_equal(trace_watched(trace, QUEUE, 7, &key), ONE);
    assert_int_equal(key, 4);
    assert_int_equal(trace_watched(trace, QUEUE, UINT64_C(1) << 63, NULL), TWO);
    assert_int_equal(trace_watched(trace, QUEUE, 8, NULL), 0);
    assert_int_equal(trace_watched(trace, TWO, 7, NULL), 0);
    trace_watch(trace, QUEUE, ONE, 4, 8, 20); /* changed */
    assert_int_equal(trace_watched(trace, QUEUE, 7, NULL), 0);
    assert_int_equal(trace_watched(trace, QUEUE, 8, NULL), ONE);
    trace_unwatch(trace, QUEUE, ONE, 4, 30);
    assert_int_equal(trace_watched(trace, QUEUE, 8, NULL), 0);
    trace_watch(trace, QUEUE, ONE, 4, 8, 40);
    assert_int_equal(trace_watched(trace, QUEUE, 8, NULL), ONE);
    trace_watch(trace, QUEUE, 99, 4, 8, 40);
    trace_watch(trace, 99, ONE, 4, 8, 40);
    assert_int_equal(trace_watched(trace, 99, 8, NULL), 0);
    trace_free(trace);
}

static void closing_the_last_name_deregisters(void **state)
{
    (void)state;
    Trace *trace = watching();
    trace_watch(trace, QUEUE, ONE, 4, 7, 10);
    trace_dup(trace, P, 4, 9, 11);
    trace_close(trace, P, 4, 12);
    assert_int_equal(trace_watched(trace, QUEUE, 7, NULL), ONE);
    trace_close(trace, P, 9, 13);
    assert_int_equal(trace_watched(trace, QUEUE, 7, NULL), 0);
    trace_free(trace);
}

static void a_shared_token_may_mean_either(void **state)
{
    (void)state;
    Trace *trace = watching();
    trace_watch(trace, QUEUE, ONE, 4, 7, 10);
    trace_watch(trace, QUEUE, TWO, 5, 7, 20);
    assert_int_equal(trace_watched(trace, QUEUE, 7, NULL), 0);
    trace_unwatch(trace, QUEUE, ONE, 4, 30);
    assert_int_equal(trace_watched(trace, QUEUE, 7, NULL), TWO);

    Event wake = woken(0, 7, 25);
    assert_true(trace_wake_matches(trace, &wake, ONE));
    assert_true(trace_wake_matches(trace, &wake, TWO));
    assert_false(trace_wake_matches(trace, &wake, QUEUE));
    assert_false(trace_wake_matches(trace, &wake, 0));
    wake = woken(0, 7, 15); /* before TWO */
    assert_true(trace_wake_matches(trace, &wake, ONE));
    assert_false(trace_wake_matches(trace, &wake, TWO));
    wake = woken(0, 7, 35); /* after ONE */
    assert_false(trace_wake_matches(trace, &wake, ONE));
    wake = woken(0, 8, 25);
    assert_false(trace_wake_matches(trace, &wake, ONE));
    wake = woken(ONE, 7, 25); /* it is known */
    assert_true(trace_wake_matches(trace, &wake, ONE));
    assert_false(trace_wake_matches(trace, &wake, TWO));
    trace_free(trace);
}

static void old_registrations_make_room(void **state)
{
    (void)state;
    Trace *trace = watching();
    trace_watch(trace, QUEUE, TWO, 5, 1, 1);
    for (int i = 0; i < 2 * TRACE_WATCHES; i++) {
        trace_watch(trace, QUEUE, ONE, i, (uint64_t)i + 10, i + 2);
        trace_unwatch(trace, QUEUE, ONE, i, i + 2);
    }
    assert_int_equal(trace_watched(trace, QUEUE, 1, NULL), TWO);
    Event wake = woken(0, 10, 2), last = woken(0, 2 * TRACE_WATCHES + 9, 2 * TRACE_WATCHES + 1);
    assert_false(trace_wake_matches(trace, &wake, ONE));
    assert_true(trace_wake_matches(trace, &last, ONE));
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
        cmocka_unit_test(objects_outlive_their_number),
        cmocka_unit_test(connections_are_numbered),
        cmocka_unit_test(names_are_counted),
        cmocka_unit_test(a_child_has_its_own_names),
        cmocka_unit_test(exec_closes_what_is_marked),
        cmocka_unit_test(has_bounds),
        cmocka_unit_test(a_token_finds_its_object),
        cmocka_unit_test(closing_the_last_name_deregisters),
        cmocka_unit_test(a_shared_token_may_mean_either),
        cmocka_unit_test(old_registrations_make_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
