#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/page.h"
#include "report/report.h"
#include "sample_result.h"

static char *drawn(const Timeline *timeline, bool ascii, int width)
{
    Buf out;
    buf_init(&out, REPORT_MOST);
    report_timeline(&out, timeline, &(ReportStyle){.ascii = ascii, .width = width});
    return buf_take(&out);
}

/* A Timeline lives in a Result; released with it. */
typedef struct Fixture {
    Result result;
    Timeline *timeline;
} Fixture;

static int set_up(void **state)
{
    Fixture *fixture = x_calloc(1, sizeof *fixture);
    sample_result(&fixture->result);
    fixture->timeline = &fixture->result.exercises[0].timeline;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    result_release(&fixture->result);
    free(fixture);
    return 0;
}

static Timeline *timeline_of(void **state)
{
    return ((Fixture *)*state)->timeline;
}

static void the_three_patterns(void **state)
{
    Timeline *timeline = timeline_of(state);
    sample_timeline(timeline);
    char *text = drawn(timeline, false, 80);
    assert_string_equal(
        text, "                 time |0 ms     |100      |200       |300      |400      |500\n"
              "                                                          the peer sends ▼\n"
              "a program that spins  ○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○○●\n"
              "  cpu 999.0 ms/s, 0.0 wake-ups/s, reaction 0.02 ms,\n"
              "  x10,000 connections: 9990 CPUs\n"
              "your exercise 1       ○_________○_________○__________○_________○__________     ●\n"
              "  cpu 0.6 ms/s, 10.0 wake-ups/s, reaction 61 ms, x10,000 connections: 5.8 CPUs\n"
              "your exercise 2       ___________________________________________________●\n"
              "  cpu 0.0 ms/s, 0.0 wake-ups/s, reaction 0.09 ms, x10,000 connections: 0.0 CPUs\n"
              "● data or event   ○ would block   _ asleep\n");
    free(text);
}

static void in_plain_ascii(void **state)
{
    Timeline *timeline = timeline_of(state);
    timeline->length_us = 600000;
    timeline->data_us = 100000;
    Lane *lane = sample_lane(timeline, "you", -1, -1, -1);
    sample_span(lane, SPAN_BLOCK, 0, 100000, NULL);
    sample_span(lane, SPAN_WOULD, 100000, 100000, NULL);
    sample_span(lane, SPAN_ASLEEP, 110000, 400000, NULL);
    sample_span(lane, SPAN_DATA, 400000, 400000, NULL);
    sample_span(lane, SPAN_RUN, 410000, 600000, NULL);
    char *text = drawn(timeline, true, 66);
    assert_string_equal(text,
                        " time |0 ms     |100      |200      |300      |400      |500\n"
                        "                v the peer sends\n"
                        "you   ##########o_____________________________*...................\n"
                        "* data or event   o would block   _ asleep   # blocked   . running\n");
    free(text);
}

/* Many in one cell are one sign; data wins over would-block, and both over a span. */
static void instants_win_over_spans(void **state)
{
    Timeline *timeline = timeline_of(state);
    timeline->length_us = 34000;
    timeline->data_us = -1;
    Lane *lane = sample_lane(timeline, "a", -1, -1, -1);
    sample_span(lane, SPAN_ASLEEP, 0, 34000, NULL);
    for (int i = 0; i < 100; i++)
        sample_span(lane, SPAN_WOULD, 5000 + i, 5000 + i, NULL);
    sample_span(lane, SPAN_DATA, 5900, 5900, NULL);
    sample_span(lane, SPAN_WOULD, 5950, 5950, NULL);
    sample_span(lane, SPAN_WOULD, 7000, 7000, NULL);
    char *text = drawn(timeline, true, 40);
    assert_non_null(strstr(text, "a     _____*_o__________________________\n"));
    assert_null(strstr(text, "peer"));
    free(text);
}

/* What covers most of a cell is drawn, however it is cut up. */
static void the_longest_span_of_a_cell(void **state)
{
    Timeline *timeline = timeline_of(state);
    timeline->length_us = 34000;
    timeline->data_us = -1;
    Lane *lane = sample_lane(timeline, "a", -1, -1, -1);
    for (int i = 0; i < 10; i++) {
        sample_span(lane, SPAN_RUN, i * 100, i * 100 + 60, NULL);
        sample_span(lane, SPAN_BLOCK, i * 100 + 60, i * 100 + 100, NULL);
    }
    sample_span(lane, SPAN_BLOCK, 1000, 2000, NULL);
    char *text = drawn(timeline, true, 40);
    assert_non_null(strstr(text, "\na     .#\n"));
    free(text);
}

