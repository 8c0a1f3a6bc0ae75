/* Runs made up for the checks of exercise 3: steps, watches, and a trace from a
 * few lines of a tracer's log. One result at a time. */
#ifndef ECHO_RUNS_H
#define ECHO_RUNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/clock.h"
#include "exercises/common.h"
#include "exercises/echo.h"
#include "trace/strace.h"

extern const Exercise exercise_ex3_echo_server;

enum { RUNS_MOST = 16, STEPS_MOST = 64, TEXT_MOST = 65536 };

static Observation runs[RUNS_MOST];
static Buf logs[RUNS_MOST];
static Observation *lines; /* of in_one_thread() */
static int n_runs;
static ExerciseResult result;

/* --- making up a run --- */

#define AT(ms) ((int64_t)(NS_PER_S + (ms)*NS_PER_MS))

static inline Observation *run_of(const char *name)
{
    Observation *run = &runs[n_runs];
    observation_init(run, name);
    run->end = RUN_STOPPED;
    run->listened = run->line_before_connect = run->listener.loopback_only = true;
    run->steps = x_calloc(STEPS_MOST, sizeof *run->steps);
    run->watches = x_calloc(STEPS_MOST, sizeof *run->watches);
    run->clients = x_calloc(4, sizeof *run->clients);
    run->n_clients = 4;
    buf_init(&logs[n_runs++], TEXT_MOST);
    return run;
}

static inline Buf *log_of(const Observation *run)
{
    return &logs[run - runs];
}

/* A line of the log: a call of 10 us by thread `thread`. */
static inline void call(const Observation *run, double ms, int thread, const char *text)
{
    Buf *log = log_of(run);
    if (log->len == 0)
        buf_str(log, "10 1.000000000 execve(\"/bin/p\", [\"p\"], 0x1 /* 0 vars */) = 0 "
                     "<0.000010>\n");
    buf_printf(log, "%d %.9f %s%s\n", thread, 1 + ms / 1e3, text,
               strstr(text, "+++") || strstr(text, "<unf") || strstr(text, " <0.") ? ""
                                                                                   : " <0.000010>");
}

/* Makes the listener 3 and the queue 4. */
static inline void begin_log(const Observation *run, const char *listener_watch)
{
    call(run, 1, 10, "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[1]>");
    call(run, 1.1, 10, "listen(3<socket:[1]>, 128) = 0");
    call(run, 1.2, 10, "epoll_create1(0) = 4<anon_inode:[eventpoll]>");
    if (listener_watch)
        call(run, 1.3, 10, listener_watch);
}

#define LISTENER_0                                                                                 \
    "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 3<socket:[1]>, {events=EPOLLIN, "         \
    "data={u32=0, u64=0}}) = 0"

static inline void accepts(const Observation *run, double ms, int thread, int fd)
{
    char text[160];
    snprintf(text, sizeof text,
             "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = %d<socket:[%d]>", fd,
             (int)(ms * 10));
    call(run, ms, thread, text);
}

static inline void registers(const Observation *run, double ms, const char *operation, int fd,
                             const char *events, unsigned token)
{
    char text[240];
    snprintf(text, sizeof text,
             "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_%s, %d<socket:[9]>, {events=%s, "
             "data={u32=%u, u64=%u}}) = 0",
             operation, fd, events, token, token);
    call(run, ms, 10, text);
}

static inline void wakes(const Observation *run, double ms, int thread, const char *events,
                         unsigned token)
{
    char text[240];
    snprintf(text, sizeof text,
             "epoll_wait(4<anon_inode:[eventpoll]>, [{events=%s, data={u32=%u, u64=%u}}], 8, -1) "
             "= 1",
             events, token, token);
    call(run, ms, thread, text);
}

static inline void moves(const Observation *run, double ms, int thread, const char *name, int fd,
                         int bytes)
{
    char text[160];
    int most = strcmp(name, "write") == 0 && bytes > 0 ? bytes : 65536;
    snprintf(text, sizeof text, "%s(%d<socket:[9]>, \"x\"..., %d) = %d%s", name, fd, most,
             bytes < 0 ? -1 : bytes, bytes < 0 ? " EAGAIN (Resource temporarily unavailable)" : "");
    call(run, ms, thread, text);
}

