/*
 * A Fault is OUR failure: the grader could not do its work. It is never the
 * submission's (what a submission does wrong is a Verdict, see rubric.h), so
 * the two can not be mixed up by accident.
 *
 * Functions that can fail in this way return 0 or -1 and write one line into
 * the Fault that the caller brings: what failed, and what to do about it.
 * Nothing below main.c prints or exits.
 */
#ifndef GRADER_BASE_FAULT_H
#define GRADER_BASE_FAULT_H

enum { FAULT_TEXT = 512 };

typedef struct Fault {
    char text[FAULT_TEXT]; /* one line, no line end; empty while nothing failed */
} Fault;

/* Writes the message (cut if too long) and returns -1, so that a caller can
 * `return fault_set(...)`. `fault` may be NULL: then only -1 is returned. */
int fault_set(Fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As fault_set(), with ": " and strerror(errno) behind the message. */
int fault_errno(Fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
