/* What time a step is given: on a machine that is late, and after nobody was answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#include "player_play.h"

/* Its answer comes long after a step of a second is over, and well within one of three. */
static void serve_held_up(int listener)
{
    int fd = accept(listener, NULL, NULL);
    usleep(2000000);
    if (write(fd, "late", 4) == 4)
        pause();
}

static void who_was_held_up_has_that_time_once_more(void **state)
{
    (void)state;
    play.held_up_ns = 60 * NS_PER_S; /* of which ten times the step's time is given */
    play_text(serve_held_up, "A connect\nA expect \"late\" 1s\n", 0);
    all_well();
}

static void what_held_up_before_is_no_excuse(void **state)
{
    (void)state;
    play.held_up_ns = 60 * NS_PER_S;
    play.held_up = true;
    play_text(serve_held_up, "A connect\nA expect \"late\" 1s\n", 0);
    assert_non_null(observation_failed_step(&play.observation));
}

static void who_was_not_has_not(void **state)
{
    (void)state;
    play_text(serve_held_up, "A connect\nA expect \"late\" 1s\n", 0);
    assert_non_null(observation_failed_step(&play.observation));
}

static void serve_soon(int listener)
{
    int fd = take(listener);
    usleep(20000);
    put(fd, "soon", 4);
    pause();
}

static void what_came_in_time_is_read_before_it_is_over(void **state)
{
    (void)state;
    play.busy_ms = 150; /* while the answer comes and the time ends */
    play_text(serve_soon, "A connect\nA expect \"soon\" 60ms\n", 0);
    all_well();
}

static void who_answered_nobody_gets_a_glance(void **state)
{
    (void)state;
    play.answers.none = true; /* as another play has found */
    play_text(serve_held_up, "A connect\nA expect \"late\" 30s\n", 0);
    assert_non_null(observation_failed_step(&play.observation));
}

static void who_answered_somebody_has_its_time(void **state)
{
    (void)state;
    play.answers = (Answers){.any = true, .none = true};
    play_text(serve_held_up, "A connect\nA expect \"late\" 30s\n", 0);
    all_well();
}

static void answers_are_noted(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nA expect \"x\" 10ms\n", 0);
    assert_true(play.answers.none);
    assert_false(play.answers.any);
}

static void serve_nobody(int listener)
{
    close(take(listener));
    pause();
}

/* Who hangs up at once may answer the next one: nobody has waited. */
static void a_failure_at_once_is_no_waiting(void **state)
{
    (void)state;
    play_text(serve_nobody, "A connect\nA expect \"x\" 30s\n", 0);
    assert_non_null(observation_failed_step(&play.observation));
    assert_false(play.answers.none);
}

static void a_wrong_answer_is_one(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"hello\" 50ms\n", 0);
    assert_false(play.answers.none);
    assert_true(play.answers.any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_was_held_up_has_that_time_once_more),
        TEST(what_held_up_before_is_no_excuse),
        TEST(who_was_not_has_not),
        TEST(what_came_in_time_is_read_before_it_is_over),
        TEST(who_answered_nobody_gets_a_glance),
        TEST(who_answered_somebody_has_its_time),
        TEST(answers_are_noted),
        TEST(a_wrong_answer_is_one),
        TEST(a_failure_at_once_is_no_waiting),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
