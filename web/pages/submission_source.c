/* The student's files. What is far from every cited line is folded away. */
#include "submission.h"

#include <string.h>

enum { CONTEXT = 4, GAP_LEAST = 6 };

int submission_source(const SubmissionPage *page, const char *exercise, const char *file, int line)
{
    for (int i = 0; i < page->n_sources; i++) {
        const SourceFile *source = &page->sources[i];
        if (strcmp(source->exercise, exercise) != 0 || strcmp(source->name, file) != 0)
            continue;
        for (int k = 0; k < source->n_cited; k++)
            if (source->cited[k] == line)
                return i;
    }
    return -1;
}

typedef struct View {
    Buf *out;
    const ExerciseResult *exercise;
    const SourceFile *source;
    int index, lines;
    int next;     /* of source->cited: the first one that is not above this line */
    bool comment; /* a block comment is open */
} View;

static int count_lines(const SourceFile *source)
{
    int lines = 0;
    const char *at = source->text, *end = at + source->len;
    for (; at < end; lines++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return lines;
}

/* What the checks say of this line. */
static void notes(const View *view, int line)
{
    const ExerciseResult *exercise = view->exercise;
    for (int i = 0; i < exercise->n_checks; i++) {
        const CheckResult *check = &exercise->checks[i];
        for (int k = 0; k < check->n_evidence && k < EVIDENCE_MOST; k++) {
            const Evidence *evidence = &check->evidence[k];
            if (evidence->line == line && evidence->file &&
                strcmp(evidence->file, view->source->name) == 0)
                html_add(view->out, "<span class=\"note\"><a href=\"#%u-%u\">%t</a> %t</span>",
                         exercise->id, check->id, check->title ? check->title : check->id,
                         evidence->text ? evidence->text : "");
        }
    }
}

static void draw_line(View *view, int line, const char *text, size_t len)
{
    const SourceFile *source = view->source;
    bool cited = view->next < source->n_cited && source->cited[view->next] == line;
    if (cited)
        html_add(view->out, "<mark class=\"l\" id=\"src%d-%d\" data-n=\"%d\">", view->index, line,
                 line);
    else
        html_add(view->out, "<span class=\"l\" data-n=\"%d\">", line);
    source_line(view->out, text, len, &view->comment);
    buf_str(view->out, cited ? "\n</mark>" : "\n</span>");
    if (cited) {
        notes(view, line);
        view->next++;
    }
}

/* The last line of what is shown (or folded) as a whole beginning with `line`. */
static int stretch_end(const View *view, int line, bool *folded)
{
    const SourceFile *source = view->source;
    int from = view->next < source->n_cited ? source->cited[view->next] - CONTEXT : view->lines + 1;
    *folded = from - line >= GAP_LEAST && source->n_cited > 0;
    if (*folded)
        return from - 1;
    int k = view->next, end = line - 1;
    while (k < source->n_cited && source->cited[k] - CONTEXT <= end + GAP_LEAST)
        end = source->cited[k++] + CONTEXT;
    if (end < line || view->lines - end < GAP_LEAST)
        end = view->lines;
    return end < view->lines ? end : view->lines;
}

static void draw_lines(View *view)
{
    const char *at = view->source->text, *end = at + view->source->len;
    bool folded = false;
    int last = 0;
    for (int line = 1; at < end; line++) {
        if (line > last) {
            last = stretch_end(view, line, &folded);
            if (folded)
                html_add(view->out, "<details class=\"gap\"><summary>lines %d to %d</summary>",
                         line, last);
            buf_str(view->out, "<pre tabindex=\"0\">");
        }
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        draw_line(view, line, at, (size_t)((newline ? newline : end) - at));
        at = newline ? newline + 1 : end;
        if (line == last || at >= end)
            buf_str(view->out, folded ? "</pre></details>" : "</pre>");
    }
}

static void file(Buf *out, const ExerciseResult *exercise, const SourceFile *source, int index)
{
    View view = {.out = out,
                 .exercise = exercise,
                 .source = source,
                 .index = index,
                 .lines = count_lines(source)};
    html_add(out,
             "<details class=\"source\"%s><summary><code>%t</code> <span class=\"of\">%d "
             "line%s",
             source->n_cited > 0 ? " open" : "", source->name, view.lines, html_plural(view.lines));
    if (source->n_cited > 0)
        html_add(out, ", %d cited", source->n_cited);
    buf_str(out, "</span></summary>");
    draw_lines(&view);
    if (source->cut)
        buf_str(out, "<p class=\"of\">The file goes on; only its beginning is kept here.</p>");
    buf_str(out, "</details>\n");
}

void submission_sources(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise)
{
    bool first = true;
    for (int i = 0; i < page->n_sources; i++) {
        if (strcmp(page->sources[i].exercise, exercise->id) != 0)
            continue;
        if (first)
            buf_str(out, "<h3>The source</h3>\n");
        first = false;
        file(out, exercise, &page->sources[i], i);
    }
}
