#include "trace/strace_parser.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_END = 1024 }; /* what is kept of the end of a line that is cut: its result is there */

StraceParser *strace_parser_new(Trace *trace, const char *program, StraceResolve resolve,
                                void *context)
{
    StraceParser *parser = x_calloc(1, sizeof *parser);
    parser->trace = trace;
    parser->program = program ? x_strdup(program) : NULL;
    parser->frames.resolve = resolve;
    parser->frames.context = context;
    parser->uptime_ns = -1;
    buf_init(&parser->data, STRACE_LINE);
    return parser;
}

void strace_parser_ask(StraceParser *parser, StraceOriginOf origin_of)
{
    parser->origin_of = origin_of;
}

void strace_parser_free(StraceParser *parser)
{
    if (!parser)
        return;
    for (int i = 0; i < parser->n_threads; i++) {
        pending_release(&parser->threads[i].pending);
        pending_release(&parser->threads[i].stopped);
    }
    buf_release(&parser->data);
    free(parser->threads);
    free(parser->others);
    free(parser->unclaimed);
    free(parser->line);
    free(parser->program);
    free(parser->frames.cache);
    free(parser);
}

uint64_t strace_parser_odd(const StraceParser *parser)
{
    return parser->odd;
}

int strace_parser_process(const StraceParser *parser)
{
    return parser->process;
}

/* --- the beginning --- */

static bool runs_program(StraceParser *parser, Slice text)
{
    bool cut;
    if (!parser->program)
        return true;
    size_t at = 0;
    while (at < text.len && text.at[at] != '(')
        at++;
    buf_clear(&parser->data);
    return slice_string(slice_from(text, at + 1), &parser->data, &cut) && !cut &&
           strlen(parser->program) == parser->data.len &&
           memcmp(parser->program, parser->data.data, parser->data.len) == 0;
}

static void begin(StraceParser *parser, int thread)
{
    parser->process = thread;
    thread_add(parser, thread, thread);
    for (int fd = 0; fd < 3; fd++)
        trace_open(parser->trace, thread, fd, OBJECT_STDIO, 0);
}

/* The result of an execve that is shown in full or resumed. */
static bool succeeded(Slice text)
{
    return slice_ends(text, " = 0");
}

static void before_program(StraceParser *parser, const Line *line)
{
    thread_ignore(parser, line->thread);
    if (!slice_is(line->name, "execve"))
        return;
    bool whole = line->shape == LINE_CALL, half = line->shape == LINE_UNFINISHED;
    if ((whole || half) && !runs_program(parser, line->text))
        return;
    if (half)
        parser->exec_thread = line->thread;
    else if (whole && succeeded(line->text))
        begin(parser, line->thread);
    else if (line->shape == LINE_RESUMED && parser->exec_thread == line->thread &&
             succeeded(line->text))
        begin(parser, line->thread);
}

/* --- lines --- */

static void on_signal(StraceParser *parser, const Thread *thread, const Line *line)
{
    Event event = {.kind = EV_SIGNAL,
                   .thread = thread->id,
                   .process = thread->process,
                   .fd = -1,
                   .start_ns = line->time_ns,
                   .end_ns = line->time_ns,
                   .call = "signal",
                   .signal = slice_signal(line->text)};
    event.raw = slice_evidence(line->whole);
    trace_add_take(parser->trace, &event);
}

static void in_program(StraceParser *parser, const Line *line)
{
    if (line->shape == LINE_EXITED) {
        thread_exited(parser, line);
        return;
    }
    Thread *thread = thread_get(parser, line->thread);
    if (!thread)
        return;
    if (line->shape == LINE_SIGNAL)
        on_signal(parser, thread, line);
    else if (line->shape == LINE_RESUMED)
        on_resumed(parser, thread, line);
    else if (line->shape == LINE_CALL || line->shape == LINE_UNFINISHED)
        on_call(parser, thread, line);
}

static void on_line(StraceParser *parser, const char *bytes, size_t len)
{
    if (!len)
        return;
    Line line = line_read((Slice){bytes, len});
    if (line.shape == LINE_FRAME) {
        frames_read(parser, line.text);
        return;
    }
    frames_flush(parser);
    if (line.shape == LINE_ODD) {
        parser->odd++;
        return;
    }
    if (line.time_ns > parser->now_ns)
        parser->now_ns = line.time_ns;
    if (parser->process)
        in_program(parser, &line);
    else
        before_program(parser, &line);
}

/* Keeps a part of a line. Of one that is too long, the beginning and the end. */
static void keep_part(StraceParser *parser, const char *bytes, size_t len)
{
    if (!parser->line)
        parser->line = x_calloc(1, STRACE_LINE);
    while (len) {
        if (parser->line_len == STRACE_LINE) {
            const size_t head = STRACE_LINE - 2 * LINE_END;
            memmove(parser->line + head, parser->line + head + LINE_END, LINE_END);
            parser->line_len -= LINE_END;
        }
        size_t room = STRACE_LINE - parser->line_len;
        size_t part = len < room ? len : room;
        memcpy(parser->line + parser->line_len, bytes, part);
        parser->line_len += part;
        bytes += part;
        len -= part;
    }
}

void strace_parser_feed(StraceParser *parser, const char *bytes, size_t len)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t part = end ? (size_t)(end - bytes) : len;
        if (end && !parser->line_len && part <= STRACE_LINE) {
            on_line(parser, bytes, part);
        } else {
            keep_part(parser, bytes, part);
            if (end) {
                size_t whole = parser->line_len;
                parser->line_len = 0;
                on_line(parser, parser->line, whole);
            }
        }
        part += end != NULL;
        bytes += part;
        len -= part;
    }
}

void strace_parser_end(StraceParser *parser)
{
    size_t rest = parser->line_len;
    parser->line_len = 0;
    if (rest)
        on_line(parser, parser->line, rest);
    frames_flush(parser);
    threads_end(parser);
}
