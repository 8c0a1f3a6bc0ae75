#include "exercises/chain_checks.h"

#include <errno.h>
#include <stdio.h>

#include "exercises/common.h"
#include "exercises/mistake.h"
#include "exercises/served.h"

/* --- data-served, arrival-order --- */

typedef struct Serving {
    const char *scenario;
    int tasks;
} Serving;

enum { SINGLES = 2, TEXTS = 4 };
static const Serving texts[TEXTS] = {
    {"data-later", 1}, {"data-at-once", 1}, {"three-in-order", 3}, {"idle-watch", 2}};
static const Serving bytes = {"bytes", 3};
static const Serving after_signal = {"interrupted", 2};

static Served how_served(const Facts *facts, const Serving *serving)
{
    return served_all(facts_run(facts, serving->scenario), serving->tasks);
}

/* The task's connection; NULL if there was none. */
static const Object *connection_of(const Observation *run, int task)
{
    return trace_object(run->trace, trace_connection(run->trace, task));
}

/* The first read of it that got data; NULL: none that is known. */
static const Event *data_read(const Observation *run, int task)
{
    unsigned conn = trace_connection(run->trace, task);
    const Event *event;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_READ, conn));)
        if (event->result > 0)
            return event;
    return NULL;
}

/* Its data was read, and it says "closed". */
static Mistake closed_with_data(const Observation *run, char *text, size_t size)
{
    for (int task = 1; run->trace && task <= run->n_clients; task++) {
        const Event *read = said_closed(run, task) ? data_read(run, task) : NULL;
        if (!read)
            continue;
        snprintf(text, size,
                 "the read of task %d brought %lld bytes, and it printed \"closed\": is their "
                 "number kept for the printing?",
                 task, (long long)read->result);
        return (Mistake){read, text};
    }
    return (Mistake){NULL, NULL};
}

/* What went wrong before the effect was missing; `text` is for its words. */
static Mistake cause_of(const Observation *run, char *text, size_t size)
{
    Mistake mistake = first_mistake(run);
    if (!mistake.event)
        mistake = chain_mistake(run, text, size);
    return mistake.event ? mistake : closed_with_data(run, text, size);
}

/* The one of `n` that was served worst. */
static const Serving *worst_served(const Facts *facts, const Serving *list, int n)
{
    const Serving *worst = &list[0];
    for (int i = 1; i < n; i++)
        if (how_served(facts, &list[i]) < how_served(facts, worst))
            worst = &list[i];
    return worst;
}

/* The read that found the peer of task 1 gone. */
static const Event *end_read(const Observation *run)
{
    unsigned conn = run->trace ? trace_connection(run->trace, 1) : 0;
    const Event *event;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_READ, conn));)
        if (event->result == 0 || event->error == ECONNRESET)
            return event;
    return NULL;
}

/* Where no call is at fault by itself: that which printed what is not right, or where it stood. */
static void cite_output(Verdict *v, const Observation *run)
{
    const Event *printed = printed_with(run, "task ");
    bool ended = run->end == RUN_EXITED || run->end == RUN_SIGNALED;
    if (ended && printed)
        verdict_cite(v, printed);
    else
        cite_last(v, run);
}

/* `what` goes before "stdout ...". */
static void blame_output(Verdict *v, const Observation *run, int halves, const char *expected,
                         const char *what)
{
    char seen[512], ended[64], text[200];
    Mistake mistake = cause_of(run, text, sizeof text);
    verdict_fail(v, halves, expected, "%sstdout %s and the program %s%s%s", what,
                 how_stdout_ended(run, seen, sizeof seen), how_it_ended(run, ended, sizeof ended),
                 MISTAKE_WORDS(mistake));
    verdict_cite(v, mistake.event);
    if (!mistake.event)
        cite_output(v, run);
}

static void blame_serving(const Facts *facts, Verdict *v, const Serving *serving, int halves,
                          const char *expected, const char *what)
{
    char words[160];
    snprintf(words, sizeof words, "%s: ", what);
    verdict_scenario(v, serving->scenario);
    blame_output(v, facts_run(facts, serving->scenario), halves, expected, words);
}

