#include "store_parts.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/text.h"
#include "result_json.h"
#include "result_next.h"

enum { NAME_MOST = 256, COMPILER_MOST = 65536, ERROR_MOST = 2048, DIGEST_SHOWN = 8 };
enum { JSON_MOST = 8 << 20, ZSTD_LEVEL = 1 };

/* --- the student --- */

/* One line, one blank between words, none around them. */
static void one_line(Buf *out, const char *text, size_t len)
{
    bool gap = false;
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t\n", text[i])) {
            gap = out->len > 0;
            continue;
        }
        if (gap)
            buf_char(out, ' ');
        gap = false;
        buf_char(out, text[i]);
    }
}

static size_t whole_characters(const char *text, size_t len, size_t most)
{
    size_t at = 0;
    for (size_t n; at < len; at += n) {
        n = text_utf8(text + at, len - at);
        n = n ? n : 1;
        if (at + n > most)
            break;
    }
    return at;
}

static char *cut_name(const Buf *name, const char *raw)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char hex[2 * DIGEST_SHOWN + 1];
    SHA256((const unsigned char *)raw, strlen(raw), digest);
    text_hex(hex, digest, DIGEST_SHOWN);
    size_t keep = whole_characters(name->data, name->len, STORE_STUDENT_MOST - sizeof hex);
    return x_printf("%.*s~%s", (int)keep, name->data, hex);
}

char *store_student(const char *name)
{
    Buf clean, line;
    const char *raw = name ? name : "";
    buf_init(&clean, 64 * STORE_STUDENT_MOST);
    buf_init(&line, 64 * STORE_STUDENT_MOST);
    result_clean(&clean, raw, 4 * STORE_STUDENT_MOST);
    one_line(&line, clean.data, clean.len);
    char *student;
    if (line.len == 0)
        student = x_strdup("(no name)");
    else if (line.len > STORE_STUDENT_MOST)
        student = cut_name(&line, raw);
    else
        student = x_strdup(line.data);
    buf_release(&clean);
    buf_release(&line);
    return student;
}

/* --- rows, made before the lock is taken --- */

typedef struct Row {
    const ExerciseResult *exercise;
    char *points, *checks, *cpu;
    void *timeline; /* NULL: none */
    size_t timeline_len;
} Row;

typedef struct Blob {
    const RawTrace *trace;
    void *bytes;
    size_t len, raw_len;
} Blob;

typedef struct Batch {
    const Result *result;
    char *student;
    Row *rows;
    Blob *blobs;
} Batch;

static char *dumped_take(json_t *value)
{
    Buf text;
    buf_init(&text, JSON_MOST);
    json_write_take(&text, value, RESULT_JSON_FLAGS | JSON_COMPACT);
    return buf_take(&text);
}

static char *points_of(const ExerciseResult *exercise)
{
    json_t *points = json_object();
    for (int i = 0; points && i < exercise->n_checks; i++) {
        const CheckResult *check = &exercise->checks[i];
        json_object_set_new(points, check->id,
                            json_pack("[i,i]", check->halves, check->max_halves));
    }
    return dumped_take(points);
}

static void make_blob(Blob *blob, const RawTrace *trace)
{
    blob->trace = trace;
    blob->raw_len = trace->len < STORE_TRACE_MOST ? trace->len : STORE_TRACE_MOST;
    size_t room = ZSTD_compressBound(blob->raw_len);
    blob->bytes = x_calloc(1, room);
    blob->len = ZSTD_compress(blob->bytes, room, trace->text, blob->raw_len, ZSTD_LEVEL);
    if (ZSTD_isError(blob->len))
        abort(); /* only memory can be short: the room is what zstd asked for */
}

static void batch_init(Batch *batch, const char *student, const Result *result)
{
    *batch = (Batch){.result = result, .student = store_student(student)};
    batch->rows = x_calloc((size_t)result->n_exercises, sizeof *batch->rows);
    batch->blobs = x_calloc((size_t)result->n_traces, sizeof *batch->blobs);
    for (int i = 0; i < result->n_exercises; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        batch->rows[i] =
            (Row){exercise,
                  points_of(exercise),
                  dumped_take(result_json_checks(exercise)),
                  exercise->cpu.known ? dumped_take(result_json_cpu(&exercise->cpu)) : NULL,
                  NULL,
                  0};
        batch->rows[i].timeline =
            timeline_pack(&exercise->timeline, true, &batch->rows[i].timeline_len);
    }
    for (int i = 0; i < result->n_traces; i++)
        make_blob(&batch->blobs[i], &result->traces[i]);
}

