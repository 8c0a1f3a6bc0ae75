/* The checks of exercise 4, on runs told as stories (story.h). */
#include "story_judged.h"

#include "exercises/chain_checks.h"

/* --- what is right --- */

static void right_program(void **state)
{
    (void)state;
    Case *judged = judge(-1);
    expect_rest_passes(judged, NULL);
    judged_free(judged);
}

static const struct {
    Scene scene;
    const char *story;
} freedoms[] = {
    /* registered before the first try, and a second try behind it */
    {LATER, "accept poll 1 watch 1 try 1 try 1 pending 1 wait idle send 1 woke 1 wake 1 last 1"},
    /* registered when it was accepted */
    {LATER, "accept watch 1 poll 1 try 1 pending 1 wait idle send 1 woke 1 wake 1 last 1"},
    /* for one event only, again and again */
    {LATER, "accept poll 1 try 1 once 1 pending 1 wait idle send 1 woke 1 wake 1 last 1"},
    /* spawned by the reactor's wake when the listener was ready */
    {LATER, "rest accept wake 1 first 1 wait idle send 1 woke 1 wake 1 last 1"},
    /* spawned by a wake; an outer future that awaits an inner one */
    {LATER, "accept wake 1 poll 1 poll 1 try 1 pending 1 watch 1 pending 1 wait idle send 1 woke 1 "
            "wake 1 poll 1 poll 1 get 1 close 1 ready 1 ready 1"},
    /* a second try that finds what the first did not */
    {ORDER, "accept accept accept first 1 poll 2 try 2 watch 2 send 2 get 2 close 2 ready 2 "
            "first 3 wait send 3 woke 3 wake 3 last 3 wait send 1 woke 1 wake 1 last 1"},
    /* a try that is still under way when the data comes */
    {AT_ONCE, "accept nonblock 1 poll 1 block 1 send 1 got 1 close 1 ready 1"},
    /* slow, but not waiting for the data */
    {ORDER, "accept accept accept first 1 poll 2 nap send 2 get 2 close 2 ready 2 "
            "first 3 wait send 3 woke 3 wake 3 last 3 wait send 1 woke 1 wake 1 last 1"},
    /* accepting is task 0 */
    {LATER, "poll 0 accept wake 1 ready 0 first 1 wait idle send 1 woke 1 wake 1 last 1"},
    /* accepting is the task behind the others: it reads nothing, and is woken for the listener */
    {LATER, "wake 2 poll 2 pending 2 rest accept wake 2 poll 2 wake 1 ready 2 first 1 wait idle "
            "send 1 woke 1 wake 1 last 1"},
    /* a glance at the reactor between two polls */
    {TWO, "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 1 2 wake 1 wake 2 "
          "last 2 glance last 1 wait send 3 woke "
          "3 wake 3 last 3"},
    /* a wait of which it is not known what it reported */
    {TWO, "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 0 wake 1 wake 2 "
          "last 1 last 2 wait send 3 woke 3 wake 3 last 3"},
    /* two wakes before one poll */
    {ORDER, "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 wake 2 last 2 "
            "wait send 3 woke 3 wake 3 last 3 wait "
            "send 1 woke 1 wake 1 last 1"},
    /* the last one closed by the exit */
    {ORDER, "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 last 2 wait "
            "send 3 woke 3 wake 3 last 3 wait send 1 "
            "woke 1 wake 1 poll 1 get 1 ready 1"},
    /* what is left in a connection is read before it is closed */
    {ORDER, "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 poll 2 get 2 "
            "ready 2 try 2 close 2 "
            "wait send 3 woke 3 wake 3 last 3 wait send 1 woke 1 wake 1 last 1"},
    /* a hint that was wrong */
    {LATER, "accept first 1 wait idle woke 1 wake 1 poll 1 try 1 pending 1 "
            "wait send 1 woke 1 wake 1 last 1"},
};

static void every_freedom(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof freedoms / sizeof *freedoms; i++) {
        print_message("freedom %zu\n", i);
        Case *judged = judge((int)freedoms[i].scene, freedoms[i].story, -1);
        /* (the wrong hint's run is not idle throughout) */
        expect_rest_passes(judged, i == 15 ? "sleeps-when-empty" : NULL, NULL);
        judged_free(judged);
    }
}

/* --- what is not --- */

