/*
 * What a program wrote to stdout or stderr, bounded: the first half and the
 * last half of `max` bytes are kept, the middle is dropped and counted. All
 * captures together share CAPTURE_BUDGET; once it is used up (by a program that
 * floods many runs) CAPTURE_LEAST of each are kept, or what it had by then. Lines
 * that begin with one of the contract's reserved words are counted as they
 * stream by, so that the counts are right also for what was dropped.
 */
#ifndef GRADER_BASE_CAPTURE_H
#define GRADER_BASE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CAPTURE_BUDGET = 6 << 20, CAPTURE_LEAST = 1 << 15 };

/* Lines of the contract that a program may not print for itself. */
typedef enum Reserved {
    RESERVED_WOULD_BLOCK,
    RESERVED_CPU_US,
    RESERVED_TASK,
    RESERVED_KINDS
} Reserved;

typedef struct Capture {
    Buf head;       /* the first max/2 bytes */
    char *tail;     /* ring of the last bytes behind head; NULL until needed */
    size_t half;    /* max/2 */
    size_t ring;    /* bytes of the ring: max/2, or less where the budget is used up */
    size_t held;    /* of the budget */
    size_t tail_at; /* where the ring's next byte goes */
    uint64_t total; /* bytes written in all */
    uint64_t reserved[RESERVED_KINDS];
    char line[16]; /* the beginning of the current line, for counting */
    size_t line_len;
} Capture;

void capture_init(Capture *capture, size_t max);
void capture_release(Capture *capture); /* safe twice */
void capture_add(Capture *capture, const char *bytes, size_t len);

/* Bytes dropped between what is kept of the beginning and of the end. */
uint64_t capture_dropped(const Capture *capture);

/* Appends what is kept: head, then tail (nothing stands for the gap). */
void capture_text(const Capture *capture, Buf *out);

#endif
