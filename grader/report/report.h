/*
 * A Result in words. A table of formats, since more follow; each is a file
 * with one function that appends to a buffer. What comes from a submission is
 * clean already (result.h); what a format must escape besides is its own work.
 */
#ifndef GRADER_REPORT_REPORT_H
#define GRADER_REPORT_REPORT_H

#include "base/buf.h"
#include "result.h"

enum { REPORT_MOST = 8 << 20, SUMMARY_MOST = 1 << 20 }; /* GitHub takes no larger summary */

typedef struct ReportStyle {
    bool colour; /* a terminal that wants it (NO_COLOR honoured by the caller) */
    bool ascii;  /* no block characters: the locale can't show them, or it was asked */
    int width;   /* columns; 80 if not known */
    /* Where the submission is in its repository, for annotations: "assignments"; NULL or "":
     * at the top. */
    const char *prefix;
} ReportStyle;

typedef struct ReportFormat {
    const char *name, *what; /* "json", "the contract's report, for programs" */
    void (*write)(Buf *out, const Result *result, const ReportStyle *style);
} ReportFormat;

extern const ReportFormat report_formats[];
extern const int report_formats_len;
const ReportFormat *report_format(const char *name); /* NULL: no such format */

void report_text(Buf *out, const Result *result, const ReportStyle *style);
void report_json(Buf *out, const Result *result, const ReportStyle *style);

/* For GitHub Actions: the text report, then annotations as workflow commands, at the
 * submission's file and line, at most 10 of each kind. */
void report_github(Buf *out, const Result *result, const ReportStyle *style);
void report_gradescope(Buf *out, const Result *result, const ReportStyle *style);
void report_junit(Buf *out, const Result *result, const ReportStyle *style);
void report_tap(Buf *out, const Result *result, const ReportStyle *style);

/* The job summary of GitHub Actions, as Markdown: scores, the next thing to do, what fell
 * short, the picture. It goes to the file named by GITHUB_STEP_SUMMARY. */
void report_summary(Buf *out, const Result *result, const ReportStyle *style);

/* "12", "12.5": half points as people write them. */
const char *report_points(int halves, char *text, size_t size);

/* The timeline in the lesson's notation, within style->width columns. */
void report_timeline(Buf *out, const Timeline *timeline, const ReportStyle *style);

/* Several as one picture, their lanes moved so that the peer sends at the same
 * instant in all. Those where that is not known are drawn by themselves, before. */
void report_timelines(Buf *out, const Timeline *const *timelines, int n, const ReportStyle *style);

/* Three lanes (kernel, reactor, executor) of exercise 4, one event a row. What
 * report_timeline() does with a Timeline that is a chain. */
void report_chain(Buf *out, const Lane *lanes, const ReportStyle *style);

#endif
