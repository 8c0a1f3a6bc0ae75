/*
 * A result stored, its best rows and the end of its job with it, synchronous FULL, beside
 * the disk: as many bytes written to a file's end and fdatasync'ed, once for each result.
 * And beside the least that SQLite itself does for them: one row with one blob, one transaction.
 */
#include "web.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

enum {
    BATCH = 100,
    PROBE = 20,
    CHECKS = 12,
    TRACES = 3,
    TRACE_BYTES = 2200,
    FILE_BYTES = 64 << 20
};

/* --- a result of the usual size: four exercises, a dozen checks each, three traces --- */

static CheckResult a_check(int number)
{
    return (CheckResult){.id = x_printf("check-%d", number),
                         .title = x_strdup("Does what the exercise asks for"),
                         .status = number % 4 ? CHECK_PASS : CHECK_FAIL,
                         .halves = number % 4 ? 4 : 0,
                         .max_halves = 4,
                         .message = x_strdup("saw 9 retries, 100.2 ms apart; expected the like"),
                         .seen = x_strdup("9 retries"),
                         .expected = x_strdup("the like"),
                         .why = x_strdup("A program that waits costs nothing while it waits."),
                         .cause = x_strdup(""),
                         .scenario = x_strdup("data-later")};
}

static void fill_exercise(ExerciseResult *exercise, int number)
{
    *exercise = (ExerciseResult){.id = x_printf("ex%d", number),
                                 .title = x_strdup("An exercise"),
                                 .status = EX_GRADED,
                                 .compiler = x_strdup(""),
                                 .error = x_strdup(""),
                                 .timeline.data_us = -1};
    exercise->checks = x_calloc(CHECKS, sizeof *exercise->checks);
    for (int i = 0; i < CHECKS; i++)
        exercise->checks[exercise->n_checks++] = a_check(i);
}

static void fill_trace(RawTrace *trace, int number)
{
    Buf text;
    buf_init(&text, TRACE_BYTES);
    while (!text.full)
        buf_printf(&text, "17 1764000000.%06zu read(4, 0x7ffd, 1024) = -1 EAGAIN\n",
                   text.len * 7919 % 1000000);
    size_t len = text.len;
    *trace = (RawTrace){.exercise = x_strdup("ex1"),
                        .scenario = x_printf("scenario-%d", number),
                        .text = buf_take(&text),
                        .len = len};
}

static void fill_result(Result *result)
{
    result_init(result);
    result->exercises = x_calloc(4, sizeof *result->exercises);
    for (int i = 0; i < 4; i++)
        fill_exercise(&result->exercises[result->n_exercises++], i + 1);
    result->traces = x_calloc(TRACES, sizeof *result->traces);
    for (int i = 0; i < TRACES; i++)
        fill_trace(&result->traces[result->n_traces++], i);
    result->tree_hash = x_printf("%064x", 7);
    result->version = x_strdup("0");
    result->started_s = now_s();
    result_total(result);
}

/* --- the two sides --- */

static int next_job = 1;

/* Jobs that run, so that each result ends one. */
static void add_jobs(Db *db)
{
    Fault fault = {""};
    if (db_begin(db, &fault))
        give_up("%s", fault.text);
    for (int i = 0; i < BATCH; i++)
        db_run(db, NULL,
               "INSERT INTO web_job (id, person, hash, state, attempt, pushed_ms)"
               " VALUES (?, 1 + ? % 100, '', 'running', 1, 0)",
               "ii", (int64_t)(next_job + i), (int64_t)i);
    if (db_commit(db, &fault))
        give_up("%s", fault.text);
}

static double store_one(Store *store, Result *result, int i)
{
    Fault fault = {""};
    char student[16];
    free(result->submission);
    result->submission = x_printf("job-%d-1", next_job++);
    snprintf(student, sizeof student, "s%04d", i % 100);
    double began = now();
    if (store_add(store, student, result, NULL, &fault))
        give_up("%s", fault.text);
    return now() - began;
}

static size_t log_bytes(const char *course)
{
    struct stat info;
    char *log = x_printf("%s/course.db-wal", course);
    size_t bytes = stat(log, &info) == 0 ? (size_t)info.st_size : 0;
    free(log);
    return bytes;
}

