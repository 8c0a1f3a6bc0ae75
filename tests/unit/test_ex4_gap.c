/* The chain where the trace has a gap. */
#include "story_judged.h"

#include "exercises/chain_checks.h"

/* A gap is crossed in the program's favour: nothing in it is held against it. */
static void across_a_gap(void **state)
{
    (void)state;
    Story story;
    story_tell(&story, "data-later", "accept first 1 poll 1");
    for (int i = 0; i < TRACE_HEAD + TRACE_TAIL; i++)
        story_word(&story, "glance", 0);
    story_word(&story, "poll", 1);
    story_word(&story, "get", 1);
    story_word(&story, "ready", 1);
    Chain chain;
    chain_read(&chain, story.run.trace);
    assert_int_equal(chain.n_polls, 3);
    assert_int_equal(chain.polls[1].end, POLL_LOST);
    assert_true(chain.polls[2].woken);
    assert_true(chain.polls[2].believed);
    chain_release(&chain);
    chain_release(&chain);
    story_release(&story);
}

static void bury(Story *story, int events)
{
    for (int i = 0; i < events; i++)
        do_mark(story, "nothing", 0, 0);
}

/* ... but what was done in it all the same: the third task polled, or its connection read. */
static void a_gap_hides_no_fault(void **state)
{
    static const char *const ids[] = {"", "polls-woken-only", "reactor-wakes-only"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        Case *judged = judge(-1, NULL);
        Story *story = &judged->stories[TWO];
        story_release(story);
        story_tell(story, "two-at-once",
                   "accept accept accept first 1 first 2 first 3 wait send 1 "
                   "send 2 woke 1 2 wake 1 wake 2 last 1 last 2 wait send 3 "
                   "woke 3 wake 3");
        story_say(story, printed[TWO]);
        bury(story, TRACE_HEAD);
        if (i == 1) {
            story_word(story, "poll", 3);
            story_word(story, "pending", 3);
            story_word(story, "poll", 3);
            story_word(story, "pending", 3);
        } else if (i == 2) {
            story_word(story, "get", 3);
        }
        bury(story, TRACE_TAIL);
        story_word(story, "last", 3);
        judge_stories(judged);
        if (i > 0)
            expect(judged, ids[i], CHECK_FAIL, 0);
        else
            expect_rest_passes(judged, NULL);
        judged_free(judged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(across_a_gap),
        cmocka_unit_test(a_gap_hides_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
