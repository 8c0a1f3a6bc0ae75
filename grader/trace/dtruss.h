/*
 * dtruss(1) text -> events, for macOS. Reads what
 *   dtruss -f -d -e -o PROGRAM
 * writes: "PID/0xTID:  RELATIVE ELAPSED CPU call(args)\t\t = result errno", a
 * line for each call, written when it returns. Any bytes are accepted, as in strace.h.
 *
 * dtruss shows less than strace does:
 * - Structures are addresses: what is registered, what woke, how long a
 *   timeout is. One kevent(2) becomes as many WATCHes as it has changes, and a
 *   WAIT; without a list (below) these know no descriptor and no token.
 * - A write that fails has no data (no marks), signals and ends have no line.
 * - RELATIVE is the CPU time of the thread. Times here add what each call
 *   slept; they are good within a thread, and only about right between two.
 * `dtruss_blind` says so to trace_new(). A D program of one's own that keeps
 * this form of line may show a list in place of an address, as
 *   [{ident=5, filter=-1, flags=0x1, udata=0x7}]
 * and a timeout as {tv_sec=1, tv_nsec=0}; then the events are whole.
 *
 * Source: dtruss(1m), kqueue(2), <sys/event.h>, <sys/fcntl.h>, <sys/errno.h> of macOS.
 */
#ifndef GRADER_TRACE_DTRUSS_H
#define GRADER_TRACE_DTRUSS_H

#include "trace/trace.h"

typedef struct DtrussParser DtrussParser;

/* `zero_ns`: CLOCK_REALTIME when the program was started. */
DtrussParser *dtruss_parser_new(Trace *trace, int64_t zero_ns);
void dtruss_parser_feed(DtrussParser *parser, const char *bytes, size_t len);
void dtruss_parser_end(DtrussParser *parser);
uint64_t dtruss_parser_odd(const DtrussParser *parser);
void dtruss_parser_free(DtrussParser *parser); /* NULL is fine */

extern const unsigned dtruss_blind;

#endif
