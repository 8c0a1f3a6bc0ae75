/* A line of the tracer as people get to see it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "trace/strace_fields.h"
#include "trace/trace.h"

enum { LINE_MOST = TRACE_RAW - 3, STRING_SHOWN = 32, ESCAPE_MOST = 4 };

static bool is_plain(Slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e)
            return false;
    return true;
}

/* At most `most` bytes of it, and no part of a character. */
static size_t cut_at(const char *bytes, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most && (bytes[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* One character of a string: the byte, or an escape sequence whole. */
static size_t character(Slice text)
{
    size_t len = 1;
    if (text.at[0] != '\\' || text.len < 2)
        return 1;
    bool octal = text.at[1] >= '0' && text.at[1] <= '7';
    for (len = 2; octal && len < ESCAPE_MOST && len < text.len; len++)
        if (text.at[len] < '0' || text.at[len] > '7')
            break;
    return len;
}

/* How much of a string (its opening quote is text.at[0]) is shown. */
static size_t shown_of(Slice text)
{
    size_t shown = 1, next = 1;
    while (next <= STRING_SHOWN && next < text.len) {
        shown = next;
        next += character(slice_from(text, next));
    }
    return cut_at(text.at, text.len, shown);
}

/* Adds the string that `text` begins with, or its beginning if it is long; returns its length. */
static size_t add_string(Buf *out, Slice text)
{
    size_t end = slice_skip(text, 0);
    bool is_long = end > STRING_SHOWN + ESCAPE_MOST;
    buf_add(out, text.at, is_long ? shown_of(text) : end);
    if (is_long)
        buf_str(out, "\"...");
    /* The tracer may have cut it itself. */
    return is_long && slice_starts(slice_from(text, end), "...") ? end + 3 : end;
}

/* The number of a socket's inode tells people nothing. */
static size_t inode_at(Slice text)
{
    const char *end = slice_starts(text, "<socket:[") ? memchr(text.at, '>', text.len) : NULL;
    return end ? (size_t)(end - text.at) + 1 : 0;
}

/* What is asked for and what comes back stands behind the strings, and is wanted more. */
static void shorten(Buf *out, Slice text)
{
    for (size_t i = 0, from = 0; i <= text.len; i++) {
        bool quote = i < text.len && text.at[i] == '"';
        size_t inode = i < text.len && text.at[i] == '<' ? inode_at(slice_from(text, i)) : 0;
        if (i < text.len && !quote && !inode)
            continue;
        buf_add(out, text.at + from, i - from);
        from = i + inode + (quote ? add_string(out, slice_from(text, i)) : 0);
        i = from > i ? from - 1 : i;
    }
}

char *slice_evidence(Slice text)
{
    Buf shortened, clean;
    buf_init(&shortened, 1 << 16);
    buf_init(&clean, 4 * TRACE_RAW);
    shorten(&shortened, text);
    Slice shown = {shortened.data, cut_at(shortened.data, shortened.len, LINE_MOST)};
    bool cut = shown.len < shortened.len;
    if (!is_plain(shown)) {
        text_clean(&clean, shown.at, shown.len);
        shown = (Slice){clean.data, clean.len};
    }
    size_t len = cut_at(shown.at, shown.len, LINE_MOST);
    char *line = x_calloc(1, len + 4);
    memcpy(line, shown.at, len);
    if (cut || len < shown.len)
        memcpy(line + len, "...", 3);
    buf_release(&shortened);
    buf_release(&clean);
    return line;
}