static void marks_get_a_letter_each(void **state)
{
    Timeline *timeline = timeline_of(state);
    timeline->length_us = 34000;
    timeline->data_us = -1;
    Lane *lane = sample_lane(timeline, "executor", -1, -1, -1);
    sample_span(lane, SPAN_MARK, 0, 0, "poll 1");
    sample_span(lane, SPAN_MARK, 2000, 2000, "pending 1");
    sample_span(lane, SPAN_MARK, 20000, 20000, "poll 2");
    sample_span(lane, SPAN_MARK, 30000, 30000, "");
    sample_span(lane, SPAN_MARK, 30000, 30000, NULL);
    char *text = drawn(timeline, true, 40);
    assert_non_null(strstr(text, "\nexecutor  pe               p\n"));
    assert_non_null(strstr(text, "\np poll   e pending\n"));
    free(text);
}

/* Moved so that the peer sends at the same instant in both; the rest is blank. */
static void two_joined_at_the_send(void **state)
{
    (void)state;
    Timeline first = {.length_us = 20000, .data_us = 17000};
    Timeline second = {.length_us = 27000, .data_us = 10000};
    Timeline unknown = {.length_us = 34000, .data_us = -1};
    Lane *lane = sample_lane(&first, "a", -1, -1, -1);
    sample_span(lane, SPAN_ASLEEP, 0, 18000, NULL);
    sample_span(lane, SPAN_DATA, 18000, 18000, NULL);
    lane = sample_lane(&second, "b", -1, -1, -1);
    sample_span(lane, SPAN_BLOCK, 0, 26000, NULL);
    sample_span(lane, SPAN_DATA, 26000, 26000, NULL);
    lane = sample_lane(&unknown, "c", -1, -1, -1);
    sample_span(lane, SPAN_RUN, 0, 34000, NULL);
    Buf out;
    buf_init(&out, REPORT_MOST);
    report_timelines(&out, (const Timeline *const[]){&first, &unknown, &second}, 3,
                     &(ReportStyle){.ascii = true, .width = 40});
    assert_string_equal(out.data, " time |0 ms     |10       |20       |30\n"
                                  "c     ..................................\n"
                                  ". running\n"
                                  " time |0 ms     |10       |20       |30\n"
                                  "                       v the peer sends\n"
                                  "a     __________________*\n"
                                  "b            ##########################*\n"
                                  "* data or event   _ asleep   # blocked\n");
    buf_release(&out);
    Result result;
    sample_result(&result);
    result.exercises = x_realloc(result.exercises, 5 * sizeof *result.exercises);
    for (int i = 2; i < 5; i++)
        result.exercises[i] = (ExerciseResult){0};
    result.exercises[2].timeline = first;
    result.exercises[3].timeline = second;
    result.exercises[4].timeline = unknown;
    result.n_exercises = 5;
    result_release(&result);
}

static void nothing_to_draw(void **state)
{
    Timeline *timeline = timeline_of(state);
    char *text = drawn(timeline, false, 80);
    assert_string_equal(text, "");
    free(text);
    sample_lane(timeline, "a", 1, 1, 1);
    text = drawn(timeline, false, 80);
    assert_string_equal(text, "");
    free(text);
    timeline->length_us = INT64_MAX;
    text = drawn(timeline, false, 80);
    assert_string_equal(text, "");
    free(text);
}

static void assert_fits(const char *text, int width)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (page_columns(line, strcspn(line, "\n")) > width) {
            fprintf(stderr, "wider than %d: %.*s\n", width, (int)strcspn(line, "\n"), line);
            fail();
        }
}

/* Spans outside, upside down, of any length: something is drawn, within the width. */
static void odd_spans_and_widths(void **state)
{
    Timeline *timeline = timeline_of(state);
    static const int64_t odd[] = {INT64_MIN, -1000, 0, 1, 999, 500000, 1000000, INT64_MAX};
    enum { ODD = sizeof odd / sizeof *odd };
    Lane *lane =
        sample_lane(timeline, "a lane with a long \033name, längër than any column", 1e9, 1e9, 1e9);
    for (int a = 0; a < ODD; a++)
        for (int b = 0; b < ODD; b++)
            for (int kind = SPAN_RUN; kind <= SPAN_MARK; kind++)
                sample_span(lane, (SpanKind)kind, odd[a], odd[b], "mark");
    static const int64_t lengths[] = {1, 7, 999, 1000000, 86400000000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int width = 0; width <= 130; width += 13) {
            timeline->length_us = lengths[i];
            timeline->data_us = lengths[i] * width / 130;
            char *text = drawn(timeline, width % 2, width);
            assert_non_null(strstr(text, "time"));
            assert_null(strchr(text, '\033'));
            assert_fits(text, width == 0 ? 80 : width < 40 ? 40 : width);
            free(text);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_three_patterns),      TEST(in_plain_ascii),
        TEST(instants_win_over_spans), TEST(the_longest_span_of_a_cell),
        TEST(marks_get_a_letter_each), TEST(nothing_to_draw),
        TEST(two_joined_at_the_send),  TEST(odd_spans_and_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
