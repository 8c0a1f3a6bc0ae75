/* Timelines as zstd of their JSON, and the baseline's, which stand once for all results. */
#include "store_parts.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "result_json.h"
#include "result_timeline.h"

/* Ten milliseconds of reaction weigh as much as a fifth of a core. */
enum { ZSTD_LEVEL = 1, REAL_DIGITS = 6, REACTION_WEIGHT = 20 };

void *timeline_pack(const Timeline *timeline, bool own, size_t *len)
{
    json_t *value = timeline_json(timeline, own);
    if (!value)
        return NULL;
    Buf text;
    buf_init(&text, STORE_TIMELINE_MOST);
    json_write_take(&text, value, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    size_t room = ZSTD_compressBound(text.len);
    void *bytes = x_calloc(1, room);
    *len = ZSTD_compress(bytes, room, text.data, text.len, ZSTD_LEVEL);
    if (ZSTD_isError(*len))
        abort(); /* only memory can be short: the room is what zstd asked for */
    bool whole = !text.full;
    buf_release(&text);
    if (whole)
        return bytes;
    free(bytes);
    return NULL;
}

bool timeline_unpack(const void *bytes, size_t len, Timeline *timeline)
{
    *timeline = (Timeline){0};
    unsigned long long room = bytes ? ZSTD_getFrameContentSize(bytes, len) : ZSTD_CONTENTSIZE_ERROR;
    if (room > STORE_TIMELINE_MOST) /* the codes for "not known" and "damaged" are larger */
        return false;
    char *text = x_calloc(1, (size_t)room + 1);
    size_t n = ZSTD_decompress(text, (size_t)room, bytes, len);
    json_t *value = ZSTD_isError(n) ? NULL : json_loadb(text, n, 0, NULL);
    free(text);
    bool read = value && timeline_from_json(value, timeline);
    json_decref(value);
    return read;
}

/* --- the baseline --- */

/* On an idle machine a spinner has a whole core, and the quickest reference answers at once. */
static int64_t quality_of(const Result *result)
{
    double spinner = 0, reaction = -1;
    for (int i = 0; i < result->n_exercises; i++) {
        const Lane *lane = timeline_lane(&result->exercises[i].timeline, LANE_SPINNER);
        if (lane && lane->cpu_us_per_s > spinner)
            spinner = lane->cpu_us_per_s;
        lane = timeline_lane(&result->exercises[i].timeline, LANE_REFERENCE);
        if (lane && lane->reaction_us >= 0 && (reaction < 0 || lane->reaction_us < reaction))
            reaction = lane->reaction_us;
    }
    double quality = spinner - (reaction > 0 ? REACTION_WEIGHT * reaction : 0);
    return quality > 0 ? (int64_t)quality : 0;
}

static int add_one(Store *store, sqlite3_stmt *statement, const char *key,
                   const ExerciseResult *exercise, Fault *fault)
{
    size_t len;
    void *bytes = timeline_pack(&exercise->timeline, false, &len);
    if (!bytes)
        return 0;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, exercise->id, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 3, bytes, len, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    int status = code == SQLITE_DONE ? 0 : store_fault_code(store, code, fault);
    sqlite3_reset(statement);
    free(bytes);
    return status;
}

static int add_all(Store *store, const char *key, const Result *result, Fault *fault)
{
    sqlite3_stmt *statement = NULL;
    int status = store_prepare(store, &statement,
                               "INSERT INTO baseline (key, exercise, timeline, taken_s, quality)"
                               " VALUES (?,?,?,?,?) ON CONFLICT (key, exercise) DO UPDATE SET"
                               "  timeline = iif(excluded.quality > quality, excluded.timeline,"
                               "    timeline),"
                               "  quality = max(excluded.quality, quality),"
                               "  taken_s = excluded.taken_s",
                               fault);
    if (!status) {
        sqlite3_bind_int64(statement, 4, clock_real_ns() / NS_PER_S);
        sqlite3_bind_int64(statement, 5, quality_of(result));
    }
    for (int i = 0; !status && i < result->n_exercises; i++)
        status = add_one(store, statement, key, &result->exercises[i], fault);
    sqlite3_finalize(statement);
    return status;
}

int store_add_baseline(Store *store, const char *key, const Result *result, Fault *fault)
{
    if (store_run(store, "BEGIN IMMEDIATE", fault))
        return -1;
    if (!add_all(store, key, result, fault) && !store_run(store, "COMMIT", fault))
        return 0;
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int store_baseline(Store *store, const char *key, const char *exercise, Timeline *timeline,
                   StoreBaseline *about, Fault *fault)
{
    sqlite3_stmt *statement = NULL;
    *timeline = (Timeline){0};
    if (store_prepare(
            store, &statement,
            "SELECT timeline, taken_s, quality FROM baseline WHERE key = ? AND exercise = ?",
            fault))
        return -1;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, exercise, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement), found = 0;
    *about = (StoreBaseline){0};
    if (code == SQLITE_ROW)
        *about =
            (StoreBaseline){sqlite3_column_int64(statement, 1), sqlite3_column_int64(statement, 2)};
    if (code == SQLITE_ROW)
        found = timeline_unpack(sqlite3_column_blob(statement, 0),
                                (size_t)sqlite3_column_bytes(statement, 0), timeline);
    else if (code != SQLITE_DONE)
        found = store_fault_code(store, code, fault);
    sqlite3_finalize(statement);
    return found;
}
