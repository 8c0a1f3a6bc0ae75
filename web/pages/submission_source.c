/* The student's files. What is far from every cited line is folded away. */
#include "submission.h"

#include <string.h>

enum { CONTEXT = 4, GAP_LEAST = 6, LINE_MOST = 1000 };

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
    Room *room;
    const ExerciseResult *exercise;
    const SourceFile *source;
    int index, lines;
    int next;     /* of source->cited: the first one that is not above this line */
    bool comment; /* a block comment is open */
} View;

/* The length of the line at `at`; `next` gets where the next one begins. */
static size_t line_length(const char *at, const char *end, const char **next)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    *next = newline ? newline + 1 : end;
    return (size_t)((newline ? newline : end) - at);
}

/* How much of it is shown: a long one is cut, between two characters. */
static size_t shown_length(const char *text, size_t len)
{
    size_t shown = len > LINE_MOST ? LINE_MOST : len;
    while (shown < len && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    return shown;
}

static int count_lines(const SourceFile *source)
{
    int lines = 0;
    const char *end = source->text + source->len;
    for (const char *at = source->text; at < end; lines++)
        line_length(at, end, &at);
    return lines;
}

/* --- room --- */

static size_t cost(const char *text, size_t len)
{
    return shown_length(text, len) + LINE_COST;
}

/* Of the lines near cited ones. */
static size_t cited_cost(const SourceFile *source)
{
    size_t sum = 0;
    const char *at = source->text, *end = at + source->len;
    for (int line = 1, k = 0; at < end && k < source->n_cited; line++) {
        const char *text = at;
        size_t len = line_length(at, end, &at);
        if (line >= source->cited[k] - CONTEXT)
            sum += cost(text, len);
        while (k < source->n_cited && source->cited[k] + CONTEXT <= line)
            k++;
    }
    return sum;
}

Room submission_room(const SubmissionPage *page)
{
    size_t cited = 0;
    for (int i = 0; i < page->n_sources; i++)
        cited += cited_cost(&page->sources[i]);
    return (Room){.cited = SOURCES_DRAWN,
                  .others = cited < SOURCES_DRAWN ? SOURCES_DRAWN - cited : 0};
}

/* The last of the lines from `line` to `last`, the first of which begins at `at`, that there is room
 * for; line - 1: not even for the first. Takes the room. */
static int fitting(size_t *room, const char *at, const char *end, int line, int last)
{
    for (; line <= last && at < end; line++) {
        const char *text = at;
        size_t wanted = cost(text, line_length(at, end, &at));
        if (wanted > *room)
            break;
        *room -= wanted;
    }
    return line - 1;
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
    size_t shown = shown_length(text, len);
    source_line(view->out, text, shown, &view->comment);
    if (shown < len) {
        buf_str(view->out, " …");
        view->comment = false; /* it may have ended in what is cut */
    }
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
        return from - 1 < view->lines ? from - 1 : view->lines;
    int k = view->next, end = line - 1;
    while (k < source->n_cited && source->cited[k] - CONTEXT <= end + GAP_LEAST)
        end = source->cited[k++] + CONTEXT;
    if (end < line || view->lines - end < GAP_LEAST)
        end = view->lines;
    return end < view->lines ? end : view->lines;
}

/* Draws the lines from `line` to `last`; where the one behind them begins. */
static const char *draw_stretch(View *view, const char *at, const char *end, int line, int last)
{
    buf_str(view->out, "<pre tabindex=\"0\">");
    for (; line <= last && at < end; line++) {
        const char *text = at;
        size_t len = line_length(at, end, &at);
        draw_line(view, line, text, len);
    }
    buf_str(view->out, "</pre>");
    return at;
}

static const char *draw_folded(View *view, const char *at, const char *end, int line, int last)
{
    html_add(view->out, "<details class=\"gap\"><summary>lines %d to %d</summary>", line, last);
    at = draw_stretch(view, at, end, line, last);
    buf_str(view->out, "</details>");
    return at;
}

/* Passes over them: the page says so. */
static const char *leave_out(View *view, const char *at, const char *end, int line, int last)
{
    const SourceFile *source = view->source;
    html_add(
        view->out,
        "<p class=\"of\">Lines %d to %d are left out: this page shows about %d KiB of sources.</p>",
        line, last, SOURCES_DRAWN >> 10);
    for (; line <= last && at < end; line++)
        line_length(at, end, &at);
    while (view->next < source->n_cited && source->cited[view->next] <= last)
        view->next++;
    view->comment = false;
    return at;
}

static void draw_lines(View *view)
{
    const char *at = view->source->text, *end = at + view->source->len;
    for (int line = 1; at < end;) {
        bool folded;
        int last = stretch_end(view, line, &folded);
        bool near = !folded && view->source->n_cited > 0;
        size_t *room = near ? &view->room->cited : &view->room->others;
        int fits = fitting(room, at, end, line, last);
        if (fits >= line && folded)
            at = draw_folded(view, at, end, line, fits);
        else if (fits >= line)
            at = draw_stretch(view, at, end, line, fits);
        if (fits < last)
            at = leave_out(view, at, end, fits + 1, last);
        line = last + 1;
    }
}

static void file(Buf *out, const ExerciseResult *exercise, const SourceFile *source, int index,
                 Room *room)
{
    View view = {.out = out,
                 .room = room,
                 .exercise = exercise,
                 .source = source,
                 .index = index,
                 .lines = count_lines(source)};
    html_add(out, "<details class=\"source\"%s><summary><code>%t</code> <span class=\"of\">",
             source->n_cited > 0 ? " open" : "", source->name);
    if (source->left_out)
        buf_str(out, "left out");
    else
        html_add(out, "%d line%s", view.lines, html_plural(view.lines));
    if (source->n_cited > 0)
        html_add(out, ", %d cited", source->n_cited);
    buf_str(out, "</span></summary>");
    draw_lines(&view);
    if (source->left_out)
        buf_str(out,
                "<p class=\"of\">It is left out: there are too many sources for one page.</p>");
    if (source->cut)
        buf_str(out, "<p class=\"of\">The file goes on; only its beginning is kept here.</p>");
    buf_str(out, "</details>\n");
}

void submission_sources(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                        Room *room)
{
    bool first = true;
    for (int i = 0; i < page->n_sources; i++) {
        if (strcmp(page->sources[i].exercise, exercise->id) != 0)
            continue;
        if (first)
            buf_str(out, "<h3>The source</h3>\n");
        first = false;
        file(out, exercise, &page->sources[i], i, room);
    }
}
