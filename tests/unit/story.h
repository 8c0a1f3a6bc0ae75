/*
 * Runs made by hand, for the tests of exercise 4: a trace told as a story. Each
 * word is an event (or a step of the script), one millisecond after the last.
 *
 *   accept            the next connection
 *   first K, last K   a whole poll of task K: it tries, registers and pends; it reads and closes
 *   poll K, pending K, ready K, wake K     marks
 *   nonblock K        K's connection made non-blocking
 *   try K             a read of K's connection that would block
 *   get K             one that gets data
 *   end K             one that gets the end of the stream
 *   watch K, once K, forget K, close K     registered, for one event, removed, closed
 *   deaf K            registered for no event
 *   wait .. woke K..  a wait that reports these when it returns
 *   woke 0            it reports something, but not what (a poll(2) that was stopped)
 *   glance            a wait with timeout 0
 *   nap, rest         a wait with a timeout of 100 ms, with none, that returns nothing
 *   stuck             a wait that never returns
 *   limit N           the next wait has a timeout of N ms
 *   exit N            the exit status
 *   stacks            it was traced with call stacks
 *   block K .. got K  a read that blocks until there is data
 *   send K, hangup K  the peer does something
 *   idle              300 ms pass, watched
 *   thread N          what follows is done by this thread
 *   at NAME:N,...     the call stack of the next mark
 */
#ifndef TESTS_UNIT_STORY_H
#define TESTS_UNIT_STORY_H

#include <errno.h>
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
#include "observation.h"
#include "trace/trace.h"

enum { PID = 100, LISTENER_FD = 3, QUEUE_FD = 4, FIRST_FD = 10, STEPS = 64 };

typedef struct Story {
    Observation run;
    PeerStep steps[STEPS];
    Watch watch;
    PeerClient clients[8];
    int64_t now, began;
    int64_t limit_ns; /* of the next wait; 0: none */
    int thread, accepted, peers;
    const char *stack;
    char *text; /* of the mark that comes */
} Story;

static inline Event *story_add(Story *story, EventKind kind, unsigned task)
{
    Event event = {.kind = kind,
                   .thread = story->thread,
                   .process = PID,
                   .fd = -1,
                   .flags = kind == EV_READ ? EVF_UNFINISHED : 0, /* do_read() ends it */
                   .start_ns = story->began ? story->began : story->now,
                   .end_ns = story->now,
                   .timeout_ns = -1,
                   .call = event_kind_name(kind),
                   .raw = x_strdup(event_kind_name(kind)),
                   .data = story->text,
                   .data_len = story->text ? strlen(story->text) : 0};
    story->text = NULL;
    if (task) {
        event.fd = FIRST_FD + (int)task;
        event.object = trace_connection(story->run.trace, (int)task);
        assert_int_not_equal(event.object, 0);
    }
    return trace_add_take(story->run.trace, &event);
}

/* --- words: task K and what the table below says of the word --- */

static inline void read_stack(Story *story, Event *event)
{
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

static inline void do_mark(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)value;
    story->text = x_printf("%s %u", word, task);
    Event *event = story_add(story, EV_MARK, 0);
    if (story->stack)
        read_stack(story, event);
}

static inline void do_step(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)value;
    bool sends = strcmp(word, "send") == 0;
    story->steps[story->run.n_steps++] = (PeerStep){.verb = sends ? "send" : "close",
                                                    .client = (int)task - 1,
                                                    .ok = true,
                                                    .start_ns = story->now};
    if (!sends)
        return;
    story->peers = (int)task > story->peers ? (int)task : story->peers;
    buf_clear(&story->clients[task - 1].sent);
    buf_printf(&story->clients[task - 1].sent, "data-%u\n", task);
}

static inline void do_accept(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)value, (void)task;
    Event event = {.kind = EV_ACCEPT, .thread = story->thread, .process = PID};
    event.fd = FIRST_FD + ++story->accepted;
    event.object = trace_open(story->run.trace, PID, event.fd, OBJECT_CONNECTION, story->now);
    event.start_ns = event.end_ns = story->now;
    trace_add_take(story->run.trace, &event);
}

static inline void do_nonblock(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)value;
    story_add(story, EV_NONBLOCK, task)->flags = EVF_SET;
}

static inline void do_watch(Story *story, const char *word, unsigned task, int64_t flags)
{
    (void)word;
    Event *event = story_add(story, EV_WATCH, task);
    event->via = VIA_EPOLL;
    event->flags = (unsigned)flags;
}

static inline void do_wait(Story *story, const char *word, unsigned task, int64_t timeout_ns)
{
    (void)word, (void)task;
    Event *event = story_add(story, EV_WAIT, 0);
    event->via = VIA_EPOLL;
    event->timeout_ns = timeout_ns;
}

static inline void do_stuck(Story *story, const char *word, unsigned task, int64_t timeout_ns)
{
    do_wait(story, word, task, timeout_ns);
    Event *event = trace_event(story->run.trace, trace_total(story->run.trace) - 1);
    event->flags |= EVF_UNFINISHED;
    event->queue = 1; /* whichever */
}

