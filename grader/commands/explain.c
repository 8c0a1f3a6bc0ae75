#include "commands/commands.h"

#include <getopt.h>
#include <string.h>

#include "report/page.h"
#include "report/report.h"

enum { EXPLAIN_MOST = 1 << 20 };

static const char *looks_for(const Course *entry, const Check *check)
{
    for (const LooksFor *row = entry->looks_for; row->check; row++)
        if (strcmp(row->check, check->id) == 0)
            return row->text;
    return NULL;
}

static void paragraph(Page *page, const char *head, const char *text)
{
    if (!text)
        return;
    page_blank(page);
    page_ink(page, INK_STRONG);
    page_words(page, head, 1);
    page_ink(page, INK_PLAIN);
    page_end(page);
    page_indent(page, 2);
    page_to(page, 2);
    page_words(page, text, 0);
    page_end(page);
    page_indent(page, 0);
}

static void note(Page *page, const char *text)
{
    page_blank(page);
    page_words(page, text, 0);
    page_end(page);
}

static void explain(Page *page, const Course *entry, const Check *check)
{
    char number[16];
    page_wordsf(page, "%s / %s: %s point%s", entry->exercise->id, check->id,
                report_points(check->halves, number, sizeof number), check->halves == 2 ? "" : "s");
    page_end(page);
    page_to(page, 2);
    page_words(page, check->title, 0);
    page_end(page);
    paragraph(page, "What it looks for, and the points of parts", looks_for(entry, check));
    paragraph(page, "Why it matters", check->why);
    paragraph(page, "See it yourself", check->look);
    paragraph(page, "What is played", check->scenarios);
    if (check->with_behaviour)
        note(page, "Counts once any check of what the program does passes.");
    if (check->timed)
        note(page, "Depends on time: repeated up to three times before it is a failure.");
}

/* "retry-interval", or "ex1_nonblocking/retry-interval", or "1/retry-interval". */
static int find_and_explain(Page *page, const char *name)
{
    const char *slash = strchr(name, '/');
    int only = -1, found = 0;
    if (slash) {
        char exercise[64];
        snprintf(exercise, sizeof exercise, "%.*s", (int)(slash - name), name);
        only = find_exercise(exercise);
        if (only < 0)
            return usage_error("explain", "no exercise \"%s\" (see: grader list)", exercise);
        name = slash + 1;
    }
    for (int i = 0; i < course_len; i++)
        for (int k = 0; k < course[i].exercise->n_checks; k++) {
            const Check *check = &course[i].exercise->checks[k];
            if ((only >= 0 && only != i) || strcmp(check->id, name) != 0)
                continue;
            if (found++) {
                page_blank(page);
                page_raw(page, "----");
                page_end(page);
                page_blank(page);
            }
            explain(page, &course[i], check);
        }
    return found ? 0 : usage_error("explain", "no check \"%s\" (see: grader list)", name);
}

int command_explain(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (letter != 'h')
            return STATUS_USAGE;
        fputs(command_find("explain")->help, stdout);
        return 0;
    }
    if (argc - optind != 1)
        return usage_error("explain", "name one check");
    Buf out;
    Page page;
    const ReportStyle style = {
        .colour = wants_colour(stdout), .ascii = !shows_blocks(), .width = terminal_width(stdout)};
    buf_init(&out, EXPLAIN_MOST);
    page_init(&page, &out, &style);
    int status = find_and_explain(&page, argv[optind]);
    if (status == 0 && write_output(NULL, &out) != 0)
        status = STATUS_OURS;
    buf_release(&out);
    return status;
}
