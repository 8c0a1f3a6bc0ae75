/*
 * Text laid out in columns: a small page writer for reports that people read.
 * It knows how wide a character is, wraps at the page's width under a hanging
 * indent, breaks words that are wider than a line, and makes what it is given
 * inert once more: cleaned (base/text.h), with a backslash before what a CI
 * system would take for a command (`::` at the start of a line, `##[`).
 * With `ascii`, other characters are written in a plain form.
 */
#ifndef GRADER_REPORT_PAGE_H
#define GRADER_REPORT_PAGE_H

#include "report/report.h"

enum { PAGE_LEAST = 40, PAGE_MOST = 200, PAGE_USUAL = 80 };

typedef enum Ink { INK_PLAIN, INK_GOOD, INK_BAD, INK_PART, INK_DIM, INK_STRONG } Ink;

typedef enum Glyph { GLYPH_PASS, GLYPH_FAIL, GLYPH_SKIP, GLYPH_ERROR, GLYPH_BAR, GLYPHS } Glyph;

typedef struct Page {
    Buf *out;
    bool colour, ascii;
    int width;
    int column; /* where the next character goes */
    int indent; /* where wrapped lines begin */
    bool fresh; /* nothing but blanks on this line yet */
    bool gap;   /* a blank is due before the next word */
} Page;

/* `style` may be NULL: 80 columns, no colour, UTF-8. */
void page_init(Page *page, Buf *out, const ReportStyle *style);

void page_indent(Page *page, int indent); /* for the lines to come */
void page_to(Page *page, int column);     /* blanks up to there; at least none */
void page_end(Page *page);                /* ends the line */
void page_blank(Page *page);              /* one empty line before what follows, not two */
void page_ink(Page *page, Ink ink);       /* from here on; only where colour is wanted */
void page_glyph(Page *page, Glyph glyph);

/* Words, each on this line if it fits, else on the next. At most `lines` lines are
 * used, this one included (0: as many as it takes), then "..." stands for the rest. */
void page_words(Page *page, const char *text, int lines);
void page_wordsf(Page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As one piece on this line, cut with "..." at the page's width. */
void page_piece(Page *page, const char *text);

/* Text of our own, as it is, here; it may not be wider than the line. */
void page_raw(Page *page, const char *text);

/* Columns that clean UTF-8 text takes: 2 for wide characters, 0 for combining ones. */
int page_columns(const char *text, size_t len);

#endif
