/*
 * Any bytes as the log of a run: no crash, no lost memory, an ordered and
 * bounded Trace, and the same one however the log is cut into pieces.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -Igrader \
 *     tests/fuzz/fuzz_strace.c grader/trace/[a-z]*.c grader/base/buf.c grader/base/text.c
 * Seeds: tests/fuzz/seeds/strace-*, made from tests/traces/ (first byte: see run()).
 */
#include <stdlib.h>

#include "../unit/trace_dump.h"
#include "trace/strace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int resolve(void *context, const char *module, uint64_t offset, SourceLine *lines, int most)
{
    (void)context;
    int n = (int)(offset % 5) - 1; /* also more than fits, and a failure */
    for (int i = 0; i < n && i < most; i++)
        lines[i] = (SourceLine){i % 2 ? module : NULL, i};
    return n;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_event(const Trace *trace, const Event *event)
{
    must(event->kind < EV_KINDS && event->call);
    must(event->end_ns >= event->start_ns);
    must(event->object <= trace_objects(trace) && event->queue <= trace_objects(trace) &&
         event->listener <= trace_objects(trace));
    must(!event->raw || strlen(event->raw) <= TRACE_RAW);
    must(event->data_len <= STRACE_LINE && (event->data || !event->data_len));
    must(!event->data || event->data[event->data_len] == 0);
    must(event->stack_len <= STRACE_STACK && !event->stack == !event->stack_len);
    must(event->timeout_ns >= TIMEOUT_UNKNOWN);
    must(event->kind != EV_MARK || (event->fd == -1 && event->data));
    if (event->kind == EV_WAKE)
        trace_wake_matches(trace, event, 1);
}

static void check(const Trace *trace)
{
    int64_t before = 0;
    must(trace_len(trace) <= TRACE_HEAD + TRACE_TAIL);
    must(trace_objects(trace) <= TRACE_OBJECTS);
    for (size_t i = 0; i < trace_len(trace); i++) {
        const Event *event = trace_at(trace, i);
        must(event && event->start_ns >= before);
        before = event->start_ns;
        check_event(trace, event);
    }
    for (unsigned i = 1; i <= trace_objects(trace); i++)
        must(trace_object(trace, i)->names >= 0);
    must(trace_count_would_block(trace) <= trace_count(trace, EV_READ));
}

/* Deterministic: even numbers are processes, odd ones threads of the one before, each third gone. */
static bool origin_of(int thread, StraceOrigin *origin)
{
    *origin = (StraceOrigin){thread & ~1, thread / 2, thread % 8};
    return thread % 3 != 0;
}

/* The first byte says whether the program has begun already, and how long the pieces are. */
static Buf run(const uint8_t *data, size_t size, size_t piece)
{
    static const char begun[] = "7 1.0 execve(\"/p\", [\"/p\"], 0x1) = 0\n";
    Trace *trace = trace_new(strace_blind);
    StraceParser *parser = strace_parser_new(trace, data[0] & 1 ? "/p" : NULL, resolve, NULL);
    if (data[0] & 128)
        strace_parser_ask(parser, origin_of);
    if (data[0] & 2)
        strace_parser_feed(parser, begun, sizeof begun - 1);
    for (size_t at = 1; at < size; at += piece)
        strace_parser_feed(parser, (const char *)data + at, size - at < piece ? size - at : piece);
    strace_parser_end(parser);
    check(trace);
    Buf out;
    buf_init(&out, DUMP_MOST);
    trace_dump(&out, trace);
    buf_printf(&out, "odd %" PRIu64 "\n", strace_parser_odd(parser));
    strace_parser_free(parser);
    trace_free(trace);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    Buf whole = run(data, size, size), pieces = run(data, size, 1 + data[0] / 4);
    must(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
