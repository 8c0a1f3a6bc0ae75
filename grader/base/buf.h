/*
 * A growing byte buffer that states its maximum when it is made, because what
 * a submission prints or is called is hostile. Past the maximum it keeps what
 * it has, drops the rest and remembers that it did (`full`): a caller that
 * must not lose bytes looks at that.
 *
 * `data` is always NUL-terminated (the NUL does not count in `len`), also in a
 * fresh or released Buf. Running out of memory ends the process: abort().
 */
#ifndef GRADER_BASE_BUF_H
#define GRADER_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Buf {
    char *data; /* owned by the Buf */
    size_t len, cap, max;
    bool full; /* something was dropped */
} Buf;

void buf_init(Buf *buf, size_t max);
void buf_release(Buf *buf); /* safe twice */
void buf_clear(Buf *buf);   /* forget the contents, keep memory and maximum */

void buf_add(Buf *buf, const void *data, size_t len);
void buf_str(Buf *buf, const char *text);
void buf_char(Buf *buf, char c);
void buf_printf(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands over the string (free() it); the Buf is empty afterwards. */
char *buf_take(Buf *buf);

/* malloc, strdup, ... that abort() when memory is out: there is nothing
 * sensible to say about a submission any more then. */
void *x_calloc(size_t count, size_t size);
void *x_realloc(void *old, size_t size);
char *x_strdup(const char *text);
char *x_strndup(const char *text, size_t len);
char *x_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
