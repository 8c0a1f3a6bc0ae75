#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "build_parts.h"

enum { NOTE_TEXT = 300, NOTES_SEEN = 256 };

typedef enum NoteKind { NOTE_ERROR, NOTE_WARNING } NoteKind;

typedef struct Note {
    NoteKind kind;
    char *file; /* own file; NULL: none */
    int line;
    char *text;
    int order;
} Note;

typedef struct Reader {
    const Messages *messages;
    BuildReport *report;
    Note notes[NOTES_SEEN];
    int n_notes;
    char *mains[8]; /* files that define main, as the linker names them */
    int n_mains;
    bool no_main;
} Reader;

/* --- one line --- */

static const char *find(const char *line, size_t len, const char *what)
{
    return memmem(line, len, what, strlen(what));
}

/* "FILE:12" or "FILE:12:5" up to `end` -> FILE's length and the line; 0: none. */
static size_t place(const char *text, const char *end, int *line)
{
    size_t numbers[2], n = 0;
    const char *p = end;
    while (n < 2) {
        const char *q = p;
        while (q > text && isdigit((unsigned char)q[-1]))
            q--;
        if (q == p || q == text || q[-1] != ':' || p - q > 9)
            break;
        numbers[n++] = (size_t)strtoul(q, NULL, 10);
        p = q - 1;
    }
    *line = n ? (int)numbers[n - 1] : 0;
    return n ? (size_t)(p - text) : 0;
}

static void add_note(Reader *reader, NoteKind kind, const char *file, size_t file_len, int line,
                     const char *text, size_t len)
{
    if (kind == NOTE_ERROR)
        reader->report->errors++;
    else
        reader->report->warnings++;
    if (reader->n_notes == NOTES_SEEN)
        return;
    Buf clean;
    buf_init(&clean, NOTE_TEXT);
    text_clean(&clean, text, len);
    char *own = file_len ? build_own_file(reader->messages->source, file, file_len) : NULL;
    int order = reader->n_notes;
    reader->notes[reader->n_notes++] = (Note){kind, own, own ? line : 0, buf_take(&clean), order};
}

/* FILE:LINE:COLUMN: error: TEXT, and without a place where the compiler has none. */
static bool read_compiler_line(Reader *reader, const char *line, size_t len)
{
    static const struct {
        const char *word;
        NoteKind kind;
    } kinds[] = {{": warning: ", NOTE_WARNING}, {": fatal error: ", NOTE_ERROR},
                 {": error: ", NOTE_ERROR},     {": internal compiler error: ", NOTE_ERROR},
                 {": Error: ", NOTE_ERROR},     {": error[", NOTE_ERROR}};
    const char *first = NULL;
    NoteKind kind = NOTE_ERROR;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *at = find(line, len, kinds[i].word);
        if (at && (!first || at < first))
            first = at, kind = kinds[i].kind;
    }
    if (!first || find(line, len, "ld returned 1 exit status"))
        return false;
    int number;
    size_t file_len = place(line, first, &number);
    const char *text = first + 2;
    add_note(reader, kind, line, file_len, number, text, len - (size_t)(text - line));
    return true;
}

/* Behind "ld: " and an object's name; what it says of source lies in /src. */
static const char *source_place(const char *line, const char *end, size_t *file_len, int *number)
{
    const char *at = find(line, (size_t)(end - line), "/src/");
    /* binutils 2.44 says where in the section, too: FILE:LINE:(.text+0x5) */
    const char *section = at ? find(at, (size_t)(end - at), ":(") : NULL;
    end = section ? section : end;
    *file_len = at ? place(at, end, number) : 0;
    return at; /* NULL: no place */
}

static void add_main(Reader *reader, const char *file, size_t len)
{
    char *own = build_own_file(reader->messages->source, file, len);
    for (int i = 0; own && i < reader->n_mains; i++)
        if (strcmp(reader->mains[i], own) == 0) {
            free(own);
            own = NULL;
        }
    if (own && reader->n_mains < 8)
        reader->mains[reader->n_mains++] = own;
    else
        free(own);
}

