/*
 * The inside of the dtruss parser: dtruss.c takes lines apart, dtruss_calls.c
 * says what each call means.
 */
#ifndef GRADER_TRACE_DTRUSS_PARSER_H
#define GRADER_TRACE_DTRUSS_PARSER_H

#include "trace/dtruss.h"
#include "trace/strace_fields.h"

enum { DTRUSS_LINE = 8192, DTRUSS_ARGS = 8, DTRUSS_THREADS = 256 };

typedef struct DtrussThread {
    int64_t id;
    int64_t slept_ns; /* in calls, so far */
} DtrussThread;

struct DtrussParser {
    Trace *trace;
    int64_t zero_ns;
    uint64_t odd;
    DtrussThread threads[DTRUSS_THREADS];
    int n_threads;
    int processes[TRACE_PROCESSES]; /* whose descriptors 0, 1, 2 are known */
    int n_processes;
    char *line;
    size_t line_len;
    Buf scratch;
};

typedef struct DtrussCall {
    DtrussParser *parser;
    Trace *trace;
    int process, thread;
    int64_t start_ns, end_ns;
    const char *name; /* static */
    Slice args[DTRUSS_ARGS], text;
    int n_args;
    int64_t result;
    int error; /* of this machine */
} DtrussCall;

/* Adds the events of the call; false: it is not one of those that matter. */
bool dtruss_call(DtrussCall *call, Slice name);

#endif