/* A run with lines of the reserved words that are not the data's; NULL if there is none. */
static const Serving *extra_lines(const Facts *facts)
{
    for (int i = 0; i < TEXTS; i++) {
        const Observation *run = facts_run(facts, texts[i].scenario);
        if (run->out.reserved[RESERVED_TASK] > (uint64_t)texts[i].tasks ||
            run->out.reserved[RESERVED_WOULD_BLOCK] > 0)
            return &texts[i];
    }
    return NULL;
}

/* What is there, but not as it should be, costs one point; true if the verdict is given. */
static bool blemished(const Facts *facts, Verdict *v)
{
    int less = verdict_full(v) - 2;
    const Serving *text = worst_served(facts, texts, TEXTS), *extra = extra_lines(facts);
    const Serving *worst = how_served(facts, text) < how_served(facts, &bytes) ? text : &bytes;
    Served how = how_served(facts, worst);
    if (how_served(facts, &after_signal) <= SERVED_UNLABELLED)
        blame_serving(facts, v, &after_signal, less, "the same output as without a signal",
                      "after a signal during the wait the data was not printed");
    else if (how == SERVED_DECORATED)
        blame_serving(facts, v, worst, less, "\"task K: \" and the data, nothing else on its lines",
                      "the data is there, with something around it");
    else if (how == SERVED_NO_LINE_END)
        blame_serving(facts, v, worst, less, "a line end after data that lacks one",
                      "no line end after the data");
    else if (extra)
        blame_serving(facts, v, extra, less,
                      "no other lines that begin with \"task\" or \"WouldBlock\"",
                      "lines that begin with a reserved word");
    else
        return false;
    return true;
}

void judge_data_served(const Facts *facts, Verdict *v)
{
    const Serving *text = worst_served(facts, texts, TEXTS);
    const Serving *single = worst_served(facts, texts, SINGLES);
    Served how = how_served(facts, text), how_bytes = how_served(facts, &bytes);
    int part = verdict_full(v) / 2, little = verdict_full(v) / 3;
    if (facts_run(facts, "data-later")->end == RUN_NOT_RUN)
        verdict_needs(v, "listening", "the program never listened");
    else if (how == SERVED_NOT)
        blame_serving(facts, v, text,
                      how_served(facts, single) > SERVED_UNLABELLED ? little
                      : how_bytes > SERVED_UNLABELLED               ? part
                                                                    : 0,
                      "\"task K: \" and the data of each task", "the data of a task is missing");
    else if (how == SERVED_UNLABELLED)
        blame_serving(facts, v, text, little,
                      "\"task K: \" before the data, K being 1 for the first accepted",
                      "data without its task's number before it");
    else if (how_bytes <= SERVED_UNLABELLED)
        blame_serving(facts, v, &bytes, part, "all the bytes that the read returned",
                      "NULs, 512 bytes, or data followed by a close are not printed whole");
    else if (!blemished(facts, v))
        verdict_pass(v, "each task's data is printed whole: text, NULs, 512 bytes, data followed "
                        "by a close, data after a signal");
}

void judge_arrival_order(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "three-in-order");
    long first = served_at(run, 1), second = served_at(run, 2), third = served_at(run, 3);
    char seen[512];
    if (first < 0 || second < 0 || third < 0) {
        verdict_needs(v, "data-served", "the data of three tasks is not printed");
    } else if (second < third && third < first) {
        verdict_pass(v, "the tasks finish in the order of their data: 2, 3, 1");
    } else {
        verdict_fail(v, 0, "the order in which the data came: 2, 3, 1", "stdout %s",
                     how_stdout_ended(run, seen, sizeof seen));
        cite_output(v, run);
    }
}

/* --- finishes-clean --- */

/* When the last task got its data; INT64_MAX: not known, for the trace has a gap. */
static int64_t last_read_ns(const Observation *run, int tasks)
{
    int64_t last = 0;
    for (int task = 1; task <= tasks; task++) {
        const Event *read = data_read(run, task);
        if (!read)
            return INT64_MAX;
        last = read->end_ns > last ? read->end_ns : last;
    }
    return last;
}

/* A task whose connection was open although it had finished, while others had not; 0: none.
 * The last one's may be closed by the exit. */