/* PLACE: multiple definition of `f'; OBJECT:PLACE: first defined here */
static void read_twice(Reader *reader, const char *line, size_t len, const char *said)
{
    size_t file_len, other_len;
    int number = 0, other_number = 0;
    const char *end = line + len;
    const char *file = source_place(line, said, &file_len, &number);
    const char *first = find(line, len, ": first defined here");
    const char *other = first ? source_place(said, first, &other_len, &other_number) : NULL;
    if (find(said, (size_t)(end - said), "`main'")) {
        if (other)
            add_main(reader, other, other_len);
        if (file)
            add_main(reader, file, file_len);
    }
    const char *stop = find(line, len, "; ");
    add_note(reader, NOTE_ERROR, file, file_len, number, said + 2,
             (size_t)((stop && stop > said ? stop : end) - said - 2));
}

/* What a linker says, in the words that GNU ld, gold and lld share. */
static bool read_linker_line(Reader *reader, const char *line, size_t len)
{
    const char *end = line + len, *said;
    size_t file_len;
    int number = 0;
    if ((said = find(line, len, ": multiple definition of "))) {
        read_twice(reader, line, len, said);
        return true;
    }
    if (!(said = find(line, len, ": undefined reference to ")))
        return false;
    const char *file = source_place(line, said, &file_len, &number);
    reader->no_main |= !file && find(said, (size_t)(end - said), "`main'") != NULL;
    add_note(reader, NOTE_ERROR, file, file_len, number, said + 2, (size_t)(end - said - 2));
    return true;
}

/* --- what to say --- */

static bool said(const Reader *reader, const char *what)
{
    return find(reader->messages->text, reader->messages->len, what) != NULL;
}

static int by_use(const void *a, const void *b)
{
    const Note *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind == NOTE_ERROR ? -1 : 1;
    if (!x->file != !y->file)
        return x->file ? -1 : 1;
    return x->order - y->order;
}

static char *two_mains(const Reader *reader)
{
    Buf text;
    buf_init(&text, 1024);
    buf_printf(&text, reader->n_mains == 2 ? "two main functions: " : "%d main functions: ",
               reader->n_mains);
    for (int i = 0; i < reader->n_mains; i++) {
        buf_str(&text, i == 0 ? "" : i == reader->n_mains - 1 ? " and " : ", ");
        text_quote(&text, reader->mains[i], strlen(reader->mains[i]), 60);
    }
    return buf_take(&text);
}

static char *of_note(const Note *note)
{
    Buf text;
    buf_init(&text, 1024);
    if (note->file) {
        text_quote(&text, note->file, strlen(note->file), 60);
        buf_printf(&text, ":%d: ", note->line);
    }
    buf_str(&text, note->text);
    return buf_take(&text);
}

/* Limits first: what was printed before one was reached is not the cause. */
static char *why_not(const Reader *reader)
{
    const Messages *m = reader->messages;
    if (m->timed_out)
        return x_printf("the compiler was not done within %d s", m->seconds);
    if (m->flood)
        return x_printf("the compiler's messages did not end (over %d MiB)",
                        BUILD_OUTPUT_MOST >> 20);
    if (m->out_of_memory || said(reader, "out of memory") || said(reader, "memory exhausted") ||
        said(reader, "Killed signal terminated"))
        return x_strdup("the compiler needed more memory than it may use (1 GiB)");
    if (said(reader, "File size limit exceeded"))
        return x_strdup("the compiler's output is larger than it may be (32 MiB)");
    if (said(reader, "CPU time limit exceeded"))
        return x_printf("the compiler used more than %u s of CPU time", sandbox_build_limits.cpu_s);
    if (reader->n_mains > 1)
        return two_mains(reader);
    if (reader->no_main)
        return x_strdup("there is no main function");
    if (reader->n_notes && reader->notes[0].kind == NOTE_ERROR)
        return of_note(&reader->notes[0]);
    return x_printf("the compiler failed with status %d", m->status);
}