static void batch_release(Batch *batch)
{
    for (int i = 0; i < batch->result->n_exercises; i++) {
        free(batch->rows[i].points);
        free(batch->rows[i].checks);
        free(batch->rows[i].cpu);
        free(batch->rows[i].timeline);
    }
    for (int i = 0; i < batch->result->n_traces; i++)
        free(batch->blobs[i].bytes);
    free(batch->rows);
    free(batch->blobs);
    free(batch->student);
}

/* --- statements --- */

static int prepare_all(Store *store, Fault *fault)
{
    const struct {
        sqlite3_stmt **slot;
        const char *sql;
    } statements[] = {
        {&store->begin, "BEGIN IMMEDIATE"},
        {&store->commit, "COMMIT"},
        {&store->add_submission,
         "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us, halves,"
         "  max_halves, observable_max_halves, baseline, weaker) VALUES (?,?,?,?,?,?,?,?,?,?,?)"},
        {&store->add_exercise,
         "INSERT INTO exercise (submission, exercise, status, halves, max_halves,"
         "  observable_max_halves, points, checks, cpu, compiler, error, build_us, run_us, wall_us,"
         "  timeline, first_todo, todo, stub, key_check)"
         "  VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&store->add_trace,
         "INSERT OR REPLACE INTO trace (submission, exercise, scenario, bytes, zstd)"
         "  VALUES (?,?,?,?,?)"},
        {&store->keep_best,
         "INSERT INTO best (student, exercise, submission, halves, max_halves, best_s,"
         "  latest_halves, latest_max_halves, latest_s, attempts)"
         "  VALUES (?1,?2,?3,?4,?5,?6,?4,?5,?6,1)"
         "  ON CONFLICT (student, exercise) DO UPDATE SET"
         "  attempts = attempts + 1,"
         "  submission = iif(excluded.halves > halves, excluded.submission, submission),"
         "  max_halves = iif(excluded.halves > halves, excluded.max_halves, max_halves),"
         "  best_s = iif(excluded.halves > halves, excluded.best_s, best_s),"
         "  halves = max(halves, excluded.halves),"
         "  latest_halves = iif(excluded.latest_s >= latest_s, excluded.latest_halves,"
         "    latest_halves),"
         "  latest_max_halves = iif(excluded.latest_s >= latest_s, excluded.latest_max_halves,"
         "    latest_max_halves),"
         "  latest_s = max(latest_s, excluded.latest_s)"},
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (!*statements[i].slot &&
            store_prepare(store, statements[i].slot, statements[i].sql, fault))
            return -1;
    return 0;
}

static int execute(Store *store, sqlite3_stmt *statement, Fault *fault)
{
    int code = sqlite3_step(statement);
    int status = code == SQLITE_DONE ? 0 : store_fault_code(store, code, fault);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text, size_t most)
{
    Buf clean;
    buf_init(&clean, 4 * most);
    result_clean(&clean, text, most);
    sqlite3_bind_text64(statement, at, clean.data, clean.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_release(&clean);
}

static void bind_made(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text64(statement, at, text, text ? strlen(text) : 0, SQLITE_STATIC, SQLITE_UTF8);
}

static int add_submission(Store *store, const Batch *batch, int64_t *id, Fault *fault)
{
    const Result *result = batch->result;
    sqlite3_stmt *s = store->add_submission;
    bind_made(s, 1, batch->student);
    bind_text(s, 2, result->submission, NAME_MOST);
    bind_text(s, 3, result->tree_hash, NAME_MOST);
    bind_text(s, 4, result->version, NAME_MOST);
    sqlite3_bind_int64(s, 5, result->started_s);
    sqlite3_bind_int64(s, 6, result->wall_us);
    sqlite3_bind_int(s, 7, result->halves);
    sqlite3_bind_int(s, 8, result->max_halves);
    sqlite3_bind_int(s, 9, result->observable_max_halves);
    bind_text(s, 10, result->baseline, NAME_MOST);
    sqlite3_bind_int(s, 11, result->weaker);
    if (execute(store, s, fault))
        return -1;
    *id = sqlite3_last_insert_rowid(store->db);
    return 0;
}

static int add_exercise(Store *store, const Row *row, int64_t id, Fault *fault)
{
    const ExerciseResult *exercise = row->exercise;
    sqlite3_stmt *s = store->add_exercise;
    sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, exercise->id, NAME_MOST);
    bind_made(s, 3, exercise_status_name(exercise->status));
    sqlite3_bind_int(s, 4, exercise->halves);
    sqlite3_bind_int(s, 5, exercise->max_halves);
    sqlite3_bind_int(s, 6, exercise->observable_max_halves);
    bind_made(s, 7, row->points);
    bind_made(s, 8, row->checks);
    bind_made(s, 9, row->cpu);
    bind_text(s, 10, exercise->compiler, COMPILER_MOST);
    bind_text(s, 11, exercise->error, ERROR_MOST);
    sqlite3_bind_int64(s, 12, exercise->build_us);
    sqlite3_bind_int64(s, 13, exercise->run_us);
    sqlite3_bind_int64(s, 14, exercise->wall_us);
    if (row->timeline)
        sqlite3_bind_blob64(s, 15, row->timeline, row->timeline_len, SQLITE_STATIC);
    if (exercise->first_todo)
        bind_text(s, 16, exercise->first_todo, NAME_MOST);
    sqlite3_bind_int(s, 17, exercise->todo);
    sqlite3_bind_int(s, 18, result_is_stub(exercise));
    int key = result_key_check(exercise);
    if (key >= 0)
        bind_text(s, 19, exercise->checks[key].id, NAME_MOST);
    return execute(store, s, fault);
}

static int keep_best(Store *store, const Batch *batch, const ExerciseResult *exercise, int64_t id,
                     Fault *fault)
{
    if (exercise->status == EX_ERROR)
        return 0;
    sqlite3_stmt *s = store->keep_best;
    bind_made(s, 1, batch->student);
    bind_text(s, 2, exercise->id, NAME_MOST);
    sqlite3_bind_int64(s, 3, id);
    sqlite3_bind_int(s, 4, exercise->halves);
    sqlite3_bind_int(s, 5, exercise->max_halves);
    sqlite3_bind_int64(s, 6, batch->result->started_s);
    return execute(store, s, fault);
}

static int add_trace(Store *store, const Blob *blob, int64_t id, Fault *fault)
{
    sqlite3_stmt *s = store->add_trace;
    sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, blob->trace->exercise, NAME_MOST);
    bind_text(s, 3, blob->trace->scenario, NAME_MOST);
    sqlite3_bind_int64(s, 4, (int64_t)blob->raw_len);
    sqlite3_bind_blob64(s, 5, blob->bytes, blob->len, SQLITE_STATIC);
    return execute(store, s, fault);
}

