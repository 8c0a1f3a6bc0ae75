#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* For each byte: NULL, it stands for itself; "", look at the whole character. */
static const char *const escapes[256] = {
    ['&'] = "&amp;",
    ['<'] = "&lt;",
    ['>'] = "&gt;",
    ['"'] = "&quot;",
    ['\''] = "&#39;",
    [0] = REPLACEMENT,
    [1 ... 8] = REPLACEMENT,
    [11 ... 12] = REPLACEMENT,
    [14 ... 31] = REPLACEMENT,
    [127] = REPLACEMENT,
    [128 ... 255] = "",
};

/* C1, the marks and overrides of direction, the byte order mark, what is no character. */
static bool refused(const unsigned char *c, size_t len)
{
    if (len == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    if (len != 3)
        return false;
    unsigned code = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
    return (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff || code >= 0xfffe;
}

void html_text_n(Buf *out, const char *text, size_t len)
{
    size_t start = 0, at = 0;
    while (at < len) {
        const char *escape = escapes[(unsigned char)text[at]];
        size_t step = 1;
        if (escape && !*escape) {
            size_t whole = text_utf8(text + at, len - at);
            if (whole > 0 && !refused((const unsigned char *)text + at, whole))
                escape = NULL;
            else
                escape = REPLACEMENT;
            step = whole ? whole : 1;
        }
        if (escape) {
            buf_add(out, text + start, at - start);
            buf_str(out, escape);
            start = at + step;
        }
        at += step;
    }
    buf_add(out, text + start, len - start);
}

void html_text(Buf *out, const char *text)
{
    if (text)
        html_text_n(out, text, strlen(text));
}

/* RFC 3986, unreserved. */
static const bool plain_in_address[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true,
    ['_'] = true,         ['.'] = true,         ['~'] = true,
};

void html_piece(Buf *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    const char *at = text ? text : "";
    while (*at) {
        const char *from = at;
        while (plain_in_address[(unsigned char)*at])
            at++;
        buf_add(out, from, (size_t)(at - from));
        if (!*at)
            return;
        char coded[3] = {'%', hex[(unsigned char)*at >> 4], hex[*at & 15]};
        buf_add(out, coded, 3);
        at++;
    }
}

static void add_number(Buf *out, int64_t value)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    buf_add(out, at, (size_t)(digits + sizeof digits - at));
}

void html_points(Buf *out, int halves)
{
    add_number(out, halves / 2);
    if (halves % 2)
        buf_str(out, ".5");
}

void html_add(Buf *out, const char *markup, ...)
{
    va_list args;
    va_start(args, markup);
    for (const char *place; (place = strchr(markup, '%')); markup = place + 2) {
        buf_add(out, markup, (size_t)(place - markup));
        switch (place[1]) {
        case 't':
            html_text(out, va_arg(args, const char *));
            break;
        case 'u':
            html_piece(out, va_arg(args, const char *));
            break;
        case 's':
            buf_str(out, va_arg(args, const char *));
            break;
        case 'd':
            add_number(out, va_arg(args, int));
            break;
        case 'D':
            add_number(out, va_arg(args, int64_t));
            break;
        case 'p':
            html_points(out, va_arg(args, int));
            break;
        default:
            buf_char(out, '%');
        }
    }
    buf_str(out, markup);
    va_end(args);
}

/* --- figures --- */

void html_span(Buf *out, int64_t seconds)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    enum { UNITS = sizeof units / sizeof *units };
    int unit = 0;
    seconds = seconds < 0 ? 0 : seconds;
    while (unit < UNITS - 1 && seconds < units[unit].size)
        unit++;
    int64_t whole = seconds / units[unit].size, rest = seconds % units[unit].size;
    html_add(out, "%D %s", whole, units[unit].name);
    if (unit < UNITS - 2 && whole < 3 && rest >= units[unit + 1].size)
        html_add(out, " %D %s", rest / units[unit + 1].size, units[unit + 1].name);
}

void html_bytes(Buf *out, int64_t bytes)
{
    if (bytes < 1024)
        html_add(out, "%D B", bytes);
    else if (bytes < 1 << 20)
        html_add(out, "%D KB", bytes / 1024);
    else
        html_add(out, "%D MB", bytes >> 20);
}

static void print_time(char *text, size_t size, const struct tm *tm, const char *format)
{
    if (!tm || strftime(text, size, format, tm) == 0)
        snprintf(text, size, "?");
}

/* For programs: the datetime= of an element. */
static void utc(char *text, size_t size, int64_t at_s)
{
    struct tm tm;
    time_t at = (time_t)at_s;
    print_time(text, size, gmtime_r(&at, &tm), "%Y-%m-%dT%H:%M:%SZ");
}

/* For people: the time of the machine that serves the course, which its due dates and its terminal
 * lines are in, too. */
static void local(char *text, size_t size, int64_t at_s, const char *format)
{
    struct tm tm;
    time_t at = (time_t)at_s;
    print_time(text, size, localtime_r(&at, &tm), format);
}

static void time_open(Buf *out, int64_t at_s, bool ago)
{
    char machine[40], full[40];
    utc(machine, sizeof machine, at_s);
    local(full, sizeof full, at_s, "%Y-%m-%d %H:%M:%S %Z");
    html_add(out, "<time datetime=\"%s\" title=\"%s\"%s>", machine, full, ago ? " data-ago" : "");
}

void html_time(Buf *out, int64_t at_s)
{
    char text[40];
    if (at_s <= 0) {
        buf_str(out, "never");
        return;
    }
    local(text, sizeof text, at_s, "%Y-%m-%d %H:%M %Z");
    time_open(out, at_s, false);
    html_add(out, "%s</time>", text);
}

void html_ago(Buf *out, int64_t at_s, int64_t now_s)
{
    if (at_s <= 0) {
        buf_str(out, "<span class=\"none\">never</span>");
        return;
    }
    time_open(out, at_s, true);
    if (now_s - at_s < 5) {
        buf_str(out, "just now");
    } else {
        html_span(out, now_s - at_s);
        buf_str(out, " ago");
    }
    buf_str(out, "</time>");
}

void html_for(Buf *out, int64_t since_s, int64_t now_s)
{
    char machine[40];
    utc(machine, sizeof machine, since_s);
    html_add(out, "<time datetime=\"%s\" data-for>", machine);
    html_span(out, now_s > since_s ? now_s - since_s : 0);
    buf_str(out, "</time>");
}

void html_figure(Buf *out, double value)
{
    if (!(value >= 0)) {
        buf_str(out, "<span class=\"none\">–</span>");
        return;
    }
    value = value > 1e12 ? 1e12 : value;
    buf_printf(out, "%.*f", value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : 2, value);
}

const char *html_plural(int64_t n)
{
    return n == 1 ? "" : "s";
}
