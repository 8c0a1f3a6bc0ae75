#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the sequence that a first byte announces, 0 if it can't be one. */
static size_t announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

static uint32_t decode(const unsigned char *p, size_t len)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t rune = p[0] & mask[len];
    for (size_t i = 1; i < len; i++)
        rune = rune << 6 | (p[i] & 0x3f);
    return rune;
}

size_t text_utf8(const char *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t want = len ? announced(p[0]) : 0;
    if (!want || want > len)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    uint32_t rune = decode(p, want);
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (rune < least[want] || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
        return 0;
    return want;
}

size_t text_blank(const char *bytes, size_t len)
{
    size_t n = text_utf8(bytes, len);
    if (n == 0)
        return 0;
    uint32_t rune = decode((const unsigned char *)bytes, n);
    bool blank = rune == ' ' || (rune >= '\t' && rune <= '\r' && rune != '\n') || rune == 0x85 ||
                 rune == 0xa0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) ||
                 rune == 0x2028 || rune == 0x2029 || rune == 0x202f || rune == 0x205f ||
                 rune == 0x3000;
    return blank ? n : 0;
}

/* Characters that change how their neighbours look (Unicode TR 36): overrides
 * of direction, zero-width marks, line and paragraph separators, the BOM; and
 * U+FFFE and U+FFFF, which are no characters and which XML refuses. */
static bool deceives(uint32_t rune)
{
    return (rune >= 0x80 && rune < 0xa0) || rune == 0x61c || (rune >= 0x200b && rune <= 0x200f) ||
           (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2060 && rune <= 0x206f) ||
           rune == 0xfeff || (rune >= 0xfff9 && rune <= 0xfffb) || rune == 0xfffe ||
           rune == 0xffff || (rune >= 0xe0000 && rune <= 0xe007f);
}

/* Appends one character and returns how many bytes of input it was. */
static size_t clean_one(Buf *out, const char *bytes, size_t len)
{
    size_t n = text_utf8(bytes, len);
    unsigned char first = (unsigned char)bytes[0];
    if (n == 0 || (n == 1 && (first < 0x20 || first == 0x7f))) {
        buf_printf(out, "\\x%02x", first);
        return 1;
    }
    uint32_t rune = decode((const unsigned char *)bytes, n);
    if (deceives(rune))
        buf_printf(out, "\\u{%04x}", rune);
    else
        buf_add(out, bytes, n);
    return n;
}

/* Printable ASCII and line ends, which nearly everything is: taken as one piece. */
static size_t plain_run(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len &&
           ((bytes[i] >= 0x20 && bytes[i] < 0x7f) || bytes[i] == '\n' || bytes[i] == '\t'))
        i++;
    return i;
}

void text_clean(Buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t run = plain_run(bytes + i, len - i);
        buf_add(out, bytes + i, run);
        i += run;
        if (i < len)
            i += clean_one(out, bytes + i, len - i);
    }
}

static const char *literal(char c)
{
    switch (c) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    case '\0':
        return "\\0";
    case '\\':
        return "\\\\";
    case '"':
        return "\\\"";
    default:
        return NULL;
    }
}

void text_quote(Buf *out, const char *bytes, size_t len, size_t most)
{
    size_t i = 0;
    for (size_t shown = 0; i < len && shown < most; shown++) {
        const char *escape = literal(bytes[i]);
        /* "\0" and a digit behind it would be another octal number. */
        if (!bytes[i] && i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '7')
            escape = "\\000";
        if (escape) {
            buf_str(out, escape);
            i++;
        } else {
            i += clean_one(out, bytes + i, len - i);
        }
    }
    if (i < len)
        buf_str(out, "...");
}

int64_t text_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return text[digits] || digits > 17 ? 0 : atoll(text);
}

void text_hex(char *hex, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++) {
        *hex++ = digits[byte[i] >> 4];
        *hex++ = digits[byte[i] & 15];
    }
    *hex = '\0';
}
