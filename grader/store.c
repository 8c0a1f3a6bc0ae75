#include "store_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum { PATIENCE_MS = 5000, RETRY_US = 10000, PATH_SHOWN = 200 };

static int patience_ms = -1;

void store_set_patience(int ms)
{
    patience_ms = ms;
}

static int patience(void)
{
    return patience_ms >= 0 ? patience_ms : (int)clock_limit_ms(PATIENCE_MS);
}

/* --- faults --- */

static const struct {
    int code;
    const char *what, *cure;
} known_faults[] = {
    {SQLITE_FULL, "the disk is full", "Make room and try again"},
    {SQLITE_BUSY, "another program holds the database", "End it, or try again"},
    {SQLITE_LOCKED, "another program holds the database", "End it, or try again"},
    {SQLITE_CORRUPT, "the database is damaged",
     "Restore a copy, or save what is left with `sqlite3 FILE .recover`"},
    {SQLITE_NOTADB, "not a database, or a damaged one",
     "Give --db another file, or restore a copy"},
    {SQLITE_READONLY, "may not be written to", "Make the file and its folder writable"},
    {SQLITE_PERM, "may not be written to", "Make the file and its folder writable"},
    {SQLITE_CANTOPEN, "can't be opened", "Its folder must be there and be writable"},
    {SQLITE_IOERR, "the disk failed", "Look into the system's log, or try another disk"},
};

int store_fault_code(const Store *store, int code, Fault *fault)
{
    const char *stored = store->readonly ? "" : "; nothing was stored";
    int system = store->db ? sqlite3_system_errno(store->db) : 0;
    if ((code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
        code = SQLITE_FULL;
    for (size_t i = 0; i < sizeof known_faults / sizeof *known_faults; i++)
        if (known_faults[i].code == (code & 0xff))
            return fault_set(fault, "%.*s: %s%s. %s", PATH_SHOWN, store->path, known_faults[i].what,
                             stored, known_faults[i].cure);
    return fault_set(fault, "%.*s: %s%s", PATH_SHOWN, store->path,
                     store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code), stored);
}

int store_fault(const Store *store, Fault *fault)
{
    return store_fault_code(store, sqlite3_extended_errcode(store->db), fault);
}

int store_run(Store *store, const char *sql, Fault *fault)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) ? store_fault(store, fault) : 0;
}

int store_prepare(Store *store, sqlite3_stmt **statement, const char *sql, Fault *fault)
{
    int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return code ? store_fault(store, fault) : 0;
}

/* --- opening --- */

static int open_db(Store *store, const char *name, int flags)
{
    int code = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (store->db) {
        sqlite3_extended_result_codes(store->db, 1);
        sqlite3_busy_timeout(store->db, patience());
    }
    return code;
}

/* Switching to WAL gives up at once where another process does the same; SQLite's
 * own waiting does not cover it. */
static int enter_wal(Store *store, Fault *fault)
{
    int64_t until = clock_mono_ns() + patience() * NS_PER_MS;
    for (;;) {
        sqlite3_stmt *statement = NULL;
        if (store_prepare(store, &statement, "PRAGMA journal_mode=WAL", fault))
            return -1;
        int code = sqlite3_step(statement);
        const char *mode =
            code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        bool wal = mode && strcmp(mode, "wal") == 0;
        sqlite3_finalize(statement);
        if (wal)
            return 0;
        if (code == SQLITE_ROW)
            return fault_set(fault,
                             "%.*s: no write-ahead log can be kept here (a network folder?); put "
                             "the database on a local disk",
                             PATH_SHOWN, store->path);
        if ((code & 0xff) != SQLITE_BUSY || clock_mono_ns() >= until)
            return store_fault_code(store, code, fault);
        usleep(RETRY_US);
    }
}

/* Said here, because the SQL that fails first says it less well. */
static int must_be_writable(const Store *store, Fault *fault)
{
    return sqlite3_db_readonly(store->db, "main") == 1
               ? store_fault_code(store, SQLITE_READONLY, fault)
               : 0;
}

static Store *store_new(const char *path, bool readonly)
{
    Store *store = x_calloc(1, sizeof *store);
    store->path = x_strdup(path);
    store->readonly = readonly;
    return store;
}

/* SQLite takes ":memory:" and, as it may be built, "file:..." for something else than a file. */
static char *file_name(const char *path)
{
    return x_printf("%s%s", *path == '/' ? "" : "./", path);
}

static const char settings[] = "PRAGMA synchronous=FULL;"
                               "PRAGMA fullfsync=1;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA cell_size_check=ON;";

Store *store_open(const char *path, Fault *fault)
{
    if (!*path) {
        fault_set(fault, "the database has no name; give --db a file");
        return NULL;
    }
    Store *store = store_new(path, false);
    char *name = file_name(path);
    int code = open_db(store, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    free(name);
    /* Nothing is changed before it is known to be ours. */
    if (code)
        store_fault_code(store, code, fault);
    else if (!must_be_writable(store, fault) && !store_run(store, settings, fault) &&
             !store_schema_known(store, fault) && !enter_wal(store, fault) &&
             !store_schema_ready(store, fault))
        return store;
    store_close(store);
    return NULL;
}

/* --- opening for reading --- */

static bool has_log(const char *path)
{
    struct stat info;
    char *log = x_printf("%s-wal", path);
    bool has = stat(log, &info) == 0 && info.st_size > 0;
    free(log);
    return has;
}

static char *immutable_uri(const char *path)
{
    Buf uri;
    buf_init(&uri, 3 * strlen(path) + 64);
    buf_str(&uri, *path == '/' ? "file:" : "file:./");
    for (const unsigned char *at = (const unsigned char *)path; *at; at++)
        buf_printf(&uri, *at == '%' || *at == '?' || *at == '#' ? "%%%02x" : "%c", *at);
    buf_str(&uri, "?immutable=1");
    return buf_take(&uri);
}

/* Where no shared memory can be made beside the file (a folder or medium that
 * is read-only) and no log is left, the file alone is the whole database. */
static int open_immutable(Store *store, const char *path)
{
    char *uri = immutable_uri(path);
    sqlite3_close(store->db);
    store->db = NULL;
    int code = open_db(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    free(uri);
    return code;
}

static int first_read(const Store *store)
{
    return sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
}

Store *store_open_readonly(const char *path, Fault *fault)
{
    struct stat info;
    if (stat(path, &info)) {
        fault_errno(fault, "can't open the database %.*s", PATH_SHOWN, path);
        return NULL;
    }
    Store *store = store_new(path, true);
    char *name = file_name(path);
    int code = open_db(store, name, SQLITE_OPEN_READONLY);
    free(name);
    if (!code)
        code = first_read(store);
    if (((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) && !has_log(path)) {
        code = open_immutable(store, path);
        if (!code)
            code = first_read(store);
    }
    if (code)
        store_fault_code(store, code, fault);
    else if (!store_run(store, "PRAGMA trusted_schema=OFF", fault) &&
             !store_schema_ready(store, fault))
        return store;
    store_close(store);
    return NULL;
}

void store_close(Store *store)
{
    if (!store)
        return;
    sqlite3_stmt *kept[] = {store->begin,        store->commit,    store->add_submission,
                            store->add_exercise, store->add_trace, store->keep_best};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        sqlite3_finalize(kept[i]);
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}
