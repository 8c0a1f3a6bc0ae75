/* The parser of peer scripts, its words and payloads, and what a client expects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>

#include "base/clock.h"
#include "peer/expected.h"
#include "peer/script.h"
#include "peer/words.h"

static Script script;
static Fault fault;

static int parse(const char *text)
{
    script_release(&script);
    fault = (Fault){{0}};
    return script_parse(&script, "try", text, strlen(text), &fault);
}

static int forget(void **state)
{
    (void)state;
    script_release(&script);
    return 0;
}

/* --- what is right --- */

static void every_setting(void **state)
{
    (void)state;
    assert_int_equal(parse("# first\n\ntitle \"A \\\"quoted\\\" title\"\nargs 9107 3\nuntraced\n"
                           "burn 60ms # why\nlimit descriptors 64\nnarrow\nA connect\n"),
                     0);
    assert_string_equal(script.title, "A \"quoted\" title");
    assert_int_equal(script.port, 9107);
    assert_true(script.has_second_argument);
    assert_int_equal(script.second_argument, 3);
    assert_true(script.untraced);
    assert_int_equal(script.narrow, 2048);
    assert_int_equal(script.burn_ns, 60 * NS_PER_MS);
    assert_int_equal(script.descriptors, 64);
}

static void settings_left_out(void **state)
{
    (void)state;
    assert_int_equal(parse("A connect"), 0);
    assert_int_equal(script.port, -1);
    assert_false(script.has_second_argument);
    assert_false(script.untraced);
    assert_int_equal(script.narrow, 0);
    assert_string_equal(script.title, "try");
    assert_int_equal(parse("args 0\nA connect"), 0);
    assert_int_equal(script.port, 0);
    assert_int_equal(parse("args\nA connect"), 0);
    assert_int_equal(script.port, -1);
}

static void every_verb(void **state)
{
    (void)state;
    assert_int_equal(parse("A connect\nB7 connect 2s\nA send \"hel\\n\"\nA expect \"x\" x 3 500ms\n"
                           "A pause-reading\nA resume-reading\nA half-close\nA expect-end\n"
                           "B7 reset\nA close\nsettle 300ms\nwatch 1.5s\npause 200us\ninterrupt\n"
                           "signal TERM\ncramp\nexit\n"),
                     0);
    static const Verb verbs[] = {
        VERB_CONNECT,        VERB_CONNECT,    VERB_SEND,       VERB_EXPECT,    VERB_PAUSE_READING,
        VERB_RESUME_READING, VERB_HALF_CLOSE, VERB_EXPECT_END, VERB_RESET,     VERB_CLOSE,
        VERB_SETTLE,         VERB_WATCH,      VERB_PAUSE,      VERB_INTERRUPT, VERB_SIGNAL,
        VERB_CRAMP,          VERB_EXIT,
    };
    assert_int_equal(script.n_steps, 17);
    for (int i = 0; i < 17; i++) {
        assert_int_equal(script.steps[i].verb, verbs[i]);
        assert_int_equal(script.steps[i].line, i + 1);
    }
    assert_int_equal(script.n_clients, 2);
    assert_string_equal(script.client_names[1], "B7");
    assert_int_equal(script.steps[1].client, 1);
    assert_int_equal(script.steps[1].time_ns, 2 * NS_PER_S);
    assert_int_equal(script.steps[3].times, 3);
    assert_int_equal(script.steps[3].time_ns, 500 * NS_PER_MS);
    assert_int_equal(script.steps[7].time_ns, NS_PER_S);
    assert_int_equal(script.steps[10].client, -1);
    assert_int_equal(script.steps[11].time_ns, 1500 * NS_PER_MS);
    assert_int_equal(script.steps[12].time_ns, 200 * NS_PER_US);
    assert_int_equal(script.steps[14].signal, SIGTERM);
    assert_int_equal(script.steps[16].time_ns, NS_PER_S);
}

static void escapes(void **state)
{
    (void)state;
    assert_int_equal(parse("A connect\nA send \"a\\0b\\x41\\xfF\\\\\\\"\\t\\r\\n#'\"\n"), 0);
    assert_int_equal(script.steps[1].data_len, 12);
    assert_memory_equal(script.steps[1].data, "a\0bA\xff\\\"\t\r\n#'", 12);
}

static void groups_stand_side_by_side(void **state)
{
    (void)state;
    assert_int_equal(parse("A connect\nC2 connect\n3 clients connect\n"), -1); /* C2 twice */
    assert_int_equal(parse("A connect\n3 clients connect\nB connect\nC2 send \"%d\"\n"
                           "3 clients send \"n%d\"\n2 clients close\nC1 connect\n"),
                     0);
    assert_int_equal(script.n_clients, 5);
    assert_string_equal(script.client_names[0], "C1");
    assert_string_equal(script.client_names[2], "C3");
    assert_int_equal(script.steps[0].client, 3);
    assert_int_equal(script.steps[1].client, 0);
    assert_int_equal(script.steps[1].clients, 3);
    assert_false(script.steps[3].numbered);
    assert_true(script.steps[4].numbered);
}

