#include "trace/strace_fields.h"

#include <ctype.h>
#include <string.h>

bool slice_is(Slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len == len && memcmp(slice.at, text, len) == 0;
}

bool slice_starts(Slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len >= len && memcmp(slice.at, text, len) == 0;
}

bool slice_ends(Slice slice, const char *text)
{
    size_t len = strlen(text);
    return slice.len >= len && memcmp(slice.at + slice.len - len, text, len) == 0;
}

Slice slice_from(Slice slice, size_t at)
{
    if (at > slice.len)
        at = slice.len;
    return (Slice){slice.at + at, slice.len - at};
}

Slice slice_find(Slice slice, Slice needle)
{
    const char *found = slice.len ? memmem(slice.at, slice.len, needle.at, needle.len) : NULL;
    if (!found)
        return (Slice){NULL, 0};
    return slice_from(slice, (size_t)(found - slice.at));
}

static size_t skip_string(Slice slice, size_t at)
{
    for (at++; at < slice.len; at++) {
        if (slice.at[at] == '\\')
            at++;
        else if (slice.at[at] == '"')
            return at + 1;
    }
    return slice.len;
}

/* Behind a blank or a bracket a `<` is strace's own "<unfinished ...>". */
static bool decorates(Slice slice, size_t at)
{
    return at && (isalnum((unsigned char)slice.at[at - 1]) || slice.at[at - 1] == '_');
}

size_t slice_skip(Slice slice, size_t at)
{
    char c = slice.at[at];
    if (c == '"')
        return skip_string(slice, at);
    if (c == '<' && decorates(slice, at)) {
        const char *end = memchr(slice.at + at, '>', slice.len - at);
        return end ? (size_t)(end - slice.at) + 1 : slice.len;
    }
    return at + 1;
}

static int deeper(char c)
{
    switch (c) {
    case '(':
    case '[':
    case '{':
        return 1;
    case ')':
    case ']':
    case '}':
        return -1;
    default:
        return 0;
    }
}

/* Where the value that begins at `at` ends: at a comma of its own level or at
 * the bracket that closes what it is in. */
static size_t value_end(Slice slice, size_t at)
{
    for (int depth = 0; at < slice.len; at = slice_skip(slice, at)) {
        char c = slice.at[at];
        if (c == ',' && depth == 0)
            return at;
        depth += deeper(c);
        if (depth < 0)
            return at;
    }
    return slice.len;
}

static Slice trimmed(Slice slice, size_t from, size_t to)
{
    while (from < to && slice.at[from] == ' ')
        from++;
    while (to > from && slice.at[to - 1] == ' ')
        to--;
    return (Slice){slice.at + from, to - from};
}

int slice_split(Slice slice, Slice *parts, int most, size_t *used)
{
    int n = 0;
    size_t at = 0;
    for (;;) {
        size_t end = value_end(slice, at);
        Slice part = trimmed(slice, at, end);
        bool closed = end < slice.len && slice.at[end] != ',';
        bool last = end >= slice.len || closed;
        if (n < most && (part.len || !last))
            parts[n++] = part;
        *used = closed ? end + 1 : 0;
        if (last)
            return n;
        at = end + 1;
    }
}

bool slice_item(Slice *list, Slice *item)
{
    while (list->len && (list->at[0] == ' ' || list->at[0] == ',' || list->at[0] == '['))
        *list = slice_from(*list, 1);
    size_t end = value_end(*list, 0);
    if (!end)
        return false;
    *item = trimmed(*list, 0, end);
    *list = slice_from(*list, end);
    return true;
}

bool slice_take_field(Slice *slice, const char *name, Slice *value)
{
    size_t len = strlen(name);
    for (size_t at = 0; at < slice->len; at = slice_skip(*slice, at)) {
        if (at && !strchr("{[ ", slice->at[at - 1]))
            continue;
        Slice here = slice_from(*slice, at);
        if (here.len <= len || here.at[len] != '=' || memcmp(here.at, name, len) != 0)
            continue;
        here = slice_from(here, len + 1);
        size_t end = value_end(here, 0);
        *value = trimmed(here, 0, end);
        *slice = slice_from(here, end);
        return true;
    }
    return false;
}

Slice slice_field(Slice slice, const char *name)
{
    Slice value;
    return slice_take_field(&slice, name, &value) ? value : (Slice){NULL, 0};
}
