/* Lines of strace made by hand, parsed. RUN begins each log: "7 12.5 read(...)" are all in the
 * form that strace writes. */
#ifndef STRACE_LINES_H
#define STRACE_LINES_H

#include "trace/strace.h"

#define RUN "7 1.000000000 execve(\"/p\", [\"/p\"], 0x1 /* 0 vars */) = 0 <0.000001000>\n"

typedef struct Parsed {
    Trace *trace;
    uint64_t odd;
    int process;
} Parsed;

/* Line N of prog.c is N bytes into /prog. */
static inline int resolve(void *context, const char *module, uint64_t offset, SourceLine *lines,
                          int most)
{
    (void)context;
    if (strcmp(module, "/prog") != 0 || most < 1)
        return 0;
    lines[0] = (SourceLine){"prog.c", (int)offset};
    return 1;
}

/* `origin_of` NULL: clone(2) returns the tracer's numbers. */
static inline Parsed parse_asking(const char *text, size_t len, StraceOriginOf origin_of)
{
    Parsed parsed = {.trace = trace_new(0)};
    StraceParser *parser = strace_parser_new(parsed.trace, "/p", resolve, NULL);
    strace_parser_ask(parser, origin_of);
    strace_parser_feed(parser, text, len);
    strace_parser_end(parser);
    parsed.odd = strace_parser_odd(parser);
    parsed.process = strace_parser_process(parser);
    strace_parser_free(parser);
    return parsed;
}

static inline Parsed parse(const char *text)
{
    return parse_asking(text, strlen(text), NULL);
}

static inline const Event *only(const Parsed *parsed)
{
    assert_int_equal(parsed->odd, 0);
    assert_int_equal(trace_len(parsed->trace), 1);
    return trace_at(parsed->trace, 0);
}

#endif
