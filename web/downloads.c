/* Raw traces and the contract's report, as files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "query.h"
#include "report/report.h"
#include "routes.h"
#include "store.h"

static bool may_see_submission(Request *request, Query *query, int64_t *id)
{
    Person viewer = request_viewer(request), owner;
    const char *text = request->pieces.text[0];
    *id = strspn(text, "0123456789") == strlen(text) && strlen(text) < 18 ? atoll(text) : 0;
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