/* --- what is wrong, and that its line is named --- */

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"", "try.peer:1: holds no step"},
        {"# nothing\n\n", "try.peer:2: holds no step"},
        {"A connect\nA dance\n", "try.peer:2: no verb or setting is called \"dance\""},
        {"A\n", "try.peer:1: a client without a verb"},
        {"connect\n", "connect wants a client"},
        {"A settle 3ms\n", "settle has no client"},
        {"AB connect\n", "\"AB\" is no client"},
        {"A0 connect\n", "\"A0\" is no client"},
        {"A01 connect\n", "\"A01\" is no client"},
        {"0 clients connect\n", "1 to 4096 clients"},
        {"4097 clients connect\n", "1 to 4096 clients"},
        {"A send \"x\"\n", "try.peer:1: A is not connected"},
        {"A connect\nA connect\n", "try.peer:2: A is connected already"},
        {"A connect\nA half-close\nA send \"x\"\n", "try.peer:3: A has closed its side"},
        {"A connect\nA close\nA expect \"x\"\n", "try.peer:3: A is not connected"},
        {"2 clients connect\n3 clients send \"x\"\n", "try.peer:2: C3 is not connected"},
        {"A connect\nA send\n", "send wants a string"},
        {"A connect\nA send \"\"\n", "send wants a string"},
        {"A connect\nA send 0\n", "send wants a string"},
        {"A connect\nA send 18446744073709551617\n", "send wants a string"},
        {"A connect\nA send 67108865\n", "send wants a string"},
        {"A connect\nA send \"xy\" x 33554433\n", "64 MiB at most"},
        {"A connect\nA send \"xy\" x\n", "x wants how many times"},
        {"A connect\nA send \"abc\n", "a string has no end"},
        {"A connect\nA send \"\\q\"\n", "an escape"},
        {"A connect\nA send \"\\x4\"\n", "an escape"},
        {"A connect\nA send \"a\" \"b\"\n", "too much on the line, from \"b\" on"},
        {"A connect\nwatch\n", "watch wants a time"},
        {"A connect\npause 3\n", "a time is like"},
        {"A connect\npause 0ms\n", "a time is like"},
        {"A connect\npause 61s\n", "a time is like"},
        {"A connect\npause 99999999999999999999s\n", "a time is like"},
        {"A connect\npause 1.s\n", "a time is like"},
        {"A connect\nsignal KILL\n", "signal knows"},
        {"A connect\nsignal\n", "signal knows"},
        {"A connect\nexit 1s\nA close\n", "try.peer:3: nothing may stand behind exit"},
        {"A connect\ntitle \"x\"\n", "try.peer:2: title stands before the first step"},
        {"args 1\nargs 2\n", "try.peer:2: args is given twice"},
        {"args 65536\n", "args wants a port"},
        {"args 1 -2\n", "the second of args"},
        {"burn long\n", "burn wants a time"},
        {"limit memory 3\n", "limit knows only"},
        {"limit descriptors 3\n", "16 at least"},
        {"title x\n", "title wants a string"},
        {"A connect\nrepeat\npause 1ms\nend\n", "try.peer:2: repeat wants how often"},
        {"A connect\nrepeat 1001\npause 1ms\nend\n", "repeat wants how often"},
        {"A connect\nrepeat 2 3\npause 1ms\nend\n", "too much on the line"},
        {"A connect\nrepeat 2\nrepeat 2\nend\nend\n", "try.peer:3: repeat stands within"},
        {"A connect\nend\n", "try.peer:2: end stands without"},
        {"A connect\nrepeat 2\npause 1ms\n", "repeat wants an end"},
        {"repeat 2\nA connect\nend\n", "try.peer:2: A is connected already"},
        {"A connect\nrepeat 1000\npause 1ms\npause 1ms\nend\n", "more than 1000 steps"},
        {"A connect a b c d e f g\n", "too many words"},
        {"A connect\nA \x1b[31mred\n", "\"\\x1b[31mred\""},
        {"\"A\" connect\n", "no verb or setting"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(parse(wrong[i].text), -1);
        if (!strstr(fault.text, wrong[i].said))
            fail_msg("\"%s\" was answered with \"%s\"", wrong[i].text, fault.text);
        assert_int_equal(script.n_steps, 0);
        assert_null(script.title);
    }
}

static void lines_repeated(void **state)
{
    (void)state;
    assert_int_equal(parse("pause 5ms\nrepeat 3\n# twice\nA connect\nA close\nend\npause 1ms\n"),
                     0);
    static const int lines[] = {1, 4, 5, 4, 5, 4, 5, 7};
    assert_int_equal(script.n_steps, sizeof lines / sizeof *lines);
    for (int i = 0; i < script.n_steps; i++)
        assert_int_equal(script.steps[i].line, lines[i]);
    assert_int_equal(parse("repeat 1\nA connect\nend\nrepeat 2\npause 1ms\nend"), 0);
    assert_int_equal(script.n_steps, 3);
}

