#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ReportFormat report_formats[] = {
    {"text", "for people: what was seen, what was expected, what to do next", report_text},
    {"json", "for programs: the contract's report, schema 1", report_json},
    {"github", "annotations at your lines, in a workflow of GitHub Actions", report_github},
    {"gradescope", "results.json of a Gradescope autograder", report_gradescope},
    {"junit", "JUnit XML, for systems that show test results", report_junit},
    {"tap", "the Test Anything Protocol, version 14", report_tap},
};
const int report_formats_len = sizeof report_formats / sizeof *report_formats;

const ReportFormat *report_format(const char *name)
{
    for (int i = 0; i < report_formats_len; i++)
        if (strcmp(report_formats[i].name, name) == 0)
            return &report_formats[i];
    return NULL;
}

const char *report_points(int halves, char *text, size_t size)
{
    snprintf(text, size, "%s%d%s", halves < 0 ? "-" : "", abs(halves) / 2, halves % 2 ? ".5" : "");
    return text;
}
