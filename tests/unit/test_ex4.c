/*
 * The checks of exercise 4, on traces told as stories: each word is an event
 * (or a step of the script), one millisecond after the last.
 *
 *   accept            the next connection
 *   poll K, pending K, ready K, wake K     marks
 *   try K             a read of K's connection that would block
 *   get K             one that gets data
 *   end K             one that gets the end of the stream
 *   watch K, once K, forget K, close K     registered, for one event, removed, closed
 *   wait .. woke K..  a wait that reports these when it returns
 *   glance            a wait with timeout 0
 *   nap               a wait with a timeout of 100 ms, that returns nothing
 *   block K .. got K  a read that blocks until there is data
 *   send K, hangup K  the peer does something
 *   idle              300 ms pass, watched
 *   thread N          what follows is done by this thread
 *   at NAME:N,...     the call stack of the next mark
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "exercises/chain.h"
#include "exercises/served.h"
#include "rubric.h"
#include "trace/trace.h"

extern const Exercise exercise_ex4_reactor;

enum { PID = 100, LISTENER_FD = 3, QUEUE_FD = 4, FIRST_FD = 10, STEPS = 64 };

typedef struct Story {
    Observation run;
    PeerStep steps[STEPS];
    Watch watch;
    PeerClient clients[8];
    int64_t now, began;
    int thread, accepted, waits;
    const char *stack;
} Story;

static Event *add(Story *story, EventKind kind, unsigned task)
{
    Event event = {.kind = kind,
                   .thread = story->thread,
                   .process = PID,
                   .fd = -1,
                   .start_ns = story->began ? story->began : story->now,
                   .end_ns = story->now,
                   .timeout_ns = -1,
                   .call = event_kind_name(kind),
                   .raw = x_strdup(event_kind_name(kind))};
    if (task) {
        event.fd = FIRST_FD + (int)task;
        event.object = trace_connection(story->run.trace, (int)task);
        assert_int_not_equal(event.object, 0);
    }
    return trace_add_take(story->run.trace, &event);
}

static void add_mark(Story *story, const char *word, unsigned task)
{
    Event *event = add(story, EV_MARK, 0);
    event->data = x_printf("%s %u", word, task);
    event->data_len = strlen(event->data);
    if (!story->stack)
        return;
    SourceLine lines[8];
    char file[16];
    int n = 0, line, used;
    for (const char *at = story->stack; sscanf(at, "%15[a-z]:%d%n", file, &line, &used) == 2;) {
        lines[n++] = (SourceLine){trace_intern(story->run.trace, file), line};
        at += used;
        if (*at++ != ',')
            break;
    }
    event->stack = x_calloc((size_t)n, sizeof *lines);
    memcpy(event->stack, lines, (size_t)n * sizeof *lines);
    event->stack_len = n;
    event->at = lines[0];
    story->stack = NULL;
}

static void add_step(Story *story, const char *verb, unsigned task)
{
    story->steps[story->run.n_steps++] =
        (PeerStep){.verb = verb, .client = (int)task - 1, .ok = true, .start_ns = story->now};
    if (strcmp(verb, "send") != 0)
        return;
    buf_clear(&story->clients[task - 1].sent);
    char data[16];
    snprintf(data, sizeof data, "data-%u\n", task);
    buf_str(&story->clients[task - 1].sent, data);
}

static void accept_one(Story *story)
{
    Event event = {.kind = EV_ACCEPT, .thread = story->thread, .process = PID};
    int task = ++story->accepted;
    event.fd = FIRST_FD + task;
    event.object = trace_open(story->run.trace, PID, event.fd, OBJECT_CONNECTION, story->now);
    event.start_ns = event.end_ns = story->now;
    trace_add_take(story->run.trace, &event);
}

static void add_watch(Story *story, unsigned task, unsigned flags)
{
    Event *event = add(story, EV_WATCH, task);
    event->via = VIA_EPOLL;
    event->flags = flags;
}

static void add_wait(Story *story, int64_t timeout_ns)
{
    Event *event = add(story, EV_WAIT, 0);
    event->via = VIA_EPOLL;
    event->timeout_ns = timeout_ns;
}

static void add_read(Story *story, unsigned task, int64_t result)
{
    Event *event = add(story, EV_READ, task);
    event->result = result;
    event->error = result < 0 ? 11 : 0;
}

static void do_idle(Story *story)
{
    story->watch.start_ns = story->watch.before.mono_ns = story->now;
    story->now += 300 * NS_PER_MS;
    story->watch.end_ns = story->watch.after.mono_ns = story->now;
    story->run.watches = &story->watch;
    story->run.n_watches = 1;
}

static void do_word(Story *story, const char *word, unsigned task)
{
    static const char *const marks[] = {"poll", "ready", "pending", "wake"};
    for (int i = 0; i < 4; i++)
        if (strcmp(word, marks[i]) == 0)
            add_mark(story, word, task);
    if (strcmp(word, "accept") == 0)
        accept_one(story);
    else if (strcmp(word, "try") == 0)
        add_read(story, task, -1);
    else if (strcmp(word, "get") == 0 || strcmp(word, "got") == 0)
        add_read(story, task, 7);
    else if (strcmp(word, "end") == 0)
        add_read(story, task, 0);
    else if (strcmp(word, "watch") == 0)
        add_watch(story, task, EVF_ADD | EVF_READABLE);
    else if (strcmp(word, "once") == 0)
        add_watch(story, task, EVF_ADD | EVF_READABLE | EVF_ONESHOT);
    else if (strcmp(word, "forget") == 0)
        add_watch(story, task, EVF_REMOVE);
    else if (strcmp(word, "glance") == 0)
        add_wait(story, 0);
    else if (strcmp(word, "nap") == 0)
        add_wait(story, 100 * NS_PER_MS);
    else if (strcmp(word, "send") == 0)
        add_step(story, "send", task);
    else if (strcmp(word, "hangup") == 0)
        add_step(story, "close", task);
    else if (strcmp(word, "idle") == 0)
        do_idle(story);
    else if (strcmp(word, "thread") == 0)
        story->thread = (int)task;
    if (strcmp(word, "close") == 0) {
        add(story, EV_CLOSE, task)->flags = EVF_LAST;
        trace_close(story->run.trace, PID, FIRST_FD + (int)task, story->now);
    }
    if (strcmp(word, "wait") == 0 || strcmp(word, "block") == 0)
        story->began = story->now;
    else if (strcmp(word, "send") != 0 && strcmp(word, "idle") != 0 && strcmp(word, "hangup") != 0)
        story->began = 0;
}

static void tell(Story *story, const char *name, const char *text)
{
    *story = (Story){.thread = 1, .now = NS_PER_S};
    observation_init(&story->run, name);
    story->run.end = RUN_EXITED;
    story->run.listened = story->run.line_before_connect = true;
    story->run.trace = trace_new(0);
    story->run.steps = story->steps;
    story->run.clients = story->clients;
    for (int i = 0; i < 8; i++)
        buf_init(&story->clients[i].sent, 1000);
    char *copy = x_strdup(text), *rest = copy, *word;
    bool woke = false;
    while ((word = strtok_r(rest, " \n", &rest))) {
        bool number = word[0] >= '0' && word[0] <= '9';
        story->now += number ? 0 : NS_PER_MS;
        if (number && woke) {
            Event *event = add(story, EV_WAKE, (unsigned)atoi(word));
            event->flags = EVF_READABLE;
        } else if (strcmp(word, "woke") == 0) {
            add_wait(story, -1);
            story->began = 0;
        } else if (strcmp(word, "at") == 0) {
            story->stack = strtok_r(rest, " \n", &rest);
        } else if (!number) {
            char *at = rest;
            unsigned task = (unsigned)strtoul(rest, &at, 10);
            do_word(story, word, task);
            if (at != rest)
                rest = at;
        }
        woke = strcmp(word, "woke") == 0 || (woke && number);
    }
    free(copy);
    story->run.n_clients = story->accepted;
}

static void say(Story *story, const char *text)
{
    capture_add(&story->run.out, "listening on 127.0.0.1:9000\n", 28);
    capture_add(&story->run.out, text, strlen(text));
}

static void forget(Story *story)
{
    story->run.steps = NULL;
    story->run.n_steps = 0;
    story->run.clients = NULL;
    story->run.n_clients = 0;
    story->run.watches = NULL;
    story->run.n_watches = 0;
    observation_release(&story->run);
    for (int i = 0; i < 8; i++)
        buf_release(&story->clients[i].sent);
}

/* --- a program as it should be, run by run --- */