static int left_open(const Observation *run, int tasks)
{
    int64_t last = last_read_ns(run, tasks);
    int open = 0, n_open = 0;
    for (int task = 1; task <= tasks; task++) {
        const Event *read = data_read(run, task);
        int64_t closed = connection_of(run, task)->closed_ns;
        if (read && read->end_ns < last && last != INT64_MAX && closed > last)
            return task;
        n_open += closed == 0;
        if (closed == 0 && (!open || (read && read->end_ns < last)))
            open = task;
    }
    return n_open > 1 ? open : 0;
}

/* The read that found task 1's peer gone, if its connection was still open when task 2, which had to wait
 * for that, got its data; NULL: it was closed, or it is not known. */
static const Event *left_open_by_peer(const Observation *run)
{
    const Object *gone = run->trace ? connection_of(run, 1) : NULL;
    const Event *data = run->trace ? data_read(run, 2) : NULL;
    if (!gone || !data || !said_closed(run, 1) ||
        (gone->closed_ns > 0 && gone->closed_ns < data->end_ns))
        return NULL;
    const Event *end = end_read(run);
    return end && end->end_ns < data->start_ns ? end : NULL;
}

static const Serving *ended_badly(const Facts *facts)
{
    for (int i = 0; i < TEXTS; i++) {
        const Observation *run = facts_run(facts, texts[i].scenario);
        if (run->end != RUN_EXITED || run->status != 0)
            return &texts[i];
    }
    return NULL;
}

void judge_finishes_clean(const Facts *facts, Verdict *v)
{
    enum { TASKS = 3 };
    const Observation *run = facts_run(facts, "three-in-order");
    const Serving *bad = ended_badly(facts);
    if (how_served(facts, worst_served(facts, texts, TEXTS)) == SERVED_NOT || !run->trace ||
        !connection_of(run, TASKS)) {
        verdict_needs(v, "data-served", "not every task came to its end");
        return;
    }
    int open = left_open(run, TASKS);
    const Observation *gone = facts_run(facts, "peer-gone");
    const Event *end = left_open_by_peer(gone);
    if (bad) {
        char ended[64], text[200];
        const Observation *wrong = facts_run(facts, bad->scenario);
        Mistake mistake = cause_of(wrong, text, sizeof text);
        verdict_scenario(v, bad->scenario);
        verdict_fail(v, open || end ? 0 : 1, "exit status 0 when all tasks have finished",
                     "all data was printed and the program %s%s%s",
                     how_it_ended(wrong, ended, sizeof ended), MISTAKE_WORDS(mistake));
        verdict_cite(v, mistake.event);
        if (!mistake.event && wrong->end != RUN_EXITED)
            cite_last(v, wrong);
    } else if (open) {
        verdict_fail(v, 1, "a finished task's connection deregistered and closed",
                     "the connection of task %d was still open when the last task got its data",
                     open);
        verdict_cite(v, data_read(run, open));
    } else if (end) {
        verdict_scenario(v, "peer-gone");
        verdict_fail(v, 1, "a finished task's connection deregistered and closed",
                     "the peer of task 1 had closed, task 1 was finished, and its connection was "
                     "still open when task 2 got its data");
        verdict_cite(v, end);
    } else {
        verdict_pass(v, "finished tasks close their connections, and the end is exit status 0");
    }
}

/* --- peer-gone --- */

void judge_task_peer_gone(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "peer-gone");
    const Observation *calm = facts_run(facts, "data-later");
    bool other = served(run, 2) > SERVED_NOT && served(run, 2) >= served(calm, 1);
    bool same_end = run->end == calm->end && run->status == calm->status;
    if (!said_closed(run, 1) && !observation_step(run, "close", 1)) {
        verdict_needs(v, "listening", "nothing could connect");
    } else if (!said_closed(run, 1)) {
        blame_output(v, run, 0, "a line \"task 1: closed\" when its peer closes first", "");
        verdict_cite(v, end_read(run));
    } else if (!other || !same_end) {
        blame_output(v, run, verdict_full(v) / 2,
                     "the other task's data too, and the same end as without a close",
                     "task 1 is closed, then ");
    } else {
        verdict_pass(v, "its task says so and finishes, the other one is served");
    }
}
