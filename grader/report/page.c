#include "report/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { TEXT_MOST = 32768, ELLIPSIS = 4 };

void page_init(Page *page, Buf *out, const ReportStyle *style)
{
    int width = style && style->width > 0 ? style->width : PAGE_USUAL;
    width = width < PAGE_LEAST ? PAGE_LEAST : width > PAGE_MOST ? PAGE_MOST : width;
    *page = (Page){.out = out,
                   .colour = style && style->colour,
                   .ascii = style && style->ascii,
                   .width = width,
                   .fresh = true};
}

void page_indent(Page *page, int indent)
{
    page->indent = indent;
}

void page_to(Page *page, int column)
{
    for (; page->column < column; page->column++)
        buf_char(page->out, ' ');
    page->gap = false;
}

void page_end(Page *page)
{
    buf_char(page->out, '\n');
    page->column = 0;
    page->fresh = true;
    page->gap = false;
}

void page_blank(Page *page)
{
    if (page->column)
        page_end(page);
    size_t len = page->out->len;
    if (len > 0 && (len < 2 || page->out->data[len - 2] != '\n'))
        buf_char(page->out, '\n');
}

void page_ink(Page *page, Ink ink)
{
    static const char *const codes[] = {
        [INK_PLAIN] = "\033[0m", [INK_GOOD] = "\033[32m", [INK_BAD] = "\033[31m",
        [INK_PART] = "\033[33m", [INK_DIM] = "\033[2m",   [INK_STRONG] = "\033[1m"};
    if (page->colour)
        buf_str(page->out, codes[ink]);
}

void page_glyph(Page *page, Glyph glyph)
{
    static const char *const plain[GLYPHS] = {"+", "x", "-", "!", "|"};
    static const char *const full[GLYPHS] = {"✓", "✗", "–", "!", "│"};
    buf_str(page->out, page->ascii ? plain[glyph] : full[glyph]);
    page->column++;
    page->fresh = false;
    page->gap = true;
}

/* --- characters --- */

static unsigned rune_at(const char *text, size_t n)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned rune = (unsigned char)text[0] & mask[n];
    for (size_t i = 1; i < n; i++)
        rune = rune << 6 | ((unsigned char)text[i] & 0x3f);
    return rune;
}

typedef struct Range {
    unsigned from, to;
} Range;

static bool within(unsigned rune, const Range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rune >= ranges[i].from && rune <= ranges[i].to)
            return true;
    return false;
}

/* The large blocks of Unicode's East Asian Width and of its combining marks:
 * near enough to lay out a report, without a locale that may not be there. */