typedef enum Scene { LATER, AT_ONCE, ORDER, TWO, GONE, BYTES, SIGNAL, IDLE, SCENES } Scene;

static const char *const names[SCENES] = {"data-later",  "data-at-once", "three-in-order",
                                          "two-at-once", "peer-gone",    "bytes",
                                          "interrupted", "idle-watch"};

#define FIRST(k) "poll " k " try " k " watch " k " pending " k " "
#define LAST(k)  "poll " k " get " k " forget " k " close " k " ready " k " "

static const char *const right[SCENES] = {
    [LATER] = "accept " FIRST("1") "wait idle send 1 woke 1 wake 1 " LAST("1"),
    [AT_ONCE] = "accept send 1 poll 1 get 1 close 1 ready 1",
    [ORDER] =
        "accept accept accept " FIRST("1") FIRST("2") FIRST("3") "wait send 2 woke 2 wake 2 " LAST(
            "2") "wait send 3 woke 3 wake 3 " LAST("3") "wait send 1 woke 1 wake 1 " LAST("1"),
    [TWO] = "accept accept accept " FIRST("1") FIRST("2")
        FIRST("3") "wait send 1 send 2 woke 1 2 wake 1 wake 2 " LAST("1")
            LAST("2") "wait send 3 woke 3 wake 3 " LAST("3"),
    [GONE] = "accept accept " FIRST("1")
        FIRST("2") "wait hangup 1 woke 1 wake 1 poll 1 end 1 "
                   "close 1 ready 1 wait send 2 woke 2 wake 2 " LAST("2"),
    [BYTES] = "accept accept accept send 1 send 2 send 3",
    [SIGNAL] = "accept accept send 1 send 2",
    [IDLE] = "accept accept idle send 1 send 2",
};

