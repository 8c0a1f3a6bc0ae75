/* What came out on stdout of what the peer had sent. */
#include "exercises/common.h"
#include "exercises/mistake.h"
#include "exercises/served.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What stands around data[0..len) at text[at]? */
static Printed around(const char *text, size_t size, size_t at, const char *data, size_t len)
{
    bool starts_line = at == 0 || text[at - 1] == '\n';
    bool has_end = len && data[len - 1] == '\n';
    const char *rest = text + at + len;
    size_t left = size - at - len;
    if (!starts_line)
        return PRINTED_DECORATED;
    if (has_end || (left && rest[0] == '\n') || (left > 1 && memcmp(rest, "\r\n", 2) == 0))
        return PRINTED_WHOLE;
    if (left == 0 || (left >= 6 && memcmp(rest, "cpu_us", 6) == 0))
        return PRINTED_NO_LINE_END;
    return PRINTED_DECORATED;
}

static Printed search(const char *text, size_t size, const char *data, size_t len)
{
    Printed best = PRINTED_NOTHING;
    const char *end = text + size;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), data, len)); at++) {
        Printed here = around(text, size, (size_t)(at - text), data, len);
        if (here > best)
            best = here;
    }
    return best;
}

Printed data_printed(const Observation *run)
{
    if (run->n_clients == 0 || run->clients[0].sent.len == 0)
        return PRINTED_NOTHING;
    const Buf *sent = &run->clients[0].sent;
    if (!was_read(run, first_connection(run), sent->len))
        return PRINTED_NOTHING; /* it knew the words before they came */
    Buf text;
    buf_init(&text, 2 << 20);
    capture_text(&run->out, &text);
    Printed printed = search(text.data, text.len, sent->data, sent->len);
    /* "got 5 bytes: hello!": the line end is not where it was, the rest is there. */
    size_t bare = sent->len - (sent->data[sent->len - 1] == '\n');
    if (printed == PRINTED_NOTHING && bare && search(text.data, text.len, sent->data, bare))
        printed = PRINTED_DECORATED;
    buf_release(&text);
    return printed;
}

static const char *const text_runs[] = {"data-later", "data-at-once", "data-and-close"};
static const char *const byte_runs[] = {"nul-bytes", "bytes-512"};

/* The first of these runs in which the data was printed no better than `limit`. */
static const Observation *worst(const Facts *facts, const char *const *names, size_t n,
                                Printed limit)
{
    for (size_t i = 0; i < n; i++) {
        const Observation *run = facts_run(facts, names[i]);
        if (run->end != RUN_NOT_RUN && data_printed(run) <= limit)
            return run;
    }
    return NULL;
}

static const Observation *worst_of_all(const Facts *facts, Printed limit)
{
    const Observation *run = worst(facts, text_runs, 3, limit);
    return run ? run : worst(facts, byte_runs, 2, limit);
}

static void data_missing(const Facts *facts, Verdict *v, const Observation *text,
                         const Observation *bytes)
{
    const Observation *run = text ? text : bytes;
    char seen[512], ended[64];
    how_stdout_ended(run, seen, sizeof seen);
    how_it_ended(run, ended, sizeof ended);
    int earned = (text ? 0 : verdict_full(v) / 2) + (bytes ? 0 : verdict_full(v) / 2);
    verdict_scenario(v, run->scenario);
    const char *expected = text ? "the bytes that the read returned, and exit status 0"
                                : "all the bytes that the read returned, NULs included";
    (void)facts;
    Mistake mistake = mistake_with_data(run);
    verdict_fail(v, earned, expected, "stdout %s and the program %s%s%s", seen, ended,
                 mistake.what ? "; " : "", mistake.what ? mistake.what : "");
    const Event *data = mistake.event ? mistake.event : first_data(run);
    verdict_cite(v, data);
    if (!data)
        cite_last(v, run);
}

static const Observation *ended_badly(const Facts *facts)
{
    for (size_t i = 0; i < 3; i++) {
        const Observation *run = facts_run(facts, text_runs[i]);
        if (run->end != RUN_NOT_RUN && (run->end != RUN_EXITED || run->status != 0))
            return run;
    }
    return NULL;
}

/* One point less, for what is there but not as it should be. */
static void data_blemish(Verdict *v, const Observation *run, const char *expected, const char *what)
{
    char seen[512];
    how_stdout_ended(run, seen, sizeof seen);
    verdict_scenario(v, run->scenario);
    verdict_fail(v, verdict_full(v) - 2, expected, "%s (stdout %s)", what, seen);
}

void judge_data_whole(const Facts *facts, Verdict *v)
{
    const Observation *text = worst(facts, text_runs, 3, PRINTED_NOTHING);
    const Observation *bytes = worst(facts, byte_runs, 2, PRINTED_NOTHING);
    const Observation *run;
    char ended[64];
    if (facts_run(facts, "data-later")->end == RUN_NOT_RUN) {
        verdict_needs(v, "listening", "the program never listened");
    } else if (text || bytes) {
        data_missing(facts, v, text, bytes);
    } else if ((run = ended_badly(facts))) {
        data_blemish(v, run, "exit status 0 once the data is printed",
                     how_it_ended(run, ended, sizeof ended));
        if (run->end != RUN_EXITED)
            cite_last(v, run);
    } else if ((run = worst_of_all(facts, PRINTED_DECORATED))) {
        data_blemish(v, run, "the data and nothing else on its lines",
                     "the data is there, with something around it");
    } else if ((run = worst_of_all(facts, PRINTED_NO_LINE_END))) {
        data_blemish(v, run, "a line end after data that lacks one", "no line end after the data");
    } else {
        verdict_pass(v, "printed whole: text, NULs, 512 bytes, and data followed by a close");
    }
}