static int add_batch(Store *store, const Batch *batch, int64_t *id, Fault *fault)
{
    if (add_submission(store, batch, id, fault))
        return -1;
    for (int i = 0; i < batch->result->n_exercises; i++)
        if (add_exercise(store, &batch->rows[i], *id, fault) ||
            keep_best(store, batch, batch->rows[i].exercise, *id, fault))
            return -1;
    for (int i = 0; i < batch->result->n_traces; i++)
        if (add_trace(store, &batch->blobs[i], *id, fault))
            return -1;
    return 0;
}

static int in_transaction(Store *store, const Batch *batch, int64_t *id, Fault *fault)
{
    if (execute(store, store->begin, fault))
        return -1;
    if (!add_batch(store, batch, id, fault) && !execute(store, store->commit, fault))
        return 0;
    /* Some failures have rolled back already. */
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int store_add(Store *store, const char *student, const Result *result, int64_t *id, Fault *fault)
{
    if (result->practice)
        return fault_set(fault, "a practice result (--own) is not stored; grade without --own");
    if (store->readonly)
        return store_fault_code(store, SQLITE_READONLY, fault);
    if (prepare_all(store, fault))
        return -1;
    Batch batch;
    int64_t number = 0;
    batch_init(&batch, student, result);
    int status = in_transaction(store, &batch, &number, fault);
    batch_release(&batch);
    if (status == 0 && id)
        *id = number;
    return status;
}