static void no_futures(void **state)
{
    (void)state;
    static const char order[] = "accept accept accept watch 1 watch 2 watch 3 "
                                "wait send 2 woke 2 get 2 close 2 wait send 3 woke 3 get 3 close 3 "
                                "wait send 1 woke 1 get 1 close 1";
    Case *judged = judge(LATER, "accept watch 1 wait idle send 1 woke 1 get 1 close 1", AT_ONCE,
                         "accept watch 1 send 1 wait woke 1 get 1 close 1", ORDER, order, TWO,
                         "accept accept accept watch 1 watch 2 watch 3 wait send 1 send 2 woke 1 2 "
                         "get 1 get 2 wait send 3 woke 3 get 3",
                         -1);
    expect(judged, "data-served", CHECK_PASS, 6);
    expect(judged, "arrival-order", CHECK_PASS, 6);
    expect(judged, "tries-first", CHECK_FAIL, 0);
    for (int i = 3; i < 8; i++)
        expect(judged, behaviours[i], CHECK_SKIP, 0);
    expect(judged, "finishes-clean", CHECK_PASS, 2);
    expect(judged, "peer-gone", CHECK_PASS, 2);
    judged_free(judged);
}

static void forged_marks(void **state)
{
    (void)state;
    /* All marks in the right order, around nothing; the work is done beside them. */
    static const char later[] = "accept watch 1 poll 1 pending 1 wait idle send 1 woke 1 get 1 "
                                "wake 1 poll 1 ready 1 close 1";
    static const char two[] = "accept accept accept watch 1 watch 2 watch 3 wait send 1 send 2 "
                              "woke 1 2 wake 1 wake 2 poll 1 ready 1 poll 2 ready 2 get 1 get 2";
    Case *judged = judge(LATER, later, ORDER, "accept accept accept", TWO, two, -1);
    expect(judged, "tries-first", CHECK_FAIL, 0);
    expect(judged, "registers-and-pends", CHECK_SKIP, 0);
    expect(judged, "reactor-wakes-only", CHECK_FAIL, 0);
    expect(judged, "polls-woken-only", CHECK_SKIP, 0);
    expect(judged, "wake-is-not-poll", CHECK_SKIP, 0);
    expect(judged, "sleeps-when-empty", CHECK_SKIP, 0);
    judged_free(judged);
}

typedef struct Wrong {
    const char *id;
    CheckStatus status;
    int halves;
    Scene scene;
    const char *story;
} Wrong;