/* Bytes that a result adds to the write-ahead log; few enough that it does not begin anew. */
static size_t bytes_each(Db *db, Store *store, Result *result, const char *course)
{
    add_jobs(db);
    db_script(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
    size_t before = log_bytes(course);
    for (int i = 0; i < PROBE; i++)
        store_one(store, result, i);
    if (log_bytes(course) <= before)
        give_up("the log does not grow");
    next_job += BATCH - PROBE;
    return (log_bytes(course) - before) / PROBE;
}

static double write_one(int fd, const char *bytes, size_t len)
{
    static off_t at;
    at = (at + (off_t)len) % FILE_BYTES;
    double began = now();
    if (pwrite(fd, bytes, len, at) != (ssize_t)len || fdatasync(fd) != 0)
        give_up("the disk: %s", strerror(errno));
    return now() - began;
}

/* A file that is there already, as the log is once it has grown. */
static int open_plain(void)
{
    static char zeros[1 << 20];
    char *path = scratch_path("plain");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    for (size_t i = 0; i < FILE_BYTES / sizeof zeros + 1; i++)
        if (write(fd, zeros, sizeof zeros) != sizeof zeros)
            give_up("the disk: %s", strerror(errno));
    fsync(fd);
    free(path);
    return fd;
}

/* A database with nothing but blobs, as safe as the store's. */
static Db *open_blobs(void)
{
    Fault fault = {""};
    char *path = scratch_path("blobs.db");
    close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    Db *db = db_open(path, &fault);
    if (!db || db_script(db,
                         "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "CREATE TABLE blob (bytes BLOB NOT NULL)",
                         &fault))
        give_up("%s", fault.text);
    free(path);
    return db;
}

/* Pages of a row's beginning and of the table come on top of the blob. */
enum { BLOB_LESS = 2 * 4096 };

static double blob_one(Db *db, const char *bytes, size_t len)
{
    Fault fault = {""};
    double began = now();
    if (db_run(db, &fault, "INSERT INTO blob VALUES (?)", "b", bytes, len - BLOB_LESS))
        give_up("%s", fault.text);
    return now() - began;
}

static void measure(const char *course, Db *db, Store *store, Result *result)
{
    double ratio[TURNS_MOST], stored[TURNS_MOST], plain[TURNS_MOST], usual[TURNS_MOST],
        cpu[TURNS_MOST], least[TURNS_MOST];
    double storing_each[BATCH], writing_each[BATCH], blob_each[BATCH];
    size_t len = bytes_each(db, store, result, course);
    char *bytes = x_calloc(1, len);
    int fd = open_plain();
    Db *blobs = open_blobs();
    memset(bytes, 'x', len);
    for (int i = 0; i < bench.turns; i++) {
        double storing = 0, writing = 0, used = 0;
        add_jobs(db);
        for (int k = 0; k < BATCH; k++) {
            double before = cpu_own();
            storing += storing_each[k] = store_one(store, result, k);
            used += cpu_own() - before;
            writing += writing_each[k] = write_one(fd, bytes, len);
            blob_each[k] = blob_one(blobs, bytes, len);
        }
        usual[i] = share_of(writing_each, BATCH, 0.5) / share_of(storing_each, BATCH, 0.5);
        least[i] = share_of(writing_each, BATCH, 0.5) / share_of(blob_each, BATCH, 0.5);
        cpu[i] = 1000 * used / BATCH;
        stored[i] = BATCH / storing;
        plain[i] = BATCH / writing;
        ratio[i] = stored[i] / plain[i];
    }
    printf("  a result writes %zu KiB; load %.1f\n", len / 1024, load_now());
    show("results stored / fdatasync of as many bytes", ratio, bench.turns, "x", "target >= 0.9");
    show("the same, the usual result: no checkpoint", usual, bench.turns, "x", "");
    show("SQLite's own least: as many bytes, one blob", least, bench.turns, "x", "");
    show("results stored", stored, bench.turns, "/s", "");
    show("CPU of a result", cpu, bench.turns, "ms", "");
    show("fdatasync", plain, bench.turns, "/s", "");
    db_close(blobs);
    close(fd);
    free(bytes);
}

void ingest_section(void)
{
    Fault fault = {""};
    Result result;
    puts("ingest: results into SQLite, synchronous FULL, best rows and jobs with them");
    char *course = new_course("ingest", 100, NULL), *path = x_printf("%s/course.db", course);
    Db *db = open_course(course);
    Store *store = store_open(path, &fault);
    if (!store)
        give_up("%s", fault.text);
    fill_result(&result);
    measure(course, db, store, &result);
    result_release(&result);
    store_close(store);
    db_close(db);
    free(path);
    free(course);
}
