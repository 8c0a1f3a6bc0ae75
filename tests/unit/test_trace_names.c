/* Open files behind descriptors, and what is registered under which token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "trace/trace.h"

enum { P = 100, CHILD = 200 };

static Event at(EventKind kind, int64_t ns)
{
    return (Event){.kind = kind, .process = P, .thread = P, .fd = -1, .start_ns = ns, .end_ns = ns};
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
