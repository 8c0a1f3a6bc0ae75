/*
 * strace(1) text -> events. Fed in pieces of any size as they arrive, so that
 * a spinning program's log is never held whole.
 *
 * Reads the output of
 *   strace -f --seccomp-bpf -y [--decode-pids=pidns] -ttt(precision ns) -T -s N -e trace=... [-k]
 * of strace 6.1 and later.
 *
 * What clone(2) returns in a PID namespace is not the number that the
 * child's lines begin with. strace can translate it (pidns), by a walk through all of /proc for
 * each number: half of the CPU time of a grading where a thousand processes are about. A parser
 * that is told whom to ask for a thread's origin does without.
 *
 * Any bytes are accepted: a line that makes no sense is counted (strace_parser_odd) and passed
 * over; no input can make it fail, loop or grow without bound (a line over STRACE_LINE bytes is
 * cut).
 *
 * Everything before the execve(2) of `program` returns 0 is cut: it belongs
 * to the sandbox. So are threads seen before then other than the one that
 * made that call.
 *
 * `resolve` (may be NULL) turns a frame of `strace -k` (module path, offset)
 * into lines of the submission's own source, innermost first, inlined frames
 * included; it returns how many it wrote. File strings it returns are interned
 * by the parser.
 */
#ifndef GRADER_TRACE_STRACE_H
#define GRADER_TRACE_STRACE_H

#include "trace/trace.h"

enum { STRACE_LINE = 16384, STRACE_STACK = 8 };

typedef int (*StraceResolve)(void *context, const char *module, uint64_t offset, SourceLine *lines,
                             int most);

typedef struct StraceParser StraceParser;

/* `trace` stays the caller's; `program` is the path whose execve begins the run. */
StraceParser *strace_parser_new(Trace *trace, const char *program, StraceResolve resolve,
                                void *context);
/* Where a thread that is new in the log comes from, as proc(5) tells: its process and that one's
 * parent as the tracer numbers them, and its number in its own PID namespace. False: it is gone.
 * Called from strace_parser_feed(). NULL: what clone(2) returns is the tracer's number. */
typedef struct StraceOrigin {
    int process, parent, number;
} StraceOrigin;
typedef bool (*StraceOriginOf)(int thread, StraceOrigin *origin);
void strace_parser_ask(StraceParser *parser, StraceOriginOf origin_of);

void strace_parser_feed(StraceParser *parser, const char *bytes, size_t len);
/* The log is at its end: what was unfinished is added as UNFINISHED. */
void strace_parser_end(StraceParser *parser);
uint64_t strace_parser_odd(const StraceParser *parser); /* lines that made no sense */
/* The program's own main thread as the tracer numbers it; 0 before the execve. */
int strace_parser_process(const StraceParser *parser);
void strace_parser_free(StraceParser *parser); /* NULL is fine */

/* The value for strace's `-e trace=`: the calls this parser understands. '?'
 * before a name keeps strace quiet where an architecture lacks it. */
extern const char strace_calls[];

/* What this backend can't see, for trace_new(). */
extern const unsigned strace_blind;

#endif
