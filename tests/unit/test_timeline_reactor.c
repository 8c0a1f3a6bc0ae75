#include "story.h"

#include "base/text.h"
#include "result.h"
#include "timeline_reactor.h"

typedef struct Picture {
    Story story;
    Result result; /* the timeline lives in one, and is released with it */
    Timeline *timeline;
} Picture;

static Picture *draw(const char *text)
{
    Picture *picture = x_calloc(1, sizeof *picture);
    result_init(&picture->result);
    picture->result.exercises = x_calloc(1, sizeof *picture->result.exercises);
    picture->result.n_exercises = 1;
    picture->timeline = &picture->result.exercises[0].timeline;
    story_tell(&picture->story, "data-later", text);
    story_say(&picture->story, "");
    timeline_reactor_draw(&picture->story.run, LANE_OWN, NULL, picture->timeline);
    return picture;
}

static void drop(Picture *picture)
{
    story_release(&picture->story);
    result_release(&picture->result);
    free(picture);
}

/* The labels of a lane with what they are drawn as: "poll 1" o "read 1" "pending 1". */
static void assert_lane(const Lane *lane, const char *expected)
{
    static const char signs[] = {[SPAN_WOULD] = 'o', [SPAN_DATA] = '*', [SPAN_ASLEEP] = '_'};
    Buf text;
    buf_init(&text, 4096);
    for (int i = 0; i < lane->n_spans; i++) {
        const Span *span = &lane->spans[i];
        buf_str(&text, text.len ? ", " : "");
        if (span->kind != SPAN_MARK)
            buf_char(&text, signs[span->kind]);
        buf_str(&text, span->label);
    }
    assert_string_equal(text.data, expected);
    buf_release(&text);
}

static void the_chain(void **state)
{
    (void)state;
    Picture *picture = draw("accept first 1 wait idle send 1 woke 1 wake 1 last 1");
    Timeline *timeline = picture->timeline;
    assert_int_equal(timeline->n_lanes, 3);
    assert_string_equal(timeline->lanes[0].name, "kernel");
    assert_string_equal(timeline->lanes[1].name, "reactor");
    assert_string_equal(timeline->lanes[2].name, "executor");
    assert_lane(&timeline->lanes[0], "*readable 1");
    assert_lane(&timeline->lanes[1], "register 1, _wait, wake 1, forget 1");
    assert_lane(&timeline->lanes[2],
                "poll 1, oread 1, pending 1, poll 1, *read 1, close 1, ready 1");
    assert_true(timeline->lanes[1].cpu_us_per_s < 0);
    drop(picture);
}

static void its_times(void **state)
{
    (void)state;
    /* A millisecond a word, from the first mark on; the wait holds the idle time. */
    Picture *picture = draw("accept poll 1 try 1 watch 1 pending 1 wait idle send 1 woke 1 wake 1 "
                            "poll 1 get 1 ready 1");
    const Timeline *timeline = picture->timeline;
    const Lane *reactor = &timeline->lanes[1], *executor = &timeline->lanes[2];
    assert_int_equal(executor->spans[0].start_us, 0);
    assert_int_equal(executor->spans[1].start_us, 1000);
    assert_int_equal(reactor->spans[1].start_us, 4000);
    assert_int_equal(reactor->spans[1].end_us, 307000);
    assert_int_equal(timeline->data_us, 306000);
    assert_int_equal(timeline->length_us, 311000);
    drop(picture);
}

static void beside_another(void **state)
{
    (void)state;
    Picture *picture = draw("accept first 1 wait send 1 woke 1 wake 1 last 1");
    int64_t length = picture->timeline->length_us, data = picture->timeline->data_us;
    Story reference;
    story_tell(&reference, "data-later", "accept first 1 wait idle send 1 woke 1 wake 1 last 1");
    timeline_reactor_draw(&reference.run, LANE_REFERENCE, "reference", picture->timeline);
    assert_int_equal(picture->timeline->n_lanes, 6);
    assert_string_equal(picture->timeline->lanes[4].name, "reactor, reference");
    assert_true(picture->timeline->length_us > length);
    assert_int_equal(picture->timeline->data_us, data);
    story_release(&reference);
    drop(picture);
}

static void nothing_to_draw(void **state)
{
    (void)state;
    Picture *picture = draw("accept watch 1 wait send 1 woke 1 get 1 close 1"); /* no marks */
    assert_int_equal(picture->timeline->n_lanes, 0);
    trace_free(picture->story.run.trace);
    picture->story.run.trace = NULL;
    timeline_reactor_draw(&picture->story.run, LANE_OWN, NULL, picture->timeline);
    assert_int_equal(picture->timeline->n_lanes, 0);
    drop(picture);
}

/* Marks are what a submission says: only those of the chain are shown, and cleaned. */
static void others_words(void **state)
{
    (void)state;
    Picture *picture = draw("accept first 1");
    static const char *const words[] = {"poll \x1b[2J", "ready 1 and a great deal more than that",
                                        "my own", "poll ", ""};
    for (int i = 0; i < 5; i++) {
        Event *event = story_add(&picture->story, EV_MARK, 0);
        event->data = x_strdup(words[i]);
        event->data_len = strlen(words[i]);
    }
    Timeline *timeline = picture->timeline;
    timeline_reactor_draw(&picture->story.run, LANE_OWN, "again", timeline);
    assert_lane(&timeline->lanes[5], "poll 1, oread 1, pending 1, poll \\x1b[2J");
    assert_int_equal(timeline->data_us, -1);
    drop(picture);
}

/* The one mistake that the picture is to show: what the reactor reads stands in its own column. */
static void a_read_outside_the_poll(void **state)
{
    (void)state;
    Picture *picture =
        draw("accept first 1 wait idle send 1 woke 1 get 1 wake 1 poll 1 close 1 ready 1");
    assert_lane(&picture->timeline->lanes[1], "register 1, _wait, *read 1, wake 1");
    assert_lane(&picture->timeline->lanes[2],
                "poll 1, oread 1, pending 1, poll 1, close 1, ready 1");
    drop(picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain),       cmocka_unit_test(a_read_outside_the_poll),
        cmocka_unit_test(its_times),       cmocka_unit_test(beside_another),
        cmocka_unit_test(nothing_to_draw), cmocka_unit_test(others_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