/* A write that takes `took` of `of` bytes. */
static inline void writes_part(const Observation *run, double ms, int fd, int took, int of)
{
    char text[160];
    snprintf(text, sizeof text, "write(%d<socket:[9]>, \"x\"..., %d) = %d", fd, of, took);
    call(run, ms, 10, text);
}

static inline PeerStep *step(Observation *run, double ms, const char *verb, int client, bool ok)
{
    PeerStep *made = &run->steps[run->n_steps++];
    *made = (PeerStep){.verb = verb,
                       .line = run->n_steps,
                       .client = client,
                       .ok = ok,
                       .start_ns = AT(ms),
                       .end_ns = AT(ms + 1)};
    if (!ok)
        made->message = x_strdup("it went otherwise");
    return made;
}

static inline Watch *watch(Observation *run, double from_ms, double to_ms)
{
    Watch *made = &run->watches[run->n_watches++];
    *made = (Watch){.start_ns = AT(from_ms), .end_ns = AT(to_ms), .settled = true};
    made->before.mono_ns = AT(from_ms);
    made->after.mono_ns = AT(to_ms);
    return made;
}

/* Two clients, and one that comes when the first has left; all well as far as the peers see. */
static inline Observation *two_clients(void)
{
    Observation *run = run_of("two-clients");
    for (int client = 0; client < 4; client++)
        step(run, 90 + client, "expect", client, true);
    return run;
}

static inline void end_log(Observation *run)
{
    Buf *log = log_of(run);
    run->trace = trace_new(strace_blind);
    StraceParser *parser = strace_parser_new(run->trace, "/bin/p", NULL, NULL);
    strace_parser_feed(parser, log->data, log->len);
    strace_parser_end(parser);
    assert_int_equal(strace_parser_odd(parser), 0);
    strace_parser_free(parser);
}

/* --- judging --- */

static inline const CheckResult *judged(const char *id)
{
    const Observation *all[RUNS_MOST];
    BuildReport build = {.compiled = true};
    for (int i = 0; i < n_runs; i++) {
        if (!runs[i].trace && logs[i].len)
            end_log(&runs[i]);
        all[i] = &runs[i];
    }
    rubric_judge(&exercise_ex3_echo_server, &(Facts){&build, all, n_runs}, &result);
    for (int i = 0; i < result.n_checks; i++)
        if (strcmp(result.checks[i].id, id) == 0)
            return &result.checks[i];
    fail_msg("no check %s", id);
    return NULL;
}

static inline void is(const char *id, CheckStatus status, int halves, const char *part_of_message)
{
    const CheckResult *check = judged(id);
    if (check->status != status || check->halves != halves ||
        !strstr(check->message, part_of_message))
        fail_msg("%s: status %d, %d halves: %s", id, (int)check->status, check->halves,
                 check->message);
}

static inline int begin(void **state)
{
    (void)state;
    n_runs = 0;
    result = (ExerciseResult){.id = NULL};
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    for (int i = 0; i < n_runs; i++) {
        observation_release(&runs[i]);
        buf_release(&logs[i]);
    }
    Result holder;
    result_init(&holder);
    holder.exercises = x_calloc(1, sizeof result);
    holder.exercises[0] = result;
    holder.n_exercises = 1;
    result_release(&holder);
    return 0;
}

static inline Observation *registered(const char *listener_watch, unsigned a, unsigned b,
                                      unsigned c)
{
    Observation *run = two_clients();
    begin_log(run, listener_watch);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", a);
    accepts(run, 4, 10, 6);
    registers(run, 5, "ADD", 6, "EPOLLIN", b);
    call(run, 6, 10, "close(5<socket:[9]>) = 0");
    accepts(run, 7, 10, 5);
    registers(run, 8, "ADD", 5, "EPOLLIN", c);
    return run;
}

/* Clients A and B of a run in which A does not read for a while; C is paid in parts. */
static inline Observation *blocked_run(const char *name)
{
    Observation *run = run_of(name);
    step(run, 40, "expect", 1, true);
    step(run, 95, "expect", 0, true);
    step(run, 96, "expect", 2, true);
    watch(run, 45, 85);
    return run;
}

static inline Observation *in_one_thread(void)
{
    Observation *run = registered(LISTENER_0, 1, 2, 3);
    lines = run_of("lines");
    step(lines, 95, "expect", 0, true);
    wakes(run, 30, 10, "EPOLLIN", 2);
    moves(run, 31, 10, "read", 6, 5);
    moves(run, 32, 10, "write", 6, 5);
    return run;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
