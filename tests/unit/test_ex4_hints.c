/* What a student of exercise 4 hears, where points alone do not say it. */
#include "story_judged.h"

#include "exercises/chain_checks.h"

static void what_is_said(void **state)
{
    (void)state;
    Case *judged = judge(LATER, "accept poll 1 try 1 pending 1 watch 1 rest", -1);
    assert_non_null(strstr(check_of(judged, "registers-and-pends")->message, "only after"));
    judged_free(judged);
    judged = judge(LATER, "accept poll 1 try 1 pending 1 rest watch 1", -1);
    assert_non_null(strstr(check_of(judged, "registers-and-pends")->message, "not registered"));
    judged_free(judged);
    judged = judge(LATER, "accept poll 1 try 1 deaf 1 pending 1 rest", -1);
    expect(judged, "registers-and-pends", CHECK_FAIL, 2);
    assert_non_null(strstr(check_of(judged, "registers-and-pends")->message, "not for reading"));
    judged_free(judged);
    judged = judge(LATER, "accept first 1 wait woke 1 wake 1 last 1", SCENES + LATER,
                   "task 1: closed\n", -1);
    expect(judged, "data-served", CHECK_FAIL, 3);
    assert_non_null(strstr(check_of(judged, "data-served")->message, "number kept"));
    judged_free(judged);
}

/* What a student hears whose data is missing. "": no more than that. */
static void where_it_broke_off(void **state)
{
    static const struct {
        const char *story, *says;
    } broken[] = {
        {"accept stuck", "task 1 is new and was not polled"},
        {"accept accept first 1 stuck", "task 2 is new"},
        {"accept first 1 wait woke 1 wake 1 stuck", "task 1 was woken and never polled"},
        {"accept first 1 wait woke 1 wake 1 wait woke 1 wake 1 glance", "task 1 was woken"},
        {"accept first 1", "it ended while task 1 was PENDING"},
        {"accept first 1 exit 1", ""},
        {"accept first 1 wait woke 1 wake 1 last 1 exit 1 stuck", "every task was READY"},
        {"accept first 1 wait woke 1 wake 1 last 1 poll 1 pending 1", "after it had been READY"},
        {"accept first 1 wait woke 1 wake 1 last 1", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        Story story;
        char text[160] = "";
        story_tell(&story, "data-later", broken[i].story);
        Mistake mistake = chain_mistake(&story.run, text, sizeof text);
        print_message("%s: %s\n", broken[i].story, text);
        assert_int_equal(mistake.event != NULL, *broken[i].says != 0);
        assert_non_null(strstr(text, broken[i].says));
        story_release(&story);
    }
}

static void nobody_was_woken(void **state)
{
    (void)state;
    Case *judged = judge(LATER, "accept first 1 wait idle woke 1 wake 0", -1);
    expect(judged, "reactor-wakes-only", CHECK_FAIL, 0);
    assert_non_null(strstr(check_of(judged, "reactor-wakes-only")->message, "task 0"));
    judged_free(judged);
    judged =
        judge(LATER, "accept poll 1 try 1 pending 1 stuck idle", TWO, "accept accept accept", -1);
    expect(judged, "sleeps-when-empty", CHECK_SKIP, 0);
    judged_free(judged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said),
        cmocka_unit_test(where_it_broke_off),
        cmocka_unit_test(nobody_was_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