static int rune_columns(unsigned rune)
{
    static const Range none[] = {{0x300, 0x36f},   {0x483, 0x489},    {0x591, 0x5bd},
                                 {0x610, 0x61a},   {0x64b, 0x65f},    {0x1ab0, 0x1aff},
                                 {0x1dc0, 0x1dff}, {0x20d0, 0x20f0},  {0xfe00, 0xfe0f},
                                 {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};
    static const Range wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                 {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                 {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    if (rune < 0x300)
        return 1;
    if (within(rune, none, sizeof none / sizeof *none))
        return 0;
    return within(rune, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

/* Bytes of the character at `text`; a byte that is none counts as one. */
static size_t step(const char *text, size_t len)
{
    size_t n = text_utf8(text, len);
    return n ? n : 1;
}

int page_columns(const char *text, size_t len)
{
    int columns = 0;
    for (size_t i = 0, n; i < len; i += n) {
        n = step(text + i, len - i);
        columns += rune_columns(rune_at(text + i, n));
    }
    return columns;
}

static void add_plain(Buf *out, unsigned rune)
{
    static const struct {
        unsigned rune;
        const char *plain;
    } known[] = {{0xb5, "u"},     {0x3bc, "u"},   {0xd7, "x"},    {0xb1, "+-"},   {0x2013, "-"},
                 {0x2014, "--"},  {0x2018, "'"},  {0x2019, "'"},  {0x201c, "\""}, {0x201d, "\""},
                 {0x2026, "..."}, {0x2192, "->"}, {0x2264, "<="}, {0x2265, ">="}, {0xa0, " "}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].rune == rune) {
            buf_str(out, known[i].plain);
            return;
        }
    buf_printf(out, "\\u{%04x}", rune);
}

static bool is_command(const char *at)
{
    return strncmp(at, "##[", 3) == 0 || strncmp(at, "##vso[", 6) == 0;
}

/* Clean, inert, in the page's characters; blanks of every kind are one blank each. */
static char *prepare(const Page *page, const char *text)
{
    Buf clean, ready;
    buf_init(&clean, TEXT_MOST);
    buf_init(&ready, 4 * TEXT_MOST);
    text_clean(&clean, text ? text : "", text ? strnlen(text, TEXT_MOST / 4) : 0);
    for (size_t i = 0, n; i < clean.len; i += n) {
        const char *at = clean.data + i;
        n = step(at, clean.len - i);
        if (*at == '\n' || *at == '\t')
            buf_char(&ready, ' ');
        else if (n > 1 && page->ascii)
            add_plain(&ready, rune_at(at, n));
        else
            buf_add(&ready, at, n);
        if (is_command(at))
            buf_char(&ready, '\\');
    }
    buf_release(&clean);
    return buf_take(&ready);
}

/* --- words --- */

static void add_chars(Page *page, const char *text, size_t len)
{
    for (size_t n; page->fresh && (n = text_blank(text, len)) > 0; text += n, len -= n) {
        buf_add(page->out, text, n);
        page->column += page_columns(text, n);
    }
    if (page->fresh && len >= 2 && memcmp(text, "::", 2) == 0) {
        buf_char(page->out, '\\');
        page->column++;
    }
    buf_add(page->out, text, len);
    page->column += page_columns(text, len);
    if (len)
        page->fresh = false;
}

static void next_line(Page *page)
{
    page_end(page);
    page_to(page, page->indent);
}

/* How many bytes of the word fit into `room` columns; at least one character. */
static size_t fitting(const char *word, size_t len, int room)
{
    size_t at = 0;
    for (size_t n; at < len; at += n) {
        n = step(word + at, len - at);
        room -= rune_columns(rune_at(word + at, n));
        if (room < 0 && at > 0)
            break;
    }
    return at;
}

/* False: the word would need one line more than may be begun. */
static bool add_word(Page *page, const char *word, size_t len, int *lines)
{
    while (len) {
        int gap = page->gap ? 1 : 0;
        int room = page->width - page->column - gap - (*lines == 1 ? ELLIPSIS : 0);
        int columns = page_columns(word, len) + (page->fresh && *word == ':');
        bool fits = columns <= room;
        bool never = columns > page->width - page->indent - 1;
        if (!fits && !(never && room >= 8)) {
            if (*lines == 1)
                return false;
            *lines -= *lines > 0;
            next_line(page);
            continue;
        }
        page_to(page, page->column + gap);
        size_t part = fits ? len : fitting(word, len, room - 1);
        add_chars(page, word, part);
        word += part;
        len -= part;
        page->gap = len == 0;
    }
    return true;
}

void page_words(Page *page, const char *text, int lines)
{
    char *ready = prepare(page, text);
    for (const char *at = ready + strspn(ready, " "); *at;) {
        size_t len = strcspn(at, " ");
        if (!add_word(page, at, len, &lines)) {
            page_to(page, page->column + page->gap);
            add_chars(page, "...", 3);
            page->gap = true;
            break;
        }
        at += len;
        at += strspn(at, " ");
    }
    free(ready);
}

void page_wordsf(Page *page, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        abort();
    page_words(page, text, 0);
    free(text);
}

void page_piece(Page *page, const char *text)
{
    char *ready = prepare(page, text);
    size_t len = strlen(ready);
    page_to(page, page->column + (page->gap ? 1 : 0));
    int room = page->width - page->column - 1;
    if (page_columns(ready, len) <= room) {
        add_chars(page, ready, len);
    } else if (room > 3) {
        add_chars(page, ready, fitting(ready, len, room - 3));
        add_chars(page, "...", 3);
    }
    page->gap = true;
    free(ready);
}

void page_raw(Page *page, const char *text)
{
    buf_str(page->out, text);
    page->column += page_columns(text, strlen(text));
    page->fresh = false;
}
