#include "report/escape.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "result_json.h"

enum { CLEAN_GROWS = 10, TICKS_LEAST = 3 };

static void clean(Buf *buf, const char *text)
{
    buf_init(buf, (size_t)CLEAN_GROWS * ESCAPE_MOST);
    result_clean(buf, text, ESCAPE_MOST);
}

/* --- workflow commands --- */

/* Old commands are found anywhere in a line, new ones behind its blanks. */
static bool is_old_command(const char *at)
{
    return strncmp(at, "##[", 3) == 0 || strncmp(at, "##vso[", 6) == 0;
}

/* White space that is not of ASCII, which may stand before a command as blanks and tabs do; where it ends. */
static const char *copy_wide_blanks(Buf *out, const char *at)
{
    for (size_t n; (n = text_blank(at, strlen(at))) > 1; at += n)
        buf_add(out, at, n);
    return at;
}

/* Does the next character, too, stand where a command might? */
static bool still_fresh(bool fresh, char c)
{
    return c == '\n' || (fresh && (c == ' ' || c == '\t'));
}

static void command(Buf *out, const char *text, const char *special)
{
    Buf plain;
    bool fresh = true;
    clean(&plain, text);
    for (const char *at = plain.data; *at; at++) {
        if (fresh)
            at = copy_wide_blanks(out, at);
        if (!*at)
            break;
        if (fresh && strncmp(at, "::", 2) == 0)
            buf_char(out, '\\');
        if (strchr(special, *at))
            buf_printf(out, "%%%02X", (unsigned char)*at);
        else
            buf_char(out, *at);
        if (is_old_command(at))
            buf_char(out, '\\');
        fresh = still_fresh(fresh, *at);
    }
    buf_release(&plain);
}

void escape_command(Buf *out, const char *text)
{
    command(out, text, "%\r\n");
}

void escape_command_value(Buf *out, const char *text)
{
    command(out, text, "%\r\n:,");
}

/* --- Markdown --- */

/* In the middle of a line these are never markup. */
static bool harmless(char c)
{
    return !ispunct((unsigned char)c) || strchr(",;'?%", c);
}

void escape_markdown(Buf *out, const char *text)
{
    Buf plain;
    clean(&plain, text);
    for (const char *at = plain.data; *at; at++) {
        if (*at == '\n' || *at == '\t')
            buf_char(out, ' ');
        else if (*at == '@') /* a comment parts the name from its @, which a reference does not */
            buf_str(out, "&#64;<!-- -->");
        else if (harmless(*at))
            buf_char(out, *at);
        else
            buf_printf(out, "&#%d;", *at);
    }
    buf_release(&plain);
}

static size_t longest_ticks(const char *text)
{
    size_t most = 0;
    for (; *text; text++) {
        size_t run = strspn(text, "`");
        most = run > most ? run : most;
        text += run ? run - 1 : 0;
    }
    return most;
}

static void ticks(Buf *out, size_t count)
{
    while (count--)
        buf_char(out, '`');
}

void escape_markdown_code(Buf *out, const char *text, bool cell)
{
    Buf plain;
    clean(&plain, text);
    size_t fence = longest_ticks(plain.data) + 1;
    if (plain.len) {
        ticks(out, fence);
        buf_char(out, ' ');
    }
    for (const char *at = plain.data; *at; at++) {
        if (*at == '|' && cell)
            buf_char(out, '\\');
        buf_char(out, *at == '\n' || *at == '\t' ? ' ' : *at);
    }
    if (plain.len) {
        buf_char(out, ' ');
        ticks(out, fence);
    }
    buf_release(&plain);
}

void escape_markdown_block(Buf *out, const char *text)
{
    size_t fence = longest_ticks(text) + 1;
    fence = fence < TICKS_LEAST ? TICKS_LEAST : fence;
    ticks(out, fence);
    buf_str(out, "text\n");
    buf_str(out, text);
    if (*text && text[strlen(text) - 1] != '\n')
        buf_char(out, '\n');
    ticks(out, fence);
    buf_char(out, '\n');
}

/* --- XML --- */

static const char *reference(char c, bool line)
{
    static const struct {
        char c;
        bool in_line_only;
        const char *text;
    } known[] = {{'<', false, "&lt;"},   {'>', false, "&gt;"},   {'&', false, "&amp;"},
                 {'"', false, "&quot;"}, {'\'', false, "&#39;"}, {'\n', true, "&#10;"},
                 {'\t', true, "&#9;"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].c == c && (line || !known[i].in_line_only))
            return known[i].text;
    return NULL;
}

/* A log may show the file: the same text to who reads XML, no command to who reads lines. */
static const char *instead_of_command(const char *at, bool fresh)
{
    if (fresh && strncmp(at, "::", 2) == 0)
        return "&#58;";
    return is_old_command(at) ? "&#35;" : NULL;
}

void escape_xml(Buf *out, const char *text, bool line)
{
    Buf plain;
    bool fresh = true;
    clean(&plain, text);
    for (const char *at = plain.data; *at; at++) {
        if (fresh)
            at = copy_wide_blanks(out, at);
        if (!*at)
            break;
        const char *instead = instead_of_command(at, fresh);
        if (!instead)
            instead = reference(*at, line);
        fresh = still_fresh(fresh, *at);
        if (instead)
            buf_str(out, instead);
        else
            buf_char(out, *at);
    }
    buf_release(&plain);
}

/* --- JSON --- */

/* Within JSON a # stands in strings only. */
void escape_json_take(Buf *out, json_t *value, size_t flags)
{
    Buf json;
    buf_init(&json, out->max);
    json_write_take(&json, value, flags);
    for (const char *at = json.data; *at; at++)
        if (is_old_command(at))
            buf_str(out, "\\u0023");
        else
            buf_char(out, *at);
    out->full = out->full || json.full;
    buf_release(&json);
}