static const Wrong wrongs[] = {
    {"tries-first", CHECK_FAIL, 0, LATER,
     "accept poll 1 watch 1 pending 1 wait idle send 1 woke 1 wake 1 last 1"},
    {"tries-first", CHECK_FAIL, 0, LATER,
     "accept poll 1 block 1 idle send 1 got 1 close 1 ready 1"},
    {"registers-and-pends", CHECK_FAIL, 2, LATER,
     "accept poll 1 try 1 pending 1 watch 1 wait idle send 1 woke 1 wake 1 last 1"},
    {"registers-and-pends", CHECK_FAIL, 2, LATER,
     "accept poll 1 try 1 watch 1 forget 1 pending 1 rest"},
    {"registers-and-pends", CHECK_FAIL, 0, LATER,
     "accept poll 1 try 1 try 1 try 1 idle send 1 get 1 close 1 ready 1"},
    {"registers-and-pends", CHECK_FAIL, 0, LATER,
     "accept poll 1 try 1 nap idle send 1 get 1 close 1 ready 1"},
    {"registers-and-pends", CHECK_FAIL, 0, LATER,
     "accept poll 1 try 1 watch 1 wait idle send 1 woke 1 get 1 close 1 ready 1"},
    /* one event, and not armed again */
    {"registers-and-pends", CHECK_FAIL, 2, LATER,
     "accept poll 1 try 1 once 1 pending 1 wait idle woke 1 wake 1 poll 1 try 1 pending 1 wait"},
    {"reactor-wakes-only", CHECK_FAIL, 0, LATER,
     "accept first 1 wait idle send 1 woke 1 get 1 wake 1 poll 1 ready 1"},
    {"reactor-wakes-only", CHECK_FAIL, 0, LATER,
     "accept first 1 wait idle send 1 woke 1 poll 1 get 1 ready 1 close 1"},
    {"reactor-wakes-only", CHECK_FAIL, 4, ORDER,
     "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 1 wake 2 wake 3 last 2 "
     "wait send 3 woke 3 wake 3 last 3 wait "
     "send 1 woke 1 wake 1 last 1"},
    {"reactor-wakes-only", CHECK_FAIL, 4, TWO,
     "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 1 2 wake 1 last 1 wait "
     "send 3 woke 3 wake 3 last 3 wait"},
    {"polls-woken-only", CHECK_SKIP, 0, ORDER,
     "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 1 wake 2 poll 1 try 1 "
     "pending 1 last 2"},
    {"tries-first", CHECK_FAIL, 0, ORDER, "accept accept accept poll 1 try 2 watch 2 pending 1"},
    {"polls-woken-only", CHECK_FAIL, 0, ORDER,
     "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 poll 1 try 1 pending "
     "1 last 2"},
    {"polls-woken-only", CHECK_FAIL, 0, ORDER,
     "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 last 2 poll 2 ready "
     "2"},
    {"polls-woken-only", CHECK_FAIL, 0, ORDER,
     "accept accept accept first 1 first 2 first 3 "
     "wait send 2 woke 2 wake 2 poll 2 get 2 ready 2 wait woke 2 wake 2 poll 2 end 2 ready 2"},
    {"wake-is-not-poll", CHECK_FAIL, 0, TWO,
     "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 1 2 wake 1 last 1 wake "
     "2 last 2 wait send 3 woke 3 wake 3 "
     "last 3"},
    {"sleeps-when-empty", CHECK_FAIL, 2, LATER,
     "accept first 1 nap idle nap send 1 wait woke 1 wake 1 last 1"},
    {"sleeps-when-empty", CHECK_FAIL, 0, LATER,
     "accept first 1 limit 99 wait idle send 1 woke 1 wake 1 last 1"},
    {"sleeps-when-empty", CHECK_FAIL, 2, LATER,
     "accept first 1 limit 999 wait idle send 1 woke 1 wake 1 last 1"},
    {"sleeps-when-empty", CHECK_PASS, 4, LATER,
     "accept first 1 limit 1000 wait idle send 1 woke 1 wake 1 last 1"},
    {"sleeps-when-empty", CHECK_FAIL, 2, TWO,
     "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 1 2 wake 1 wake 2 last "
     "1 wait woke 2 wake 2 last 2 wait send "
     "3 woke 3 wake 3 last 3"},
    {"finishes-clean", CHECK_FAIL, 1, ORDER,
     "accept accept accept send 1 send 2 send 3 get 1 close 1 get 2 close 2 get 3 close 3 exit 3"},
    {"peer-gone", CHECK_FAIL, 1, GONE, "accept accept hangup 1 send 2 get 2 exit 3"},
    {"finishes-clean", CHECK_FAIL, 0, ORDER,
     "accept accept accept send 1 send 2 send 3 get 1 get 2 get 3 exit 3"},
    {"finishes-clean", CHECK_PASS, 2, ORDER,
     "accept send 2 send 3 send 1 get 1 close 1 accept get 2 close 2 accept get 3 exit 0"},
    {"finishes-clean", CHECK_SKIP, 0, ORDER, "accept accept send 1 send 2 send 3 get 1 get 2"},
    {"finishes-clean", CHECK_FAIL, 1, ORDER,
     "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 poll 2 get 2 ready 2 "
     "wait send 3 woke 3 wake "
     "3 last 3 wait send 1 woke 1 wake 1 last 1 close 2"},
};

static void every_mistake(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const Wrong *wrong = &wrongs[i];
        print_message("mistake %zu\n", i);
        Case *judged = judge((int)wrong->scene, wrong->story, -1);
        expect(judged, wrong->id, wrong->status, wrong->halves);
        assert_true(strlen(check_of(judged, wrong->id)->message) > 0);
        judged_free(judged);
    }
}

/* Who wakes nobody has no queue to wait beside. */
static void no_wakes_no_points(void **state)
{
    (void)state;
    Case *judged = judge(LATER, "accept first 1 nap idle nap", TWO, "accept accept accept", -1);
    expect(judged, "sleeps-when-empty", CHECK_FAIL, 0);
    judged_free(judged);
}

/* --- the call stack decides --- */

#define ONE_BY_ONE(w, p)                                                                           \
    "accept accept accept first 1"                                                                 \
    "first 2 "                                                                                     \
    "first 3 wait send 1 send 2 woke 1 " w "wake 1 " p "last 1 wait woke 2 " w "wake 2 " p         \
    "last 2 wait send 3 woke 3 wake 3 last 3"

