/*
 * mark("poll %u", k): a line of your own in the trace of the system calls.
 *
 * It writes the text to descriptor -1. There is no such descriptor, so the
 * call fails at once and changes nothing, errno included; but strace shows it:
 *
 *     write(-1, "poll 1", 6) = -1 EBADF (Bad file descriptor)
 *
 * The grader builds with its own copy of this file. Texts over 255 bytes are cut.
 */
#ifndef COURSE_MARK_H
#define COURSE_MARK_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2), unused)) static inline void mark(const char *format, ...)
{
    char text[256];
    int error = errno;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length >= (int)sizeof text)
        length = (int)sizeof text - 1;
    /* It always fails. That is tested only because the compiler warns of a result that nobody uses. */
    if (length > 0 && write(-1, text, (size_t)length) < 0)
        errno = error;
}

#endif