static const char *const printed[SCENES] = {
    [LATER] = "task 1: data-1\n",
    [AT_ONCE] = "task 1: data-1\n",
    [ORDER] = "task 2: data-2\ntask 3: data-3\ntask 1: data-1\n",
    [TWO] = "task 1: data-1\ntask 2: data-2\ntask 3: data-3\n",
    [GONE] = "task 1: closed\ntask 2: data-2\n",
    [BYTES] = "task 1: data-1\ntask 2: data-2\ntask 3: data-3\n",
    [SIGNAL] = "task 1: data-1\ntask 2: data-2\n",
    [IDLE] = "task 1: data-1\ntask 2: data-2\n",
};

typedef struct Case {
    Story stories[SCENES];
    ExerciseResult result;
} Case;

/* Judges the right program, with other stories or other output in some runs:
 * pairs of a scene and a story (or, from SCENES up, of what it prints), ended by -1. */
static Case *judge(int scene, ...)
{
    const char *story[SCENES], *text[SCENES];
    memcpy(story, right, sizeof story);
    memcpy(text, printed, sizeof text);
    va_list args;
    va_start(args, scene);
    for (int at = scene; at >= 0; at = va_arg(args, int)) {
        const char *other = va_arg(args, const char *);
        if (at < SCENES)
            story[at] = other;
        else
            text[at - SCENES] = other;
    }
    va_end(args);
    Case *judged = x_calloc(1, sizeof *judged);
    const Observation *runs[SCENES];
    for (int i = 0; i < SCENES; i++) {
        tell(&judged->stories[i], names[i], story[i]);
        say(&judged->stories[i], text[i]);
        runs[i] = &judged->stories[i].run;
    }
    BuildReport build = {.compiled = true};
    Facts facts = {&build, runs, SCENES};
    rubric_judge(&exercise_ex4_reactor, &facts, &judged->result);
    return judged;
}

