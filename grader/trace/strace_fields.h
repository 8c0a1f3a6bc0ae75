/*
 * The small words of strace's notation: numbers, flags, strings, structures,
 * times, errors, decorated descriptors. All work on slices of a line, never
 * look outside, and give something harmless for what makes no sense.
 *
 * Source: strace(1); observed output of strace 6.1.
 */
#ifndef GRADER_TRACE_STRACE_FIELDS_H
#define GRADER_TRACE_STRACE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "trace/trace.h"

typedef struct Slice {
    const char *at;
    size_t len;
} Slice;

#define SLICE(literal) ((Slice){literal, sizeof(literal) - 1})

bool slice_is(Slice slice, const char *text);
bool slice_starts(Slice slice, const char *text);
bool slice_ends(Slice slice, const char *text);
Slice slice_from(Slice slice, size_t at);    /* empty if `at` is past the end */
Slice slice_find(Slice slice, Slice needle); /* from the first occurrence on; .at NULL: none */

/* Where the thing that begins at `at` ends: one character, or all of a quoted
 * string or of the decoration behind a descriptor (`4<socket:[1]>`, whose
 * inner < and > strace escapes). At most the slice's length. */
size_t slice_skip(Slice slice, size_t at);

/* Splits at top-level commas, up to an unmatched `)`; returns how many parts
 * (at most `most`; the rest is passed over). *used: bytes up to and with the
 * `)`, 0 if there is none. */
int slice_split(Slice slice, Slice *parts, int most, size_t *used);

/* The number at the beginning: decimal, octal or hexadecimal, with a sign. false: none there.
 * *used (may be NULL): its length. */
bool slice_number(Slice slice, int64_t *value, size_t *used);
int slice_fd(Slice slice);             /* -1 if there is none */
ObjectKind slice_fd_kind(Slice slice); /* what the decoration behind it says */
bool slice_fd_known(Slice slice);      /* it has one, so it is open */

/* The next item of a list `[a, b]`, the list moved on; false at its end. */
bool slice_item(Slice *list, Slice *item);
/* `name=` in a structure `{a=1, b={...}}`, at any depth, the first one; .at NULL: none. */
Slice slice_field(Slice slice, const char *name);
/* The same, and the slice moved on behind it; false: none. */
bool slice_take_field(Slice *slice, const char *name, Slice *value);

typedef struct FlagName {
    const char *name;
    unsigned flag;
} FlagName;

/* The flags of `A|B|0x4` that the table (ended by a NULL name) knows. */
unsigned slice_flags(Slice slice, const FlagName *table);
bool slice_has_flag(Slice slice, const char *name);

/* Appends the bytes of a quoted string; false if it isn't one. *cut: it ended in "...". */
bool slice_string(Slice slice, Buf *out, bool *cut);
/* All `iov_base` strings of the slice in turn, up to the first one that is cut. */
void slice_vectors(Slice slice, Buf *out, bool *cut);

int64_t slice_ms(Slice slice);   /* milliseconds -> ns; negative: -1 */
int64_t slice_time(Slice slice); /* {tv_sec=, tv_nsec= or tv_usec=} -> ns; NULL: -1 */
/* `1795400491.057579587` -> ns; false if it is no such number. */
bool slice_clock(Slice slice, int64_t *ns, size_t *used);

int slice_errno(Slice slice);  /* "EAGAIN" -> EAGAIN of this machine; EPROTO if not known */
int slice_signal(Slice slice); /* "SIGTERM" -> SIGTERM; 0 if not known */

/* What people get to see of a line: clean, and at most TRACE_RAW bytes. A new string. */
char *slice_evidence(Slice text);

#endif
