#include "story.h"

#include "exercises/served.h"

static void what_is_printed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        Served served;
    } lines[] = {
        {"task 1: data-1\n", SERVED_WHOLE},
        {"task 1: data-1\n\n", SERVED_WHOLE},
        {"hello\ntask 2: x\ntask 1: data-1\n", SERVED_WHOLE},
        {"task 1: got data-1!\n", SERVED_DECORATED},
        {"> task 1: data-1\n", SERVED_DECORATED},
        {"task 1 data-1\n", SERVED_DECORATED},
        {"task 11: data-1\n", SERVED_UNLABELLED},
        {"task 2: data-1\n", SERVED_UNLABELLED},
        {"data-1\n", SERVED_UNLABELLED},
        {"task 1: data\n", SERVED_NOT},
        {"", SERVED_NOT},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        Story story;
        story_tell(&story, "data-later", "accept send 1 get 1");
        story_say(&story, lines[i].text);
        assert_int_equal(served(&story.run, 1), lines[i].served);
        story_release(&story);
    }
}

static void what_is_printed_of_bytes(void **state)
{
    (void)state;
    Story story;
    story_tell(&story, "bytes", "accept send 1 get 1 accept send 2 get 2");
    Buf *sent = &story.clients[0].sent;
    buf_clear(sent);
    buf_add(sent, "a\0b", 3);
    capture_add(&story.run.out, "task 1: a\0b", 11);
    assert_int_equal(served(&story.run, 1), SERVED_NO_LINE_END);
    capture_add(&story.run.out, "task 2: data-2\n", 15);
    assert_int_equal(served(&story.run, 1), SERVED_NO_LINE_END);
    capture_add(&story.run.out, "task 1: a\0b\n", 12);
    assert_int_equal(served(&story.run, 1), SERVED_WHOLE);
    assert_false(said_closed(&story.run, 1));
    capture_add(&story.run.out, "task 1: closed", 14);
    assert_true(said_closed(&story.run, 1));
    story_release(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed),
        cmocka_unit_test(what_is_printed_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