static const CheckResult *check_of(const Case *judged, const char *id)
{
    for (int i = 0; i < judged->result.n_checks; i++)
        if (strcmp(judged->result.checks[i].id, id) == 0)
            return &judged->result.checks[i];
    fail_msg("no check %s", id);
    return NULL;
}

static void expect(const Case *judged, const char *id, CheckStatus status, int halves)
{
    const CheckResult *check = check_of(judged, id);
    if (check->status != status || check->halves != halves)
        fail_msg("%s: %s %d (%s), expected %s %d", id, check_status_name(check->status),
                 check->halves, check->message, check_status_name(status), halves);
}

static const char *const behaviours[] = {
    "data-served",        "arrival-order",    "tries-first",      "registers-and-pends",
    "reactor-wakes-only", "polls-woken-only", "wake-is-not-poll", "sleeps-when-empty",
    "finishes-clean",     "peer-gone"};

/* Everything passes but what is listed, with NULL at the end. */
static void expect_rest_passes(const Case *judged, const char *but, ...)
{
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
        bool listed = false;
        va_list args;
        va_start(args, but);
        for (const char *id = but; id; id = va_arg(args, const char *))
            listed |= strcmp(id, behaviours[i]) == 0;
        va_end(args);
        if (!listed)
            expect(judged, behaviours[i], CHECK_PASS, check_of(judged, behaviours[i])->max_halves);
    }
}

static void judged_free(Case *judged)
{
    for (int i = 0; i < SCENES; i++)
        forget(&judged->stories[i]);
    for (int i = 0; i < judged->result.n_checks; i++)
        check_result_release(&judged->result.checks[i]);
    free(judged->result.checks);
    free(judged->result.id);
    free(judged->result.title);
    free(judged->result.compiler);
    free(judged->result.error);
    free(judged);
}

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
    {LATER,
     "accept poll 1 watch 1 try 1 try 1 pending 1 wait idle send 1 woke 1 wake 1 " LAST("1")},
    /* registered when it was accepted */
    {LATER, "accept watch 1 poll 1 try 1 pending 1 wait idle send 1 woke 1 wake 1 " LAST("1")},
    /* for one event only, again and again */
    {LATER, "accept poll 1 try 1 once 1 pending 1 wait idle send 1 woke 1 wake 1 " LAST("1")},
    /* spawned by a wake; an outer future that awaits an inner one */
    {LATER, "accept wake 1 poll 1 poll 1 try 1 watch 1 pending 1 pending 1 wait idle send 1 woke 1 "
            "wake 1 poll 1 poll 1 get 1 close 1 ready 1 ready 1"},
    /* accepting is task 0 */
    {LATER, "poll 0 accept wake 1 ready 0 " FIRST("1") "wait idle send 1 woke 1 wake 1 " LAST("1")},
    /* a glance at the reactor between two polls */
    {TWO, "accept accept accept " FIRST("1") FIRST("2")
              FIRST("3") "wait send 1 send 2 woke 1 2 wake 1 wake 2 " LAST("2") "glance " LAST(
                  "1") "wait send 3 woke 3 wake 3 " LAST("3")},
    /* two wakes before one poll */
    {ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 2 wake 2 " LAST("2") "wait send 3 woke 3 wake 3 " LAST(
             "3") "wait send 1 woke 1 wake 1 " LAST("1")},
    /* the last one closed by the exit */
    {ORDER, "accept accept accept " FIRST("1") FIRST("2")
                FIRST("3") "wait send 2 woke 2 wake 2 " LAST("2") "wait send 3 woke 3 wake 3 " LAST(
                    "3") "wait send 1 woke 1 wake 1 poll 1 get 1 ready 1"},
    /* what is left in a connection is read before it is closed */
    {ORDER, "accept accept accept " FIRST("1") FIRST("2") FIRST(
                "3") "wait send 2 woke 2 wake 2 poll 2 get 2 ready 2 try 2 close 2 "
                     "wait send 3 woke 3 wake 3 " LAST("3") "wait send 1 woke 1 wake 1 " LAST("1")},
    /* a hint that was wrong */
    {LATER, "accept " FIRST("1") "wait idle woke 1 wake 1 poll 1 try 1 pending 1 "
                                 "wait send 1 woke 1 wake 1 " LAST("1")},
};