static inline void do_read(Story *story, const char *word, unsigned task, int64_t result)
{
    (void)word;
    Event *event = story_add(story, EV_READ, task);
    event->result = result;
    event->error = result < 0 ? EAGAIN : 0;
    event->flags &= ~(unsigned)EVF_UNFINISHED;
    trace_settle(story->run.trace, event);
}

static inline void do_close(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)value;
    story_add(story, EV_CLOSE, task)->flags = EVF_LAST;
    trace_close(story->run.trace, PID, FIRST_FD + (int)task, story->now);
}

static inline void do_idle(Story *story, const char *word, unsigned task, int64_t ns)
{
    (void)word, (void)task;
    story->watch.start_ns = story->watch.before.mono_ns = story->now;
    story->now += ns;
    story->watch.end_ns = story->watch.after.mono_ns = story->now;
    story->run.watches = &story->watch;
    story->run.n_watches = 1;
}

static inline void do_begin(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)task, (void)value;
    story->began = story->now;
}

/* What is no event: thread, limit, exit, stacks. */
static inline void do_setting(Story *story, const char *word, unsigned number, int64_t value)
{
    (void)value;
    if (word[0] == 't')
        story->thread = (int)number;
    else if (word[0] == 'l')
        story->limit_ns = number * NS_PER_MS;
    else if (word[0] == 'e')
        story->run.status = (int)number;
    else
        story->run.stacks = true;
}

static inline void do_first(Story *story, const char *word, unsigned task, int64_t value);
static inline void do_last(Story *story, const char *word, unsigned task, int64_t value);

typedef struct StoryWord {
    const char *word;
    void (*tell)(Story *story, const char *word, unsigned task, int64_t value);
    int64_t value;
    bool meanwhile; /* a wait or read that began goes on */
} StoryWord;

static const StoryWord story_words[] = {
    {"accept", do_accept, 0, false},
    {"nonblock", do_nonblock, 0, false},
    {"poll", do_mark, 0, false},
    {"pending", do_mark, 0, false},
    {"ready", do_mark, 0, false},
    {"wake", do_mark, 0, false},
    {"try", do_read, -1, false},
    {"get", do_read, 7, false},
    {"got", do_read, 7, false},
    {"end", do_read, 0, false},
    {"block", do_begin, 0, true},
    {"watch", do_watch, EVF_ADD | EVF_READABLE, false},
    {"deaf", do_watch, EVF_ADD, false},
    {"once", do_watch, EVF_ADD | EVF_READABLE | EVF_ONESHOT, false},
    {"forget", do_watch, EVF_REMOVE, false},
    {"close", do_close, 0, false},
    {"wait", do_begin, 0, true},
    {"glance", do_wait, 0, false},
    {"nap", do_wait, 100 * NS_PER_MS, false},
    {"rest", do_wait, -1, false},
    {"stuck", do_stuck, -1, false},
    {"send", do_step, 0, true},
    {"hangup", do_step, 0, true},
    {"idle", do_idle, 300 * NS_PER_MS, true},
    {"thread", do_setting, 0, false},
    {"limit", do_setting, 0, false},
    {"exit", do_setting, 0, false},
    {"stacks", do_setting, 0, false},
    {"first", do_first, 0, false},
    {"last", do_last, 0, false},
};

static inline void story_word(Story *story, const char *word, unsigned task)
{
    for (size_t i = 0; i < sizeof story_words / sizeof *story_words; i++) {
        if (strcmp(story_words[i].word, word) != 0)
            continue;
        story_words[i].tell(story, word, task, story_words[i].value);
        if (!story_words[i].meanwhile)
            story->began = 0;
        return;
    }
    fail_msg("no word of a story: %s", word);
}

static inline void story_all(Story *story, unsigned task, const char *const *words)
{
    for (; *words; words++, story->now += NS_PER_MS)
        story_word(story, *words, task);
}

static inline void do_first(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)value;
    story_all(story, task, (const char *const[]){"poll", "try", "watch", "pending", NULL});
}

static inline void do_last(Story *story, const char *word, unsigned task, int64_t value)
{
    (void)word, (void)value;
    story_all(story, task, (const char *const[]){"poll", "get", "forget", "close", "ready", NULL});
}

static inline void story_tell(Story *story, const char *name, const char *text)
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
            Event *event = story_add(story, EV_WAKE, (unsigned)atoi(word));
            event->via = atoi(word) ? VIA_EPOLL : VIA_POLL;
            event->flags = EVF_READABLE;
        } else if (strcmp(word, "woke") == 0) {
            do_wait(story, "wait", 0, story->limit_ns ? story->limit_ns : -1);
            story->limit_ns = story->began = 0;
        } else if (strcmp(word, "at") == 0) {
            story->stack = strtok_r(rest, " \n", &rest);
        } else if (!number) {
            char *at = rest;
            unsigned task = (unsigned)strtoul(rest, &at, 10);
            story_word(story, word, task);
            if (at != rest)
                rest = at;
        }
        woke = strcmp(word, "woke") == 0 || (woke && number);
    }
    free(copy);
    story->run.n_clients = story->accepted > story->peers ? story->accepted : story->peers;
}

static inline void story_say(Story *story, const char *text)
{
    capture_add(&story->run.out, "listening on 127.0.0.1:9000\n", 28);
    capture_add(&story->run.out, text, strlen(text));
}

static inline void story_release(Story *story)
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

#endif
