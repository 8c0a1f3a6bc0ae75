/* Just enough of C to make a source easy to read; it decides nothing. */
#include "submission.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
    "bool", "break",   "case",   "char",     "const",  "continue", "default", "do",     "double",
    "else", "enum",    "extern", "false",    "float",  "for",      "goto",    "if",     "inline",
    "int",  "long",    "return", "short",    "signed", "sizeof",   "static",  "struct", "switch",
    "true", "typedef", "union",  "unsigned", "void",   "volatile", "while"};

typedef struct Word {
    const char *text;
    size_t len;
} Word;

static int compare(const void *key, const void *entry)
{
    const Word *word = key;
    const char *other = *(const char *const *)entry;
    int order = strncmp(word->text, other, word->len);
    return order ? order : -(other[word->len] != 0);
}

static bool keyword(const char *text, size_t len)
{
    return bsearch(&(Word){text, len}, words, sizeof words / sizeof *words, sizeof *words,
                   compare) != NULL;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Length of the string or character constant that begins here. */
static size_t quoted(const char *text, size_t len)
{
    size_t i = 1;
    while (i < len && text[i] != text[0])
        i += text[i] == '\\' && i + 1 < len ? 2 : 1;
    return i < len ? i + 1 : len;
}

/* Length of the comment that begins (or goes on) here. */
static size_t commented(const char *text, size_t len, size_t from, bool *open)
{
    const char *end = from <= len ? memmem(text + from, len - from, "*/", 2) : NULL;
    *open = !end;
    return end ? (size_t)(end - text) + 2 : len;
}

static void marked(Buf *out, const char *class_name, const char *text, size_t len)
{
    html_add(out, "<span class=\"%s\">", class_name);
    html_text_n(out, text, len);
    buf_str(out, "</span>");
}

/* What begins here, its length in `step`; NULL: nothing to mark. */
static const char *piece(const char *text, size_t len, size_t *step, bool *open)
{
    if (len > 1 && text[0] == '/' && text[1] == '*') {
        *step = commented(text, len, 2, open);
        return "comment";
    }
    if (len > 1 && text[0] == '/' && text[1] == '/') {
        *step = len;
        return "comment";
    }
    if (*text == '"' || *text == '\'') {
        *step = quoted(text, len);
        return "string";
    }
    *step = 1;
    if (!in_word(*text))
        return NULL;
    while (*step < len && in_word(text[*step]))
        (*step)++;
    return keyword(text, *step) ? "word" : NULL;
}

void source_line(Buf *out, const char *line, size_t len, bool *comment)
{
    size_t at = 0, plain = 0;
    if (*comment) {
        at = plain = commented(line, len, 0, comment);
        marked(out, "comment", line, at);
    }
    while (at < len) {
        size_t step;
        const char *class_name = piece(line + at, len - at, &step, comment);
        if (class_name) {
            html_text_n(out, line + plain, at - plain);
            marked(out, class_name, line + at, step);
            plain = at + step;
        }
        at += step;
    }
    html_text_n(out, line + plain, len - plain);
}
