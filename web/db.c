#include "db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int say(const Db *db, Fault *fault)
{
    return fault_set(fault, "the course's database: %s", sqlite3_errmsg(db->sql));
}

static const char settings[] = "PRAGMA synchronous=FULL;"
                               "PRAGMA fullfsync=1;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;";

Db *db_open(const char *path, Fault *fault)
{
    Db *db = x_calloc(1, sizeof *db);
    char *name = x_printf("%s%s", *path == '/' ? "" : "./", path);
    int code = sqlite3_open_v2(name, &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    free(name);
    if (!code) {
        sqlite3_busy_timeout(db->sql, DB_PATIENCE_MS);
        code = sqlite3_exec(db->sql, settings, NULL, NULL, NULL);
    }
    if (!code)
        return db;
    fault_set(fault, "%s: %s", path, db->sql ? sqlite3_errmsg(db->sql) : "no memory");
    db_close(db);
    return NULL;
}

void db_close(Db *db)
{
    if (!db)
        return;
    for (int i = 0; i < db->n_kept; i++)
        sqlite3_finalize(db->kept[i].statement);
    sqlite3_close(db->sql);
    free(db);
}

static DbKept *kept_one(Db *db, const char *text)
{
    for (int i = 0; i < db->n_kept; i++)
        if (db->kept[i].text == text)
            return &db->kept[i];
    return NULL;
}

/* Where all places are taken the one used longest ago makes room, if it is not being stepped. */
static DbKept *free_place(Db *db)
{
    DbKept *oldest = NULL;
    if (db->n_kept < DB_KEPT_MOST)
        return &db->kept[db->n_kept++];
    for (DbKept *kept = db->kept; kept < db->kept + DB_KEPT_MOST; kept++)
        if (!sqlite3_stmt_busy(kept->statement) && (!oldest || kept->used < oldest->used))
            oldest = kept;
    if (oldest)
        sqlite3_finalize(oldest->statement);
    return oldest;
}

static DbKept *keep_one(Db *db, const char *text, Fault *fault)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->sql, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)) {
        say(db, fault);
        return NULL;
    }
    DbKept *place = free_place(db);
    if (place) {
        *place = (DbKept){.text = text, .statement = statement};
    } else {
        sqlite3_finalize(statement);
        fault_set(fault, "more than %d statements at once", DB_KEPT_MOST);
    }
    return place;
}

static sqlite3_stmt *prepared(Db *db, const char *text, Fault *fault)
{
    DbKept *kept = kept_one(db, text);
    if (!kept)
        kept = keep_one(db, text, fault);
    if (!kept)
        return NULL;
    kept->used = ++db->uses;
    return kept->statement;
}

static void bind(sqlite3_stmt *statement, const char *format, va_list arguments)
{
    for (int at = 1; *format; format++, at++) {
        const char *bytes;
        switch (*format) {
        case 'i':
            sqlite3_bind_int64(statement, at, va_arg(arguments, int64_t));
            break;
        case 's':
            bytes = va_arg(arguments, const char *);
            sqlite3_bind_text(statement, at, bytes, -1, SQLITE_STATIC);
            break;
        case 'b':
            bytes = va_arg(arguments, const char *);
            sqlite3_bind_blob64(statement, at, bytes, va_arg(arguments, size_t), SQLITE_STATIC);
            break;
        default:
            abort();
        }
    }
}

static sqlite3_stmt *ready(Db *db, Fault *fault, const char *text, const char *format,
                           va_list arguments)
{
    sqlite3_stmt *statement = prepared(db, text, fault);
    if (statement) {
        sqlite3_reset(statement);
        bind(statement, format, arguments);
    }
    return statement;
}

void db_done(sqlite3_stmt *statement)
{
    if (!statement)
        return;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static int run(Db *db, Fault *fault, const char *text, const char *format, va_list arguments)
{
    sqlite3_stmt *statement = ready(db, fault, text, format, arguments);
    if (!statement)
        return -1;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        ;
    int status = code == SQLITE_DONE ? 0 : say(db, fault);
    db_done(statement);
    return status;
}

int db_run(Db *db, Fault *fault, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = run(db, fault, text, format, arguments);
    va_end(arguments);
    return status;
}

int db_change(Db *db, Fault *fault, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = run(db, fault, text, format, arguments);
    va_end(arguments);
    return status ? -1 : sqlite3_changes(db->sql);
}

int64_t db_number(Db *db, int64_t absent, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sqlite3_stmt *statement = ready(db, NULL, text, format, arguments);
    va_end(arguments);
    if (!statement)
        return absent;
    int64_t number =
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL
            ? sqlite3_column_int64(statement, 0)
            : absent;
    db_done(statement);
    return number;
}

char *db_text(Db *db, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sqlite3_stmt *statement = ready(db, NULL, text, format, arguments);
    va_end(arguments);
    char *found = NULL;
    if (statement && sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_type(statement, 0) != SQLITE_NULL)
        found = x_strdup(db_column(statement, 0));
    db_done(statement);
    return found;
}

sqlite3_stmt *db_ask(Db *db, Fault *fault, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sqlite3_stmt *statement = ready(db, fault, text, format, arguments);
    va_end(arguments);
    return statement;
}

bool db_row(sqlite3_stmt *statement)
{
    if (!statement)
        return false;
    if (sqlite3_step(statement) == SQLITE_ROW)
        return true;
    db_done(statement);
    return false;
}

const char *db_column(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

/* Other connections' commits show in the first, this one's own in the second. */
DbVersion db_version(Db *db)
{
    return (DbVersion){db_number(db, -1, "PRAGMA data_version", ""),
                       sqlite3_total_changes64(db->sql)};
}

bool db_version_equal(DbVersion a, DbVersion b)
{
    return a.others == b.others && a.own == b.own;
}

int db_begin(Db *db, Fault *fault)
{
    return db_script(db, "BEGIN IMMEDIATE", fault);
}

int db_commit(Db *db, Fault *fault)
{
    return db_script(db, "COMMIT", fault);
}

void db_rollback(Db *db)
{
    if (!sqlite3_get_autocommit(db->sql))
        sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

int db_script(Db *db, const char *text, Fault *fault)
{
    return sqlite3_exec(db->sql, text, NULL, NULL, NULL) ? say(db, fault) : 0;
}

int db_copy(Db *db, const char *file, Fault *fault)
{
    sqlite3 *copy = NULL;
    int code = sqlite3_open_v2(file, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *backup = code ? NULL : sqlite3_backup_init(copy, "main", db->sql, "main");
    if (backup) {
        /* BUSY and LOCKED, after which a part is there, are no failure to sqlite3_backup_finish(). */
        int stepped = sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
        if (!code && stepped != SQLITE_DONE)
            code = stepped;
    } else if (!code) {
        code = sqlite3_errcode(copy);
    }
    int status = code ? fault_set(fault, "%.200s: %s", file, sqlite3_errstr(code)) : 0;
    sqlite3_close(copy);
    return status;
}
