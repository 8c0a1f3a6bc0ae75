#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char nothing[1];

void buf_init(Buf *buf, size_t max)
{
    *buf = (Buf){.data = nothing, .max = max};
}

void buf_release(Buf *buf)
{
    if (buf->cap)
        free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(Buf *buf)
{
    buf->len = 0;
    buf->full = false;
    if (buf->cap)
        buf->data[0] = 0;
}

/* Makes room for `extra` bytes and a NUL; returns how many of them fit. */
static size_t reserve(Buf *buf, size_t extra)
{
    if (extra > buf->max - buf->len) {
        extra = buf->max - buf->len;
        buf->full = true;
    }
    size_t need = buf->len + extra + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap ? buf->cap : 64;
        while (cap < need)
            cap *= 2;
        buf->data = x_realloc(buf->cap ? buf->data : NULL, cap);
        buf->cap = cap;
    }
    return extra;
}

void buf_add(Buf *buf, const void *data, size_t len)
{
    len = reserve(buf, len);
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = 0;
}

void buf_str(Buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_char(Buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_printf(Buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0) {
        char *text = x_calloc(1, (size_t)len + 1);
        vsnprintf(text, (size_t)len + 1, format, again);
        buf_add(buf, text, (size_t)len);
        free(text);
    }
    va_end(again);
}

char *buf_take(Buf *buf)
{
    char *data = buf->cap ? buf->data : x_strdup("");
    buf_init(buf, buf->max);
    return data;
}

void *x_calloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

void *x_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

char *x_strndup(const char *text, size_t len)
{
    char *copy = x_calloc(1, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *x_strdup(const char *text)
{
    return x_strndup(text, strlen(text));
}

char *x_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        abort();
    return text;
}
