/* Timelines joined, and as JSON and packed for the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "result_timeline.h"
#include "sample_result.h"
#include "store.h"

static Lane *lane_of(Timeline *timeline, LaneOf of, const char *name, double cpu)
{
    Lane *lane = sample_lane(timeline, name, cpu, -1, 21);
    lane->of = of;
    return lane;
}

/* A wait of 100 ms before data at `sent`, 20 ms of picture after it. */
static void waits(Timeline *timeline, LaneOf of, const char *name, int64_t sent)
{
    *timeline = (Timeline){.length_us = sent + 20000, .data_us = sent};
    Lane *lane = lane_of(timeline, of, name, 100);
    sample_span(lane, SPAN_ASLEEP, sent - 100000, sent, NULL);
    sample_span(lane, SPAN_DATA, sent + 50, sent + 50, NULL);
}

static void the_peer_sends_at_the_same_instant_in_all(void **state)
{
    (void)state;
    Timeline own, reference, joined = {0};
    waits(&own, LANE_OWN, "your exercise 1", 200000);
    waits(&reference, LANE_REFERENCE, "reference", 500000);
    reference.length_us = 600000;
    timeline_join(&joined, &own, LANE_OWN);
    assert_int_equal(joined.data_us, 200000);
    timeline_join(&joined, &own, LANE_SPINNER); /* has none */
    timeline_join(&joined, &reference, LANE_REFERENCE);
    assert_int_equal(joined.n_lanes, 2);
    assert_int_equal(joined.data_us, 500000);
    assert_int_equal(joined.length_us, 600000);
    assert_int_equal(joined.lanes[0].spans[0].end_us, 500000);
    assert_int_equal(joined.lanes[1].spans[0].start_us, 400000);
    /* The other way round the later one moves. */
    Timeline back = {0};
    timeline_join(&back, &reference, LANE_REFERENCE);
    timeline_join(&back, &own, LANE_OWN);
    assert_int_equal(back.data_us, 500000);
    assert_int_equal(back.lanes[1].spans[1].start_us, 500050);
    /* A chain is another picture. */
    own.chain = true;
    timeline_join(&back, &own, LANE_OWN);
    assert_int_equal(back.n_lanes, 2);
    timeline_release(&own);
    timeline_release(&reference);
    timeline_release(&joined);
    timeline_release(&joined);
    timeline_release(&back);
}

static void assert_same(const Lane *a, const Lane *b)
{
    assert_int_equal(a->of, b->of);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->cpu_us_per_s, b->cpu_us_per_s);
    assert_int_equal(a->wakeups_per_s, b->wakeups_per_s);
    assert_int_equal(a->n_spans, b->n_spans);
    for (int i = 0; i < a->n_spans; i++) {
        assert_int_equal(a->spans[i].kind, b->spans[i].kind);
        assert_int_equal(a->spans[i].start_us, b->spans[i].start_us);
        assert_int_equal(a->spans[i].end_us, b->spans[i].end_us);
        assert_int_equal(!a->spans[i].label, !b->spans[i].label);
        if (a->spans[i].label)
            assert_string_equal(a->spans[i].label, b->spans[i].label);
    }
}

static void packed_and_back(void **state)
{
    (void)state;
    Timeline made = {.length_us = 600000, .data_us = -1}, back;
    size_t len;
    lane_of(&made, LANE_SPINNER, "spinning", NAN);
    Lane *own = lane_of(&made, LANE_OWN, "your exercise 1", 998500.25);
    for (SpanKind kind = SPAN_RUN; kind <= SPAN_MARK; kind++)
        sample_span(own, kind, 1000 * kind, 1000 * kind + 10, kind == SPAN_MARK ? "wake 1" : NULL);
    void *bytes = timeline_pack(&made, true, &len);
    assert_true(timeline_unpack(bytes, len, &back));
    free(bytes);
    assert_int_equal(back.n_lanes, 1);
    assert_int_equal(back.length_us, 600000);
    assert_int_equal(back.data_us, -1);
    assert_same(&back.lanes[0], &made.lanes[1]);
    timeline_release(&back);
    bytes = timeline_pack(&made, false, &len);
    assert_true(timeline_unpack(bytes, len, &back));
    free(bytes);
    assert_int_equal(back.n_lanes, 1);
    assert_int_equal(back.lanes[0].of, LANE_SPINNER);
    assert_true(back.lanes[0].cpu_us_per_s == -1);
    timeline_release(&back);
    timeline_release(&made);
    assert_null(timeline_pack(&(Timeline){0}, true, &len));
}

