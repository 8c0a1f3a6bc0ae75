#include "hostile.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- bytes --- */

/* The character at `at`, and where the next one begins; -1: not UTF-8. */
static long character(const unsigned char *at, const unsigned char *end, const unsigned char **next)
{
    static const unsigned char firsts[] = {0x00, 0xc2, 0xe0, 0xf0}, masks[] = {0x7f, 0x1f, 0xf, 7};
    int more = at[0] < 0x80 ? 0 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;
    if (at[0] < firsts[more] || at[0] > 0xf4 || end - at <= more)
        return -1;
    long code = at[0] & masks[more];
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return -1;
        code = code << 6 | (at[i] & 0x3f);
    }
    *next = at + 1 + more;
    return code;
}

/* Control characters, and those that turn the direction of text. */
static bool is_dirty(long c, bool lines)
{
    return (c < 0x20 && !(lines && c == '\n')) || (c >= 0x7f && c < 0xa0) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 ||
           c == 0x2029;
}

static void check_bytes(const char *what, const char *text, size_t len, bool lines)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + len, *next = at;
    for (; at < end; at = next) {
        long c = character(at, end, &next);
        if (c < 0 || is_dirty(c, lines)) {
            complain("%s holds byte 0x%02x at %td", what, *at, (const char *)at - text);
            return;
        }
    }
}

/* --- JSON --- */

static void check_strings(json_t *value)
{
    const char *key;
    json_t *below;
    size_t i;
    if (json_is_string(value))
        check_bytes("a string of the report", json_string_value(value), json_string_length(value),
                    true);
    json_array_foreach(value, i, below) check_strings(below);
    json_object_foreach(value, key, below) check_strings(below);
}

static double check_sum(json_t *checks)
{
    size_t i;
    json_t *check;
    double sum = 0;
    json_array_foreach(checks, i, check)
    {
        const char *status = json_string_value(json_object_get(check, "status"));
        if (!status || strcmp(status, "error") == 0)
            complain("%s is an error: %s", json_string_value(json_object_get(check, "id")),
                     json_string_value(json_object_get(check, "message")));
        sum += json_number_value(json_object_get(check, "score"));
    }
    return sum;
}

void report_check_json(const Bytes *report, char *status, size_t size, double *score)
{
    json_error_t error;
    json_t *root = json_loadb(report->data, report->len, JSON_REJECT_DUPLICATES, &error);
    json_t *exercises = json_object_get(root, "exercises");
    json_t *exercise = json_array_get(exercises, 0), *checks = json_object_get(exercise, "checks");
    const char *said = json_string_value(json_object_get(exercise, "status"));
    if (!root)
        complain("the report is no JSON: %s", error.text);
    else if (json_array_size(exercises) != 1 || json_array_size(checks) != 10)
        complain("the report has %zu exercises, %zu checks", json_array_size(exercises),
                 json_array_size(checks));
    *score = json_number_value(json_object_get(root, "score"));
    snprintf(status, size, "%s", said ? said : "no status");
    double sum = check_sum(checks);
    if (root && (sum != *score || json_number_value(json_object_get(root, "max_score")) != 20))
        complain("the score is %g, that of its checks %g", *score, sum);
    check_bytes("the report", report->data, report->len, true);
    check_strings(root);
    json_decref(root);
}

/* --- the others --- */

static bool begins(const char *line, const char *end, const char *with)
{
    return (size_t)(end - line) >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* A line that a runner would take for a command, or that a submission made. */
static bool is_forged(const char *format, const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    if ((begins(line, end, "FORGED") && strcmp(format, "junit") != 0) || begins(line, end, "##[") ||
        begins(line, end, "::error::FORGED"))
        return true;
    return begins(line, end, "::") && strcmp(format, "github") != 0;
}

void report_check_text(const char *format, const Bytes *report)
{
    const char *line = report->data, *end = line + report->len, *newline;
    check_bytes("the report", report->data, report->len, true);
    for (; line < end; line = newline + 1) {
        newline = memchr(line, '\n', (size_t)(end - line));
        newline = newline ? newline : end;
        if (is_forged(format, line, newline))
            complain("a forged line: %.*s", (int)(newline - line), line);
    }
    if (strcmp(format, "junit") == 0 && memmem(report->data, report->len, "<script", 7))
        complain("a tag of the submission's");
}