static void every_freedom(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof freedoms / sizeof *freedoms; i++) {
        print_message("freedom %zu\n", i);
        Case *judged = judge((int)freedoms[i].scene, freedoms[i].story, -1);
        /* (the wrong hint's run is not idle throughout) */
        expect_rest_passes(judged, i == 9 ? "sleeps-when-empty" : NULL, NULL);
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
    Case *judged =
        judge(LATER, later, ORDER, "accept accept accept", TWO, "accept accept accept", -1);
    expect(judged, "tries-first", CHECK_FAIL, 0);
    expect(judged, "registers-and-pends", CHECK_SKIP, 0);
    expect(judged, "reactor-wakes-only", CHECK_FAIL, 0);
    expect(judged, "polls-woken-only", CHECK_PASS, 6);
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
     "accept poll 1 watch 1 pending 1 wait idle send 1 woke 1 wake 1 " LAST("1")},
    {"tries-first", CHECK_FAIL, 0, LATER,
     "accept poll 1 block 1 idle send 1 got 1 close 1 ready 1"},
    {"registers-and-pends", CHECK_FAIL, 2, LATER,
     "accept poll 1 try 1 pending 1 watch 1 wait idle send 1 woke 1 wake 1 " LAST("1")},
    {"registers-and-pends", CHECK_FAIL, 0, LATER,
     "accept poll 1 try 1 watch 1 wait idle send 1 woke 1 get 1 close 1 ready 1"},
    /* one event, and not armed again */
    {"registers-and-pends", CHECK_FAIL, 2, LATER,
     "accept poll 1 try 1 once 1 pending 1 wait idle woke 1 wake 1 poll 1 try 1 pending 1 wait"},
    {"reactor-wakes-only", CHECK_FAIL, 0, LATER,
     "accept " FIRST("1") "wait idle send 1 woke 1 get 1 wake 1 poll 1 ready 1"},
    {"reactor-wakes-only", CHECK_FAIL, 0, LATER,
     "accept " FIRST("1") "wait idle send 1 woke 1 poll 1 get 1 ready 1 close 1"},
    {"reactor-wakes-only", CHECK_FAIL, 4, ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 1 wake 2 wake 3 " LAST(
             "2") "wait send 3 woke 3 wake 3 " LAST("3") "wait send 1 woke 1 wake 1 " LAST("1")},
    {"reactor-wakes-only", CHECK_FAIL, 4, TWO,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 1 send 2 woke 1 2 wake 1 " LAST(
             "1") "wait send 3 woke 3 wake 3 " LAST("3") "wait"},
    {"polls-woken-only", CHECK_SKIP, 0, ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 1 wake 2 poll 1 try 1 pending 1 " LAST("2")},
    {"tries-first", CHECK_FAIL, 0, ORDER, "accept accept accept poll 1 try 2 watch 2 pending 1"},
    {"polls-woken-only", CHECK_FAIL, 0, ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 2 poll 1 try 1 pending 1 " LAST("2")},
    {"polls-woken-only", CHECK_FAIL, 0, ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 2 " LAST("2") "poll 2 ready 2"},
    {"wake-is-not-poll", CHECK_FAIL, 0, TWO,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 1 send 2 woke 1 2 wake 1 " LAST("1") "wake 2 " LAST(
             "2") "wait send 3 woke 3 wake 3 " LAST("3")},
    {"sleeps-when-empty", CHECK_FAIL, 2, LATER,
     "accept " FIRST("1") "nap idle nap send 1 wait woke 1 wake 1 " LAST("1")},
    {"sleeps-when-empty", CHECK_FAIL, 2, TWO,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 1 send 2 woke 1 2 wake 1 wake 2 " LAST(
             "1") "wait woke 2 wake 2 " LAST("2") "wait send 3 woke 3 wake 3 " LAST("3")},
    {"finishes-clean", CHECK_FAIL, 1, ORDER,
     "accept accept accept " FIRST("1") FIRST("2")
         FIRST("3") "wait send 2 woke 2 wake 2 poll 2 get 2 ready 2 wait send 3 woke 3 wake "
                    "3 " LAST("3") "wait send 1 woke 1 wake 1 " LAST("1") "close 2"},
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

/* --- the call stack decides --- */

#define ONE_BY_ONE(w, p)                                                                           \
    "accept accept accept " FIRST("1") FIRST("2")                                                  \
        FIRST("3") "wait send 1 send 2 woke 1 " w "wake 1 " p LAST(                                \
            "1") "wait woke 2 " w "wake 2 " p LAST("2") "wait send 3 woke 3 wake 3 " LAST("3")

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
    static const char two[] = "accept accept accept " FIRST("1") FIRST("2")
        FIRST("3") "thread 2 wait send 1 send 2 woke 1 2 wake 1 thread 1 " LAST(
            "1") "thread 2 wake 2 wait "
                 "thread 1 " LAST("2") "thread 2 wait send 3 woke 3 wake 3 thread 1 " LAST("3");
    Case *judged = judge(
        LATER, "accept " FIRST("1") "thread 2 wait idle send 1 woke 1 wake 1 thread 1 " LAST("1"),
        TWO, two, -1);
    expect_rest_passes(judged, NULL);
    judged_free(judged);
}

