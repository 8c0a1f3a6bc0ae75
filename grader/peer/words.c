#include "peer/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "peer/script.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that stands behind a backslash; *at is moved behind it. -1: no such escape. */
static int escape(const char *line, size_t len, size_t *at)
{
    static const char from[] = "n0tr\\\"abefv'", to[] = "\n\0\t\r\\\"\a\b\033\f\v'";
    if (*at >= len)
        return -1;
    char c = line[(*at)++];
    if (c == 'x') {
        int high = *at < len ? hex_digit(line[*at]) : -1;
        int low = *at + 1 < len ? hex_digit(line[*at + 1]) : -1;
        *at += 2;
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
    const char *found = c ? strchr(from, c) : NULL;
    return found ? (unsigned char)to[found - from] : -1;
}

static int split_string(Word *word, const char *line, size_t len, size_t *at, Fault *fault)
{
    Buf text;
    buf_init(&text, SCRIPT_BYTES);
    size_t i = *at + 1;
    while (i < len && line[i] != '"') {
        int byte = (unsigned char)line[i++];
        if (byte == '\\' && (byte = escape(line, len, &i)) < 0) {
            buf_release(&text);
            return fault_set(fault, "a string holds an escape that is none of "
                                    "\\n \\t \\r \\0 \\\\ \\\" \\xNN");
        }
        buf_char(&text, (char)byte);
    }
    if (i >= len) {
        buf_release(&text);
        return fault_set(fault, "a string has no end");
    }
    *at = i + 1;
    word->string = true;
    word->len = text.len;
    word->text = buf_take(&text);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void split_bare(Word *word, const char *line, size_t len, size_t *at)
{
    size_t from = *at;
    while (*at < len && !is_blank(line[*at]) && line[*at] != '#' && line[*at] != '"')
        (*at)++;
    word->len = *at - from;
    word->text = x_strndup(line + from, word->len);
}

int words_split(Words *words, const char *line, size_t len, Fault *fault)
{
    *words = (Words){0};
    for (size_t at = 0; at < len;) {
        if (is_blank(line[at])) {
            at++;
            continue;
        }
        if (line[at] == '#')
            break;
        if (words->n == WORDS_MOST) {
            words_release(words);
            return fault_set(fault, "too many words");
        }
        Word *word = &words->word[words->n];
        if (line[at] != '"') {
            split_bare(word, line, len, &at);
        } else if (split_string(word, line, len, &at, fault)) {
            words_release(words);
            return -1;
        }
        words->n++;
    }
    return 0;
}

void words_release(Words *words)
{
    for (int i = 0; i < words->n; i++)
        free(words->word[i].text);
    *words = (Words){0};
}

bool word_is(const Word *word, const char *text)
{
    return !word->string && strlen(text) == word->len && memcmp(word->text, text, word->len) == 0;
}

/* The digits at the beginning; returns how many there were, 0 also if they are too many. */
static size_t digits(const char *text, uint64_t *number)
{
    size_t n = 0;
    for (*number = 0; text[n] >= '0' && text[n] <= '9'; n++) {
        if (n == 12)
            return 0;
        *number = *number * 10 + (uint64_t)(text[n] - '0');
    }
    return n;
}

bool word_number(const Word *word, uint64_t least, uint64_t most, uint64_t *number)
{
    size_t n = word->string ? 0 : digits(word->text, number);
    if (n == 0 || n != word->len || (n > 1 && word->text[0] == '0'))
        return false;
    return *number >= least && *number <= most;
}

bool word_time(const Word *word, int64_t *ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}};
    uint64_t whole, part = 0;
    size_t n = word->string ? 0 : digits(word->text, &whole), decimals = 0;
    if (n == 0 || whole > 60000000)
        return false;
    const char *rest = word->text + n;
    if (*rest == '.') {
        decimals = digits(rest + 1, &part);
        rest += 1 + decimals;
        if (decimals == 0 || decimals > 6)
            return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(rest, units[i].name) != 0 || word->len != strlen(word->text))
            continue;
        int64_t fraction = (int64_t)part * units[i].ns;
        while (decimals--)
            fraction /= 10;
        *ns = (int64_t)whole * units[i].ns + fraction;
        return *ns > 0 && *ns <= 60 * NS_PER_S;
    }
    return false;
}