static void give_notes(Reader *reader)
{
    BuildReport *report = reader->report;
    int n = reader->n_notes < BUILD_NOTES_MOST ? reader->n_notes : BUILD_NOTES_MOST;
    report->notes = x_calloc((size_t)n, sizeof *report->notes);
    report->n_notes = n;
    for (int i = 0; i < n; i++) {
        Note *note = &reader->notes[i];
        Evidence *evidence = &report->notes[i];
        evidence->source = build_line_of(reader->messages->source, note->file, note->line);
        if (note->file) {
            Buf name;
            buf_init(&name, 1024);
            text_quote(&name, note->file, strlen(note->file), 200);
            evidence->file = buf_take(&name);
        }
        evidence->line = note->line;
        evidence->text = x_strdup(note->text);
    }
}

static void give_output(const Messages *messages, BuildReport *report)
{
    Buf text;
    buf_init(&text, BUILD_SHOWN_MOST);
    text_clean(&text, messages->text, messages->len);
    bool cut = text.full;
    char *clean = buf_take(&text);
    size_t len = strlen(clean);
    /* a cut may have gone through a character */
    for (int i = 0; cut && i < 4 && len && (clean[len - 1] & 0x80); i++)
        clean[--len] = 0;
    report->output = cut ? x_printf("%s\n[...]\n", clean) : x_strdup(clean);
    free(clean);
}

void build_messages(const Messages *messages, BuildReport *report)
{
    Reader *reader = x_calloc(1, sizeof *reader);
    reader->messages = messages;
    reader->report = report;
    const char *end = messages->text + messages->len;
    for (const char *line = messages->text, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((newline ? newline : end) - line);
        next = newline ? newline + 1 : end;
        if (!read_linker_line(reader, line, len))
            read_compiler_line(reader, line, len);
    }
    qsort(reader->notes, (size_t)reader->n_notes, sizeof *reader->notes, by_use);
    give_notes(reader);
    give_output(messages, report);
    if (messages->status != 0 || messages->timed_out || messages->flood)
        report->problem = why_not(reader);
    for (int i = 0; i < reader->n_notes; i++) {
        free(reader->notes[i].file);
        free(reader->notes[i].text);
    }
    for (int i = 0; i < reader->n_mains; i++)
        free(reader->mains[i]);
    free(reader);
}

/* --- includes --- */

/* The next word of a Make rule, unescaped into `word`; false at the end. */
static bool next_word(const char **at, const char *end, char *word, size_t size)
{
    size_t n = 0;
    const char *p = *at;
    while (p < end && (isspace((unsigned char)*p) || (*p == '\\' && p + 1 < end && p[1] == '\n')))
        p++;
    for (; p < end && !isspace((unsigned char)*p); p++) {
        if (p + 1 < end &&
            ((*p == '\\' && strchr(" #\\:", p[1]) && p[1]) || (*p == '$' && p[1] == '$')))
            p++;
        if (n + 1 < size)
            word[n++] = *p;
    }
    word[n] = 0;
    *at = p;
    return n > 0;
}

static bool outside(const char *word)
{
    char *path = x_printf("%s%s", word[0] == '/' ? "" : "/src/", word);
    char *own = path_below("/src", path), *ours = path_below("/course", path);
    bool inside = own || ours;
    free(path);
    free(own);
    free(ours);
    return !inside;
}

char *build_outside(const char *rules, size_t len)
{
    char word[4096];
    const char *end = rules + len;
    while (next_word(&rules, end, word, sizeof word)) {
        if (!outside(word))
            continue;
        Buf text;
        buf_init(&text, 1024);
        buf_str(&text, "it includes ");
        text_quote(&text, word, strlen(word), 200);
        buf_str(&text, ", which is not in its folder");
        return buf_take(&text);
    }
    return NULL;
}
