/* The lines of one call, joined and handed to what knows the call. */
#include "trace/strace_parser.h"

#include <stdlib.h>
#include <string.h>

static Call call_new(StraceParser *parser, Thread *thread, const Line *line)
{
    Call call = {.parser = parser,
                 .trace = parser->trace,
                 .thread = thread,
                 .start_ns = line->time_ns,
                 .end_ns = line->time_ns,
                 .text = line->text};
    for (int i = 0; i < CALL_ARGS; i++)
        call.args[i] = SLICE("");
    return call;
}

/* Splits "name(a, b) = 1" into arguments and result. */
static bool call_parse(Call *call)
{
    size_t at = 0, used;
    while (at < call->text.len && call->text.at[at] != '(')
        at++;
    Slice inside = slice_from(call->text, at + 1);
    call->n_args = slice_split(inside, call->args, CALL_ARGS, &used);
    if (used)
        return outcome_read(slice_from(inside, used), &call->outcome);
    /* A cut line has lost brackets in its middle, but not its end. */
    Slice end = {NULL, 0};
    for (Slice next = slice_find(inside, SLICE(") = ")); next.at;
         next = slice_find(slice_from(next, 1), SLICE(") = ")))
        end = next;
    return end.at && outcome_read(slice_from(end, 1), &call->outcome);
}

static void call_parse_begun(Call *call)
{
    size_t at = 0, used;
    while (at < call->text.len && call->text.at[at] != '(')
        at++;
    call->n_args = slice_split(slice_from(call->text, at + 1), call->args, CALL_ARGS, &used);
}

static void keep(Pending *pending, const Call *call, const CallSpec *spec, Slice text)
{
    pending_release(pending);
    *pending = (Pending){.spec = spec,
                         .start_ns = call->start_ns,
                         .first = call->first,
                         .n_events = call->n_events,
                         .text = x_strndup(text.at, text.len),
                         .len = text.len};
}

/* The kernel may go on with it by restart_syscall(2): what it was about is kept. */
static void keep_stopped(Thread *thread, const Call *call, const CallSpec *spec)
{
    bool stopped =
        call->outcome.restarted && slice_starts(call->outcome.more, "ERESTART_RESTARTBLOCK");
    if (!stopped)
        return;
    size_t len = (size_t)(call->outcome.more.at - call->text.at);
    while (len && call->text.at[len - 1] != ')')
        len--;
    if (len)
        keep(&thread->stopped, call, spec, (Slice){call->text.at, len - 1});
}

static void finish(Call *call, const CallSpec *spec)
{
    uint64_t from = trace_total(call->trace);
    spec->finish(call, spec);
    if (call->parser->frames.resolve)
        frames_expect(&call->parser->frames, call, from, trace_total(call->trace));
    keep_stopped(call->thread, call, spec);
}

static int64_t returned_at(const Line *line, int64_t start_ns)
{
    return line->lasted_ns >= 0 ? start_ns + line->lasted_ns : line->time_ns;
}

static void whole_call(StraceParser *parser, Thread *thread, const Line *line, const CallSpec *spec)
{
    Call call = call_new(parser, thread, line);
    if (!call_parse(&call)) {
        parser->odd++;
        return;
    }
    if (spec->begin)
        spec->begin(&call, spec);
    call.end_ns = returned_at(line, call.start_ns);
    finish(&call, spec);
}

static void begun_call(StraceParser *parser, Thread *thread, const Line *line, const CallSpec *spec)
{
    Call call = call_new(parser, thread, line);
    call_parse_begun(&call);
    if (spec->begin)
        spec->begin(&call, spec);
    keep(&thread->pending, &call, spec, line->text);
}

/* Both halves as one line; `text` becomes the caller's to free. */
static char *joined(const Pending *pending, Slice rest, size_t *len)
{
    *len = pending->len + rest.len;
    char *text = x_calloc(1, *len + 1);
    memcpy(text, pending->text, pending->len);
    if (rest.len)
        memcpy(text + pending->len, rest.at, rest.len);
    return text;
}

static void resumed_call(StraceParser *parser, Thread *thread, const Line *line, Pending pending)
{
    Call call = call_new(parser, thread, line);
    char *text = joined(&pending, line->text, &call.text.len);
    call.text.at = text;
    call.start_ns = pending.start_ns;
    call.first = pending.first;
    call.n_events = pending.n_events;
    call.end_ns = returned_at(line, pending.start_ns);
    if (call_parse(&call))
        finish(&call, pending.spec);
    else
        parser->odd++;
    free(text);
    pending_release(&pending);
}

/* restart_syscall(<... resuming interrupted nanosleep ...>) = 0: the sleep
 * that was stopped goes on, with its arguments and this result. */
static void restart(StraceParser *parser, Thread *thread, const Line *line)
{
    Pending stopped = thread->stopped;
    thread->stopped = (Pending){0};
    if (!stopped.spec)
        return;
    for (int i = 0; i < stopped.n_events; i++) {
        Event *event = trace_event(parser->trace, stopped.first + (unsigned)i);
        if (event)
            event->flags |= EVF_UNFINISHED | EVF_RESTARTED;
    }
    if (line->shape == LINE_UNFINISHED) {
        pending_release(&thread->pending);
        thread->pending = stopped;
        return;
    }
    Line resumed = *line;
    Slice end = slice_find(line->text, SLICE("...>)"));
    resumed.text = end.at ? slice_from(end, 4) : SLICE("");
    /* The time that it lasted counts from the restart. */
    if (line->lasted_ns >= 0)
        resumed.time_ns += line->lasted_ns;
    resumed.lasted_ns = -1;
    resumed_call(parser, thread, &resumed, stopped);
}

void on_call(StraceParser *parser, Thread *thread, const Line *line)
{
    if (slice_is(line->name, "restart_syscall")) {
        if (line->shape != LINE_RESUMED)
            restart(parser, thread, line);
        return;
    }
    const CallSpec *spec = call_spec(line->name);
    pending_release(&thread->stopped);
    if (!spec)
        return;
    if (line->shape == LINE_CALL)
        whole_call(parser, thread, line, spec);
    else
        begun_call(parser, thread, line, spec);
}

void on_resumed(StraceParser *parser, Thread *thread, const Line *line)
{
    Pending pending = thread->pending;
    thread->pending = (Pending){0};
    if (!pending.spec)
        return;
    Line end = *line;
    if (slice_is(line->name, "restart_syscall"))
        end.lasted_ns = -1; /* it lasted since the restart; the line's time will do */
    resumed_call(parser, thread, &end, pending);
}
