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
 *   wait .. woke K..  a wait that reports these when it returns
 *   woke 0            it reports something, but not what (a poll(2) that was stopped)
 *   glance            a wait with timeout 0
 *   nap, rest         a wait with a timeout of 100 ms, with none, that returns nothing
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
} Story;

static inline Event *story_add(Story *story, EventKind kind, unsigned task)
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

static inline void add_mark(Story *story, const char *word, unsigned task)
{
    Event *event = story_add(story, EV_MARK, 0);
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

static inline void add_step(Story *story, const char *verb, unsigned task)
{
    story->steps[story->run.n_steps++] =
        (PeerStep){.verb = verb, .client = (int)task - 1, .ok = true, .start_ns = story->now};
    if (strcmp(verb, "send") != 0)
        return;
    story->peers = (int)task > story->peers ? (int)task : story->peers;
    buf_clear(&story->clients[task - 1].sent);
    char data[16];
    snprintf(data, sizeof data, "data-%u\n", task);
    buf_str(&story->clients[task - 1].sent, data);
}

static inline void accept_one(Story *story)
{
    Event event = {.kind = EV_ACCEPT, .thread = story->thread, .process = PID};
    int task = ++story->accepted;
    event.fd = FIRST_FD + task;
    event.object = trace_open(story->run.trace, PID, event.fd, OBJECT_CONNECTION, story->now);
    event.start_ns = event.end_ns = story->now;
    trace_add_take(story->run.trace, &event);
}

static inline void add_watch(Story *story, unsigned task, unsigned flags)
{
    Event *event = story_add(story, EV_WATCH, task);
    event->via = VIA_EPOLL;
    event->flags = flags;
}

static inline void add_wait(Story *story, int64_t timeout_ns)
{
    Event *event = story_add(story, EV_WAIT, 0);
    event->via = VIA_EPOLL;
    event->timeout_ns = timeout_ns;
}

static inline void add_read(Story *story, unsigned task, int64_t result)
{
    Event *event = story_add(story, EV_READ, task);
    event->result = result;
    event->error = result < 0 ? 11 : 0;
}

static inline void do_idle(Story *story)
{
    story->watch.start_ns = story->watch.before.mono_ns = story->now;
    story->now += 300 * NS_PER_MS;
    story->watch.end_ns = story->watch.after.mono_ns = story->now;
    story->run.watches = &story->watch;
    story->run.n_watches = 1;
}

static inline void story_word(Story *story, const char *word, unsigned task);

static inline void do_words(Story *story, unsigned task, ...)
{
    va_list args;
    va_start(args, task);
    for (const char *word; (word = va_arg(args, const char *)); story->now += NS_PER_MS)
        story_word(story, word, task);
    va_end(args);
}

static inline void story_word(Story *story, const char *word, unsigned task)
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
    else if (strcmp(word, "nonblock") == 0)
        story_add(story, EV_NONBLOCK, task)->flags = EVF_SET;
    else if (strcmp(word, "glance") == 0)
        add_wait(story, 0);
    else if (strcmp(word, "nap") == 0)
        add_wait(story, 100 * NS_PER_MS);
    else if (strcmp(word, "rest") == 0)
        add_wait(story, -1);
    else if (strcmp(word, "limit") == 0)
        story->limit_ns = task * NS_PER_MS;
    else if (strcmp(word, "stacks") == 0)
        story->run.stacks = true;
    else if (strcmp(word, "exit") == 0)
        story->run.status = (int)task;
    else if (strcmp(word, "first") == 0)
        do_words(story, task, "poll", "try", "watch", "pending", NULL);
    else if (strcmp(word, "last") == 0)
        do_words(story, task, "poll", "get", "forget", "close", "ready", NULL);
    else if (strcmp(word, "send") == 0)
        add_step(story, "send", task);
    else if (strcmp(word, "hangup") == 0)
        add_step(story, "close", task);
    else if (strcmp(word, "idle") == 0)
        do_idle(story);
    else if (strcmp(word, "thread") == 0)
        story->thread = (int)task;
    if (strcmp(word, "close") == 0) {
        story_add(story, EV_CLOSE, task)->flags = EVF_LAST;
        trace_close(story->run.trace, PID, FIRST_FD + (int)task, story->now);
    }
    if (strcmp(word, "wait") == 0 || strcmp(word, "block") == 0)
        story->began = story->now;
    else if (strcmp(word, "send") != 0 && strcmp(word, "idle") != 0 && strcmp(word, "hangup") != 0)
        story->began = 0;
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
            add_wait(story, story->limit_ns ? story->limit_ns : -1);
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
