#include "health.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "child.h"
#include "door.h"
#include "folder.h"

enum { DESCRIPTORS = 4096, ANSWER_BYTES = 65536 };

/* --- the disk --- */

int64_t disk_free_mb(const char *folder)
{
    struct statvfs fs;
    if (statvfs(folder, &fs) != 0)
        return -1;
    /* Some file systems count no inodes at all. */
    if (fs.f_files > 0 && fs.f_favail < fs.f_files / 100)
        return 0;
    return (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize >> 20);
}

bool disk_low(const Course *course, Db *db, int64_t *free_mb)
{
    *free_mb = disk_free_mb(course->dir);
    return *free_mb >= 0 && *free_mb < course_setting_number(db, "disk_mb", DISK_MB);
}

/* --- the lines --- */

static void tell(HealthLine *line, bool ok, const char *cure, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

static void tell(HealthLine *line, bool ok, const char *cure, const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    vsnprintf(line->detail, sizeof line->detail, detail, arguments);
    va_end(arguments);
    line->ok = ok;
    snprintf(line->cure, sizeof line->cure, "%s", ok ? "" : cure);
}

static void ask_disk(const Course *course, Db *db, HealthLine *line)
{
    int64_t mb;
    bool low = disk_low(course, db, &mb);
    tell(line, !low && mb >= 0,
         "make room there; `courseweb set disk_mb N` says how much is to stay free",
         "%lld MB free in %.120s", (long long)mb, course->dir);
}

/* Something is written for real: a disk that is mounted read-only or full says so here. */
static void ask_database(const Course *course, Db *db, HealthLine *line)
{
    Fault fault = {""};
    (void)course;
    bool ok = db_begin(db, &fault) == 0 && course_set(db, "doctor", "looked", &fault) == 0 &&
              db_commit(db, &fault) == 0;
    if (!ok)
        db_rollback(db);
    tell(line, ok,
         "let the server's account own the folder: chown -R courseweb: DIR; and see `disk`",
         "%.190s", ok ? "can be written to" : fault.text);
}

/* git's answer to a student who has pushed nothing yet, from an empty repository. */
static bool backend_answers(const Course *course, Buf *said, Fault *fault)
{
    char folder[] = "doctor.XXXXXX";
    char *at = x_printf("%s/%s", course->work, folder);
    bool ok = mkdtemp(at) != NULL;
    if (!ok)
        fault_errno(fault, "%.150s", at);
    const char *init[] = {"git", "init", "-q", "--bare", at, NULL};
    char *root = x_printf("GIT_PROJECT_ROOT=%s", course->work);
    char *path = x_printf("PATH_INFO=/%s/info/refs", strrchr(at, '/') + 1);
    const char *ask[] = {"env",
                         root,
                         path,
                         "GIT_HTTP_EXPORT_ALL=1",
                         "REQUEST_METHOD=GET",
                         "QUERY_STRING=service=git-upload-pack",
                         "git",
                         "http-backend",
                         NULL};
    Buf nothing;
    buf_init(&nothing, 4096);
    ok = ok && child_output(init, NULL, &nothing, fault) == 0 &&
         child_output(ask, NULL, said, fault) == 0 &&
         strstr(said->data, "application/x-git-upload-pack-advertisement") != NULL;
    if (access(at, F_OK) == 0)
        remove_folder(at);
    buf_release(&nothing);
    free(root);
    free(path);
    free(at);
    return ok;
}

static void ask_git(const Course *course, Db *db, HealthLine *line)
{
    Fault fault = {""};
    Buf said;
    (void)db;
    buf_init(&said, ANSWER_BYTES);
    bool ok = backend_answers(course, &said, &fault);
    tell(line, ok, "sudo apt install git (git http-backend is in it)", "%.190s",
         ok            ? "git http-backend answers"
         : *fault.text ? fault.text
                       : "git http-backend gave no list");
    buf_release(&said);
}

/* Whether it can be asked at all depends on what surrounds us; a clock behind our own
 * newest row is wrong in any case. */
static void ask_clock(const Course *course, Db *db, HealthLine *line)
{
    struct timex clock = {.modes = 0};
    static const char cure[] = "sudo timedatectl set-ntp true, and wait until it is synchronised";
    int64_t newest = db_number(db, 0, "SELECT max(pushed_ms) FROM web_job", "") / 1000;
    (void)course;
    if (now_s() < newest) {
        tell(line, false, cure, "%lld s behind the newest push", (long long)(newest - now_s()));
        return;
    }
    int state = adjtimex(&clock);
    if (state < 0)
        tell(line, true, "", "not behind the newest push; more can't be asked here");
    else
        tell(line, state != TIME_ERROR, cure, "%s",
             state != TIME_ERROR ? "synchronised" : "not synchronised with anything");
}

static void ask_descriptors(const Course *course, Db *db, HealthLine *line)
{
    struct rlimit limit = {0, 0};
    (void)course, (void)db;
    getrlimit(RLIMIT_NOFILE, &limit);
    tell(line, limit.rlim_max >= DESCRIPTORS, "LimitNOFILE=16384 in the unit, or ulimit -Hn 16384",
         "up to %llu open files", (unsigned long long)limit.rlim_max);
}

/* Nobody there is no fault: then this is for who asks. */
static void ask_server(const Course *course, Db *db, HealthLine *line)
{
    int fd = door_call(course->socket, "hello\n");
    char *url = course_setting(db, "serving");
    if (fd >= 0)
        close(fd);
    tell(line, fd >= 0, "courseweb serve DIR, or systemctl start courseweb", "%s%.150s",
         fd >= 0 ? "serves at " : "none runs for this course", fd >= 0 && url ? url : "");
    free(url);
}

static const struct {
    const char *name;
    bool needed;
    void (*ask)(const Course *course, Db *db, HealthLine *line);
} asked[] = {
    {"server", false, ask_server}, {"database", true, ask_database},
    {"disk", true, ask_disk},      {"git", true, ask_git},
    {"clock", false, ask_clock},   {"open files", false, ask_descriptors},
};

int health_look(const Course *course, HealthLine *lines, int most)
{
    Fault fault = {""};
    Db *db = course_db(course, &fault);
    int n = 0;
    if (!db && most > 0) {
        lines[n] = (HealthLine){.name = "database", .needed = true};
        tell(&lines[n++], false, "see there", "%.190s", fault.text);
    }
    for (size_t i = 0; db && i < sizeof asked / sizeof *asked && n < most; i++) {
        lines[n] = (HealthLine){.name = asked[i].name, .needed = asked[i].needed};
        asked[i].ask(course, db, &lines[n++]);
    }
    return n;
}