/* Labels are the program's own words. */
static void hostile_and_endless(void **state)
{
    (void)state;
    Timeline made = {.length_us = 1000000, .data_us = 5, .chain = true}, back;
    size_t len;
    char label[200];
    memset(label, 'x', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        Lane *lane = lane_of(&made, LANE_OWN, "kernel \x1b[2J", -1);
        for (int k = 0; k < 3000; k++)
            sample_span(lane, i == 0 ? SPAN_WOULD : SPAN_MARK, k, k, i == 0 ? NULL : label);
        memcpy(lane->spans[0].label ? lane->spans[0].label : label, "<b>\x1b]\xff", 7);
    }
    void *bytes = timeline_pack(&made, true, &len);
    assert_non_null(bytes);
    assert_true(len < 64 << 10);
    assert_true(timeline_unpack(bytes, len, &back));
    assert_int_equal(back.n_lanes, 3);
    assert_int_equal(back.lanes[0].n_spans, TIMELINE_SPANS_MOST);
    assert_int_equal(back.lanes[1].n_spans, TIMELINE_LABELS_MOST);
    assert_string_equal(back.lanes[0].name, "kernel \\x1b[2J");
    assert_true(strlen(back.lanes[1].spans[1].label) <= TIMELINE_LABEL_MOST);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < back.lanes[i].n_spans; k++)
            for (const char *at = back.lanes[i].spans[k].label; at && *at; at++)
                assert_true((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
    timeline_release(&back);
    timeline_release(&made);
    /* Damaged on the disk: no picture, and nothing worse. */
    for (size_t i = 0; i < len; i++) {
        ((unsigned char *)bytes)[i] ^= 0x55;
        if (timeline_unpack(bytes, len, &back))
            timeline_release(&back);
        ((unsigned char *)bytes)[i] ^= 0x55;
        if (timeline_unpack(bytes, i, &back))
            timeline_release(&back);
    }
    free(bytes);
    assert_false(timeline_unpack(NULL, 0, &back));
}

static void what_is_no_timeline(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "{}",
        "{\"length\":5,\"lanes\":{}}",
        "{\"length\":5,\"lanes\":[1,null,{}]}",
        "{\"length\":0,\"lanes\":[{\"of\":\"own\",\"name\":\"a\"}]}",
        "{\"length\":9,\"lanes\":[{\"of\":\"nobody\",\"name\":\"a\"}]}",
        "{\"length\":9,\"chain\":true,\"lanes\":[{\"of\":\"own\",\"name\":\"a\"}]}"};
    Timeline timeline;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = json_loads(texts[i], 0, NULL);
        assert_false(timeline_from_json(value, &timeline));
        assert_int_equal(timeline.n_lanes, 0);
        json_decref(value);
    }
    json_t *value = json_loads("{\"length\":9,\"lanes\":[{\"of\":\"own\",\"name\":\"a\","
                               "\"spans\":[[\"would\"],[\"x\",1,2],7,[\"data\",3,3]]}]}",
                               0, NULL);
    assert_true(timeline_from_json(value, &timeline));
    assert_int_equal(timeline.lanes[0].n_spans, 2);
    assert_int_equal(timeline.data_us, -1);
    timeline_release(&timeline);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_peer_sends_at_the_same_instant_in_all),
        cmocka_unit_test(packed_and_back),
        cmocka_unit_test(hostile_and_endless),
        cmocka_unit_test(what_is_no_timeline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