/* --- stdout --- */

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
        tell(&story, "data-later", "accept send 1");
        say(&story, lines[i].text);
        assert_int_equal(served(&story.run, 1), lines[i].served);
        forget(&story);
    }
}

static void what_is_printed_of_bytes(void **state)
{
    (void)state;
    Story story;
    tell(&story, "bytes", "accept send 1 accept send 2");
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
    forget(&story);
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

/* A gap is crossed in the program's favour: nothing in it is held against it. */
static void across_a_gap(void **state)
{
    (void)state;
    Story story;
    tell(&story, "data-later", "accept " FIRST("1") "poll 1");
    for (int i = 0; i < TRACE_HEAD + TRACE_TAIL; i++)
        do_word(&story, "glance", 0);
    do_word(&story, "poll", 1);
    do_word(&story, "get", 1);
    do_word(&story, "ready", 1);
    Chain chain;
    chain_read(&chain, story.run.trace);
    assert_int_equal(chain.n_polls, 3);
    assert_int_equal(chain.polls[1].end, POLL_LOST);
    assert_true(chain.polls[2].woken);
    assert_true(chain.polls[2].believed);
    chain_release(&chain);
    chain_release(&chain);
    forget(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_program),  cmocka_unit_test(every_freedom),
        cmocka_unit_test(no_futures),     cmocka_unit_test(forged_marks),
        cmocka_unit_test(every_mistake),  cmocka_unit_test(stack_decides),
        cmocka_unit_test(reactor_thread), cmocka_unit_test(what_is_printed),
        cmocka_unit_test(served_partly),  cmocka_unit_test(what_is_printed_of_bytes),
        cmocka_unit_test(nothing),        cmocka_unit_test(across_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
