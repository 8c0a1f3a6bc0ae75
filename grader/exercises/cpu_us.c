/* The line `cpu_us N`: is it there, behind the data, and true? */
#include "exercises/common.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { STDOUT_MOST = 2 << 20, QUOTED = 40 };

/* What stdout says of the CPU time. */
typedef struct Said {
    int64_t us;                 /* of the last line "cpu_us N"; -1: there is none */
    bool early;                 /* the data came only after it */
    char other[QUOTED * 4 + 8]; /* quoted: the last that begins so and is none; "": there is none */
} Said;

/* N of a line "cpu_us N"; -1 if it is another line. NULs may stand anywhere. */
static int64_t cpu_us_line(const char *line, size_t len)
{
    char text[64], *rest;
    if (len >= sizeof text || len < 8 || memcmp(line, "cpu_us ", 7) != 0 || line[7] < '0' ||
        line[7] > '9')
        return -1;
    memcpy(text, line, len);
    text[len] = 0;
    long long value = strtoll(text + 7, &rest, 10);
    return rest + strspn(rest, " \t\r") == text + len ? value : -1;
}

static void quote_line(Said *said, const char *line, size_t len)
{
    Buf quoted;
    buf_init(&quoted, sizeof said->other - 1);
    text_quote(&quoted, line, len, QUOTED);
    memcpy(said->other, quoted.data, quoted.len + 1);
    buf_release(&quoted);
}

/* Where the data begins; NULL: it is not there as it was sent. */
static const char *data_in(const Observation *run, const Buf *text)
{
    const Buf *sent = run->n_clients ? &run->clients[0].sent : NULL;
    return sent && sent->len ? memmem(text->data, text->len, sent->data, sent->len) : NULL;
}

static Said said_cpu_us(const Observation *run)
{
    Said said = {.us = -1};
    Buf text;
    buf_init(&text, STDOUT_MOST);
    capture_text(&run->out, &text);
    const char *end = text.data + text.len, *data = data_in(run, &text);
    for (const char *line = text.data; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        size_t len = (size_t)(stop - line);
        int64_t value = cpu_us_line(line, len);
        if (value >= 0) {
            said.us = value;
            said.early = data && line < data;
        } else if (len >= 6 && memcmp(line, "cpu_us", 6) == 0) {
            quote_line(&said, line, len);
        }
        line = stop + 1;
    }
    buf_release(&text);
    return said;
}

static int64_t used_at_last(const Observation *run)
{
    int64_t low = run->cpu_before_data_ns;
    return run->cpu_last_ns > low ? run->cpu_last_ns : low;
}

static bool agrees(const Observation *run, int64_t us, int64_t least_slack_ns)
{
    int64_t high = used_at_last(run);
    int64_t slack = high / 4 > least_slack_ns ? high / 4 : least_slack_ns;
    return us <= INT64_MAX / NS_PER_US && us * NS_PER_US >= run->cpu_before_data_ns - slack &&
           us * NS_PER_US <= high + slack;
}

static void say_number(const Observation *run, int64_t us, Verdict *v)
{
    verdict_fail(v, 0, "the user and system time of the whole process, to 2 ms or a quarter",
                 "cpu_us %lld, by the kernel's accounting %lld", (long long)us,
                 (long long)(used_at_last(run) / NS_PER_US));
}

/* In a run where nothing was burnt before main began: the number of one run for every run shows
 * there. A tracer's own part of each call is left room for. */
static bool invented(const Observation *unburnt, int64_t *us)
{
    *us = said_cpu_us(unburnt).us;
    return *us >= 0 && unburnt->cpu_before_data_ns >= 0 && !agrees(unburnt, *us, 20 * NS_PER_MS);
}

/* What is gone can't be asked any more; a machine that tells had told before. */
static bool ended_early(const Observation *run)
{
    const PeerStep *send = observation_step(run, "send", 1);
    return run->cpu_last_ns >= 0 || (send && run->ended_ns && run->ended_ns < send->start_ns);
}

static void judge_number(const Facts *facts, const Observation *run, int64_t us, Verdict *v)
{
    const Observation *unburnt = facts_run(facts, "data-later");
    int64_t other;
    if (run->cpu_before_data_ns < 0 && ended_early(run)) {
        verdict_needs(v, "data-whole", "it had ended before the data was sent");
    } else if (run->cpu_before_data_ns < 0) {
        verdict_unseen(v, "this machine does not tell a process's CPU time");
    } else if (!agrees(run, us, 2 * NS_PER_MS)) {
        say_number(run, us, v);
    } else if (invented(unburnt, &other)) {
        verdict_scenario(v, "data-later");
        say_number(unburnt, other, v);
    } else {
        verdict_pass(v, "cpu_us %lld, by the kernel's accounting %lld", (long long)us,
                     (long long)(used_at_last(run) / NS_PER_US));
    }
}

void judge_cpu_honest(const Facts *facts, Verdict *v)
{
    static const char expected[] = "a line \"cpu_us N\" of its own after the data";
    const Observation *run = facts_run(facts, "idle-watch");
    Said said = said_cpu_us(run);
    if (run->end == RUN_NOT_RUN || !observation_step(run, "send", 1))
        verdict_needs(v, "listening", "nothing could be sent to the program");
    else if (run->out.reserved[RESERVED_CPU_US] > 1)
        verdict_fail(v, 0, "one line \"cpu_us N\"", "several cpu_us lines");
    else if (said.us < 0 && said.other[0])
        verdict_fail(v, 0, expected, "the line is \"%s\"", said.other);
    else if (said.us < 0)
        verdict_fail(v, 0, expected, "no such line");
    else if (said.early)
        verdict_fail(v, 0, expected, "the line stands before the data");
    else
        judge_number(facts, run, said.us, v);
    if (verdict_failed(v)) /* this run has no trace; that one prints it in the same place */
        verdict_cite(v, printed_with(facts_run(facts, "data-later"), "cpu_us"));
}
