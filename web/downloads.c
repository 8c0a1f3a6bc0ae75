/* Raw traces, the contract's report and the class's grades, as files. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "base/date.h"
#include "base/text.h"

#include "grades.h"
#include "query.h"
#include "report/report.h"
#include "routes.h"
#include "scores.h"
#include "store.h"
#include "underway.h"

static bool may_see_submission(Request *request, Query *query, int64_t *id)
{
    Person viewer = request_viewer(request), owner;
    const char *text = request->pieces.text[0];
    *id = text_number(text);
    query_init(query, &request->server->course, request->db, &viewer);
    return query_owner(query, *id, &owner) && person_may_see(&viewer, &owner);
}

/* NULL: there is no such trace, or it is damaged. */
static char *unpacked(sqlite3_stmt *row, size_t *len)
{
    size_t room = (size_t)sqlite3_column_int64(row, 0);
    if (room > STORE_TRACE_MOST)
        return NULL;
    char *text = x_calloc(1, room + 1);
    *len = ZSTD_decompress(text, room, sqlite3_column_blob(row, 1),
                           (size_t)sqlite3_column_bytes(row, 1));
    if (!ZSTD_isError(*len))
        return text;
    free(text);
    return NULL;
}

enum MHD_Result trace_download(Request *request)
{
    Query query;
    int64_t id;
    const char *exercise = request->pieces.text[1], *scenario = request->pieces.text[2];
    if (!underway_begin(request))
        return underway_refuse(request);
    bool allowed = may_see_submission(request, &query, &id);
    query_release(&query);
    if (!allowed)
        return reply_not_found(request);
    sqlite3_stmt *row = db_ask(request->db, NULL,
                               "SELECT bytes, zstd FROM trace WHERE submission = ? AND exercise = ?"
                               " AND scenario = ?",
                               "iss", id, exercise, scenario);
    if (!db_row(row))
        return reply_not_found(request);
    size_t len = 0;
    char *text = unpacked(row, &len), disposition[256];
    db_done(row);
    if (!text)
        return reply_not_found(request);
    Buf bytes;
    buf_init(&bytes, STORE_TRACE_MOST);
    buf_add(&bytes, text, len);
    free(text);
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%lld-%s-%s.trace\"",
             (long long)id, exercise, scenario);
    return reply_bytes(request, 200, "text/plain; charset=utf-8", disposition, &bytes);
}

enum MHD_Result report_download(Request *request)
{
    Query query;
    int64_t id;
    Buf bytes;
    char disposition[64];
    if (!underway_begin(request))
        return underway_refuse(request);
    if (!may_see_submission(request, &query, &id) || query_results(&query, id)) {
        query_release(&query);
        return reply_not_found(request);
    }
    Result result = {
        .exercises = query.results,
        .n_exercises = query.n_results,
        .weaker = db_number(request->db, 0, "SELECT weaker FROM submission WHERE id = ?", "i", id)};
    result_total(&result);
    buf_init(&bytes, REPORT_MOST);
    report_json(&bytes, &result, NULL);
    query_release(&query);
    snprintf(disposition, sizeof disposition, "attachment; filename=\"report-%lld.json\"",
             (long long)id);
    return reply_bytes(request, 200, "application/json", disposition, &bytes);
}

/* A date that can't be read is the viewer's to mend; what else goes wrong is ours. */
static enum MHD_Result refuse_date(Request *request, const Fault *fault)
{
    char *text = x_printf("%s\n", fault->text);
    enum MHD_Result result = reply_text(request, 422, text);
    free(text);
    return result;
}

/* As of a date every submission is weighed anew, which takes seconds where there are 100,000 of
 * them: one request at a time, so that the other threads go on serving. */
static atomic_flag weighing = ATOMIC_FLAG_INIT;

static const struct {
    const char *format, *type, *extension, *word; /* word: in the file's name */
} files[] = {{"csv", "text/csv; charset=utf-8", "csv", ""},
             {"canvas", "text/csv; charset=utf-8", "csv", "canvas-"},
             {"moodle", "text/csv; charset=utf-8", "csv", "moodle-"},
             {"json", "application/json", "json", ""},
             {"text", "text/plain; charset=utf-8", "txt", ""}};
enum { FILES = sizeof files / sizeof *files };

static enum MHD_Result reply_grades(Request *request, int file, int64_t until_s, bool by_due,
                                    Buf *grades)
{
    char disposition[160], day[24];
    time_t when = until_s ? (time_t)until_s : time(NULL);
    struct tm local;
    strftime(day, sizeof day, until_s ? "%Y-%m-%d-%H%M" : "%Y-%m-%d", localtime_r(&when, &local));
    snprintf(disposition, sizeof disposition, "attachment; filename=\"grades-%s%s%s%s.%s\"",
             files[file].word, by_due ? "by-due-dates-" : "", until_s ? "until-" : "", day,
             files[file].extension);
    return reply_bytes(request, 200, files[file].type, disposition, grades);
}

enum MHD_Result grades_download(Request *request)
{
    Buf grades;
    Fault fault = {""};
    Person viewer = request_viewer(request);
    const char *format = request_argument(request, "format");
    const char *until = request_argument(request, "until");
    bool by_due = strcmp(request_argument(request, "due"), "1") == 0;
    int64_t until_s = 0;
    int file = 0;
    if (!*format)
        format = files[0].format;
    while (file < FILES && strcmp(files[file].format, format) != 0)
        file++;
    if (viewer.role < ROLE_TA)
        return reply_not_found(request);
    if (file == FILES)
        return reply_text(request, 422, "format is csv, canvas, moodle, json or text\n");
    if (*until && date_read(until, &until_s, &fault))
        return refuse_date(request, &fault);
    bool weighed = until_s || by_due;
    if (weighed && atomic_flag_test_and_set(&weighing))
        return reply_text(request, 503, "Somebody's grades are being made just now. Try again.\n");
    buf_init(&grades, SCORES_MOST);
    int status = grades_write(&grades, &request->server->course, request->db, &viewer, format,
                              until_s, request_argument(request, "section"), by_due, &fault);
    if (weighed)
        atomic_flag_clear(&weighing);
    if (status == 0)
        return reply_grades(request, file, until_s, by_due, &grades);
    buf_release(&grades);
    return reply_fault(request, &fault);
}