static void bounds(void **state)
{
    (void)state;
    char *text = calloc(1, SCRIPT_BYTES + 2);
    memset(text, '\n', SCRIPT_BYTES + 1);
    assert_int_equal(parse(text), -1);
    assert_non_null(strstr(fault.text, "64 KiB"));
    memcpy(text, "A connect", 9);
    text[SCRIPT_BYTES] = 0;
    assert_int_equal(parse(text), 0);
    strcpy(text, "A connect\n");
    for (int i = 0; i < SCRIPT_STEPS; i++)
        strcat(text, "pause 1ms\n");
    assert_int_equal(parse(text), -1);
    assert_non_null(strstr(fault.text, "try.peer:1001: more than 1000 steps"));
    free(text);
}

static void place_of_a_name_with_a_suffix(void **state)
{
    (void)state;
    char place[64];
    assert_string_equal(script_place(place, sizeof place, "a.peer", 3), "a.peer:3");
    assert_string_equal(script_place(place, sizeof place, "a", 3), "a.peer:3");
}

/* --- payloads --- */

static void payloads(void **state)
{
    (void)state;
    char bytes[64];
    Payload payload;
    parse("2 clients connect\n2 clients send \"<%d>\" x 3\nC1 send 100\nC1 send \"ab\" x 5\n");
    payload_init(&payload, &script.steps[1], 12);
    assert_int_equal(payload.total, 12);
    assert_int_equal(payload_copy(&payload, 0, bytes, sizeof bytes), 12);
    assert_memory_equal(bytes, "<12><12><12>", 12);
    payload_release(&payload);

    payload_init(&payload, &script.steps[2], 1);
    assert_int_equal(payload.total, 100);
    assert_int_equal(payload_copy(&payload, 5, bytes, 14), 14);
    assert_memory_equal(bytes, "00.0000001.000", 14);
    assert_int_equal(payload_copy(&payload, 96, bytes, sizeof bytes), 4);
    assert_int_equal(payload_copy(&payload, 100, bytes, sizeof bytes), 0);
    payload_release(&payload);

    payload_init(&payload, &script.steps[3], 1);
    assert_int_equal(payload_copy(&payload, 3, bytes, 4), 4);
    assert_memory_equal(bytes, "baba", 4);
    payload_release(&payload);
    payload_release(&payload);
}

/* --- what a client expects --- */

static void expected_in_pieces(void **state)
{
    (void)state;
    Expected in;
    parse("A connect\nB connect\nA expect \"hello\"\nB expect \"no\"\nA expect \"!\"\n"
          "A close\nA connect\nA expect \"again\"\n");
    expected_init(&in, &script, 0, 0);
    expected_feed(&in, "hel", 3);
    assert_false(expected_met(&in, 2));
    assert_false(expected_failed(&in, 2));
    expected_feed(&in, "lo!", 3); /* the next step's byte, before that step is played */
    assert_true(expected_met(&in, 2));
    assert_true(expected_met(&in, 4));
    assert_int_equal(in.step, script.n_steps); /* "again" is for another connection */
    expected_feed(&in, "more", 4);             /* which nobody has asked about */
    assert_false(in.wrong);
    expected_release(&in);

    expected_init(&in, &script, 0, 6);
    assert_int_equal(in.step, 7);
    expected_feed(&in, "agaze", 5);
    assert_true(expected_failed(&in, 7));
    assert_int_equal(in.at, 3);
    assert_string_equal(in.seen.data, "agaze");
    assert_string_equal(in.instead.data, "ze");
    expected_release(&in);
    expected_release(&in);
}

static void expected_long_payload(void **state)
{
    (void)state;
    Expected in;
    Payload payload;
    char bytes[1000];
    parse("A connect\nA send 100000\nA expect 100000\n");
    payload_init(&payload, &script.steps[1], 1);
    expected_init(&in, &script, 0, 0);
    for (uint64_t at = 0; at < 99000; at += sizeof bytes)
        expected_feed(&in, bytes, payload_copy(&payload, at, bytes, sizeof bytes));
    assert_int_equal(in.at, 99000);
    assert_false(in.wrong);
    payload_copy(&payload, 98992, bytes, sizeof bytes); /* a block comes twice */
    expected_feed(&in, bytes, sizeof bytes);
    assert_true(in.wrong);
    assert_true(in.at >= 99000 && in.at < 99008);
    expected_release(&in);
    payload_release(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting),
        cmocka_unit_test(settings_left_out),
        cmocka_unit_test(every_verb),
        cmocka_unit_test(escapes),
        cmocka_unit_test(groups_stand_side_by_side),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(lines_repeated),
        cmocka_unit_test(bounds),
        cmocka_unit_test(place_of_a_name_with_a_suffix),
        cmocka_unit_test(payloads),
        cmocka_unit_test(expected_in_pieces),
        cmocka_unit_test(expected_long_payload),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
