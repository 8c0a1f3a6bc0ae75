/* What the player says of a step that fails, and what comes after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#include "player_play.h"

static void serve_hel_and_end(int listener)
{
    int fd = take(listener);
    put(fd, "hel", 3);
    close(fd);
    pause();
}

static void got_nothing_more(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"hello\\n\" 100ms\npause 1ms\n", 0);
    failed_with("try.peer:2: A expected \"hello\\n\" within 100 ms, got \"hel\" and then nothing");
    assert_true(lasted(1) >= 100 * NS_PER_MS);
    assert_int_equal(play.observation.n_steps, 3); /* it goes on */
}

static void got_nothing(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nA expect \"\\xff\" 50ms\n", 0);
    failed_with("try.peer:2: A expected \"\\xff\" within 50 ms, got nothing");
}

static void got_too_few_of_many(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"help\" x 2 50ms\n", 0);
    failed_with("try.peer:2: A expected \"help\" x 2 within 50 ms, got \"hel\" and then nothing");
}

static void got_wrong_bytes(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"hat\" 5s\nA expect \"x\"\n", 0);
    failed_with("try.peer:2: A expected \"hat\", got \"hel\"");
    assert_true(lasted(1) < 5 * NS_PER_S);
    assert_string_equal(play.observation.steps[2].message,
                        "try.peer:3: A expected \"x\" (still waiting for the bytes of line 2), "
                        "got \"hel\"");
}

static void got_a_wrong_byte_far_in(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send \"ab\" x 50\nA send \"aaab\"\nA expect \"ab\" x 60\n",
              0);
    failed_with("try.peer:4: A expected \"ab\" x 60, but byte 102 of it is wrong: expected "
                "\"bababababababababab\", got \"aab\"");
}

static void serve_blocks_1_again(int listener)
{
    put(take(listener), "0000000.0000001.0000001.0000002.", 32);
    pause();
}

static void serve_without_block_7(int listener)
{
    put(take(listener), "0000000.0000001.0000002.0000003.0000004.0000005.0000006.08.0000009.", 67);
    pause();
}

static void got_bytes_again(void **state)
{
    (void)state;
    play_text(serve_blocks_1_again, "A connect\nA expect 64\n", 0);
    failed_with(
        "try.peer:2: A expected 64 made-up bytes, got \"0000000.0000001.0000001.0000002.\": "
        "bytes that came before, from byte 15 on, come again");
}

static void got_too_few_in_between(void **state)
{
    (void)state;
    play_text(serve_without_block_7, "A connect\nA expect 640\n", 0);
    failed_with("try.peer:2: A expected 640 made-up bytes, but byte 58 of it is wrong: expected "
                "\"000007.0000008.0000009.0000010.0000011.0000012.0...\", got \"8.0000009.\": 13 "
                "bytes are left out here");
}

static void got_the_end(void **state)
{
    (void)state;
    play_text(serve_hel_and_end, "A connect\nA expect \"hello\" 5s\n", 0);
    failed_with("try.peer:2: A expected \"hello\", got \"hel\" and then the end of the connection");
}

static void got_a_reset(void **state)
{
    (void)state;
    play_text(serve_hel_and_reset,
              "A connect\nA expect \"hel\"\nA send \"x\"\nA expect \"lo\" 5s\nA expect-end\n", 0);
    failed_with("try.peer:4: A expected \"lo\", got a reset");
    assert_true(play.observation.clients[0].reset);
    assert_string_equal(play.observation.steps[4].message,
                        "try.peer:5: A expected the end of the connection, got a reset");
}

static void no_end_comes(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect-end 50ms\n", 0);
    failed_with("try.peer:2: A expected the end of the connection within 50 ms, "
                "and it is still open");
}

static void several_are_named(void **state)
{
    (void)state;
    play_text(serve_hel, "3 clients connect\n3 clients expect \"hel\" 50ms\n", 0);
    failed_with("try.peer:2: C2 (and 1 more) expected \"hel\" within 50 ms, got nothing");
}

static void nobody_listens(void **state)
{
    (void)state;
    play_text(NULL, "A connect\nA send \"x\"\nexit 5s\n", 0);
    char want[128];
    snprintf(want, sizeof want,
             "try.peer:1: A could not connect to 127.0.0.1:%d: Connection refused", play.port);
    failed_with(want);
    assert_int_equal(play.observation.n_steps, 1); /* there is no sense in going on */
}

static void sends_to_nobody(void **state)
{
    (void)state;
    play_text(serve_hel_and_reset,
              "A connect\nA expect \"hel\"\nA send \"x\"\nA expect-end\nA send \"y\"\n"
              "pause 1ms\n",
              0);
    assert_false(play.observation.steps[4].ok);
    assert_non_null(strstr(play.observation.steps[4].message, "A could not send: "));
    assert_true(play.observation.steps[5].ok);
}

static void our_failure_is_a_fault(void **state)
{
    (void)state;
    play.no_sockets = true;
    play_text(serve_echo, "A connect\nexit\n", 0);
    assert_string_equal(play.observation.fault.text, "none today");
    assert_int_equal(play.observation.n_steps, 1);
}

static void who_came_to_nothing_is_known(void **state)
{
    (void)state;
    play_text(NULL, "B connect\nA connect\nA send \"a\"\n2 clients connect\n", 0);
    assert_int_equal(play.observation.n_steps, 1);
    assert_int_equal(play.observation.clients[0].unplayed, 1);
    assert_int_equal(play.observation.clients[1].unplayed, 1);
    assert_int_equal(play.observation.clients[2].unplayed, 0);
    assert_int_equal(play.observation.clients[3].unplayed, 2);
}

static void all_came_to_their_end(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send \"a\"\nA expect \"a\"\n", 0);
    assert_int_equal(play.observation.clients[0].unplayed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(got_nothing_more),
        TEST(got_nothing),
        TEST(got_too_few_of_many),
        TEST(got_wrong_bytes),
        TEST(got_a_wrong_byte_far_in),
        TEST(got_bytes_again),
        TEST(got_too_few_in_between),
        TEST(got_the_end),
        TEST(got_a_reset),
        TEST(no_end_comes),
        TEST(several_are_named),
        TEST(nobody_listens),
        TEST(sends_to_nobody),
        TEST(our_failure_is_a_fault),
        TEST(who_came_to_nothing_is_known),
        TEST(all_came_to_their_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