static void stack_decides(void **state)
{
    (void)state;
    Case *judged = judge(TWO, ONE_BY_ONE("", ""), -1);
    expect(judged, "wake-is-not-poll", CHECK_FAIL, 0); /* not known without */
    judged_free(judged);
    judged =
        judge(TWO, ONE_BY_ONE("at reactor:70,executor:40,main:9 ", "at executor:30,main:9 "), -1);
    expect_rest_passes(judged, NULL);
    judged_free(judged);
    judged = judge(TWO, "stacks " ONE_BY_ONE("", ""), -1);
    expect_rest_passes(judged, NULL);
    judged_free(judged);
    judged = judge(TWO, ONE_BY_ONE("at main:9 ", "at main:9 "), -1);
    expect_rest_passes(judged, NULL); /* all on one line: who can tell */
    judged_free(judged);
    judged = judge(TWO,
                   ONE_BY_ONE("at reactor:70,executor:40,main:9 ",
                              "at executor:20,reactor:70,executor:40,main:9 "),
                   -1);
    expect(judged, "wake-is-not-poll", CHECK_FAIL, 0);
    assert_string_equal(check_of(judged, "wake-is-not-poll")->evidence[0].file, "executor");
    judged_free(judged);
}

/* --- threads --- */

static void reactor_thread(void **state)
{
    (void)state;
    static const char two[] = "accept accept accept first 1 first 2 first 3 thread 2 wait send 1 "
                              "send 2 woke 1 2 wake 1 thread 1 last 1 thread 2 wake 2 rest "
                              "thread 1 last 2 thread 2 wait send 3 woke 3 wake 3 thread 1 last 3";
    Case *judged =
        judge(LATER, "accept first 1 thread 2 wait idle send 1 woke 1 wake 1 thread 1 last 1", TWO,
              two, -1);
    expect_rest_passes(judged, NULL);
    judged_free(judged);
}

static void served_partly(void **state)
{
    (void)state;
    Case *judged = judge(SCENES + ORDER, "task 1: data-1\ntask 2: data-2\ntask 3: data-3\n", -1);
    expect(judged, "arrival-order", CHECK_FAIL, 0);
    expect_rest_passes(judged, "arrival-order", NULL);
    judged_free(judged);
    judged = judge(SCENES + BYTES, "task 1: data-1\ntask 2: dat\n", -1);
    expect(judged, "data-served", CHECK_FAIL, 3);
    judged_free(judged);
    judged = judge(SCENES + ORDER, "task 1: data-2\n", -1);
    expect(judged, "data-served", CHECK_FAIL, 2);
    judged_free(judged);
    judged = judge(SCENES + SIGNAL, "", -1);
    expect(judged, "data-served", CHECK_FAIL, 4);
    judged_free(judged);
    judged = judge(SCENES + LATER, "task 1 starts\ntask 1: data-1\n", -1);
    expect(judged, "data-served", CHECK_FAIL, 4);
    judged_free(judged);
    judged = judge(SCENES + GONE, "task 1: closed\n", -1);
    expect(judged, "peer-gone", CHECK_FAIL, 1);
    judged_free(judged);
}

/* Nothing at all, in every run: no points. */
static void nothing(void **state)
{
    (void)state;
    Case *judged =
        judge(LATER, "", AT_ONCE, "", ORDER, "", TWO, "", GONE, "", BYTES, "", SIGNAL, "", IDLE, "",
              SCENES + LATER, "", SCENES + AT_ONCE, "", SCENES + ORDER, "", SCENES + TWO, "",
              SCENES + GONE, "", SCENES + BYTES, "", SCENES + SIGNAL, "", SCENES + IDLE, "", -1);
    for (int i = 0; i < judged->result.n_checks; i++)
        assert_int_equal(judged->result.checks[i].halves, 0);
    judged_free(judged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_program),  cmocka_unit_test(every_freedom),
        cmocka_unit_test(no_futures),     cmocka_unit_test(forged_marks),
        cmocka_unit_test(every_mistake),  cmocka_unit_test(stack_decides),
        cmocka_unit_test(reactor_thread),

        cmocka_unit_test(served_partly),

        cmocka_unit_test(nothing),        cmocka_unit_test(no_wakes_no_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
