#include "course.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store.h"

int64_t now_ms(void)
{
    return clock_real_ns() / NS_PER_MS;
}

int64_t now_s(void)
{
    return clock_real_ns() / NS_PER_S;
}

static int make_folder(const char *path, mode_t mode, Fault *fault)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return 0;
    return fault_errno(fault, "can't make the folder %.200s", path);
}

static void name_parts(Course *course)
{
    course->db_path = x_printf("%s/course.db", course->dir);
    course->repos = x_printf("%s/repos", course->dir);
    course->work = x_printf("%s/work", course->dir);
    course->hooks = x_printf("%s/hooks", course->dir);
    course->socket = x_printf("%s/serve.sock", course->dir);
}

static int resolve(Course *course, const char *dir, Fault *fault)
{
    *course = (Course){0};
    course->dir = realpath(dir, NULL);
    if (!course->dir)
        return fault_errno(fault, "%.200s", dir);
    name_parts(course);
    return 0;
}

/* Tables are brought up to date by who comes first, and an older server that runs on them would
 * take no push any more: it is to be restarted, which does it. (What holds the folder: server.c.) */
static int newer_than_its_server(const Course *course, Fault *fault)
{
    if (access(course->db_path, F_OK) != 0)
        return 0;
    int fd = open(course->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool served = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (fd >= 0)
        close(fd);
    Db *db = served ? db_open(course->db_path, NULL) : NULL;
    bool old = db && (web_schema_old(db) ||
                      db_number(db, 0, "PRAGMA user_version", "") < store_schema_newest());
    db_close(db);
    return old ? fault_set(fault,
                           "%.200s is served by an older courseweb: restart that server with "
                           "this one first",
                           course->dir)
               : 0;
}

/* The grader's part of the file first: it says whose database this is. */
static int open_tables(const Course *course, Fault *fault)
{
    if (newer_than_its_server(course, fault))
        return -1;
    Store *store = store_open(course->db_path, fault);
    if (!store)
        return -1;
    store_close(store);
    Db *db = db_open(course->db_path, fault);
    int status = db ? web_schema_ready(db, fault) : -1;
    db_close(db);
    return status;
}

/* A folder with something else in it, as one that somebody is in by chance. */
static bool is_others(const char *dir)
{
    static const char *const known[] = {".", "..", "lost+found", "repos", "work", "hooks"};
    DIR *open = opendir(dir);
    bool others = false, ours = false;
    for (struct dirent *entry; open && (entry = readdir(open));) {
        bool other = true;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            other &= strcmp(entry->d_name, known[i]) != 0;
        others |= other;
        ours |= strcmp(entry->d_name, "course.db") == 0;
    }
    if (open)
        closedir(open);
    return others && !ours;
}

int course_make(const char *dir, Fault *fault)
{
    Course course = {0};
    int status = -1;
    if (is_others(dir))
        return fault_set(fault,
                         "%.200s has other files in it: name a folder of the course's own, "
                         "which is made if it is not there",
                         dir);
    /* What students hand in is nobody else's business on this machine. */
    if (make_folder(dir, 0711, fault) || resolve(&course, dir, fault))
        goto out;
    umask(077);
    if (make_folder(course.repos, 0700, fault) || make_folder(course.work, 0700, fault) ||
        make_folder(course.hooks, 0700, fault))
        goto out;
    status = open_tables(&course, fault);
out:
    course_release(&course);
    return status;
}

int course_open(Course *course, const char *dir, Fault *fault)
{
    if (resolve(course, dir, fault))
        return -1;
    struct stat info;
    if (stat(course->db_path, &info) != 0)
        return fault_set(fault, "%.200s is not a course yet; make it one: courseweb init %.200s",
                         dir, dir);
    return open_tables(course, fault);
}

void course_release(Course *course)
{
    free(course->dir);
    free(course->db_path);
    free(course->repos);
    free(course->work);
    free(course->hooks);
    free(course->socket);
    *course = (Course){0};
}

/* --- a Db for each thread --- */

static pthread_key_t db_key;
static pthread_once_t db_once = PTHREAD_ONCE_INIT;

static void close_db(void *db)
{
    db_close(db);
}

static void make_key(void)
{
    if (pthread_key_create(&db_key, close_db))
        abort();
}

Db *course_db(const Course *course, Fault *fault)
{
    pthread_once(&db_once, make_key);
    Db *db = pthread_getspecific(db_key);
    if (db)
        return db;
    db = db_open(course->db_path, fault);
    if (db)
        pthread_setspecific(db_key, db);
    return db;
}

void course_db_drop(void)
{
    pthread_once(&db_once, make_key);
    db_close(pthread_getspecific(db_key));
    pthread_setspecific(db_key, NULL);
}

bool url_valid(const char *url)
{
    static const char schemes[][9] = {"https://", "http://"};
    for (int i = 0; i < 2; i++) {
        size_t len = strlen(schemes[i]);
        const char *host = url + len;
        if (strncmp(url, schemes[i], len) == 0)
            return *host && strlen(host) < 256 &&
                   strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".-:[]") == strlen(host);
    }
    return false;
}

/* --- settings --- */

char *course_setting(Db *db, const char *key)
{
    return db_text(db, "SELECT value FROM web_setting WHERE key = ?", "s", key);
}

int64_t course_setting_number(Db *db, const char *key, int64_t absent)
{
    return db_number(db, absent, "SELECT CAST(value AS INTEGER) FROM web_setting WHERE key = ?",
                     "s", key);
}

int course_unset(Db *db, const char *key, Fault *fault)
{
    return db_run(db, fault, "DELETE FROM web_setting WHERE key = ?", "s", key);
}

int course_set(Db *db, const char *key, const char *value, Fault *fault)
{
    return db_run(db, fault,
                  "INSERT INTO web_setting (key, value) VALUES (?1, ?2)"
                  " ON CONFLICT (key) DO UPDATE SET value = ?2",
                  "ss", key, value);
}
