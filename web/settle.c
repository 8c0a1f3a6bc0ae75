/* Rows of the queue against the branches of the repositories. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "people.h"

static bool first_word(const char *line, char hash[HASH_TEXT])
{
    size_t len = strspn(line, "0123456789abcdef");
    if (len >= HASH_TEXT)
        return false;
    memcpy(hash, line, len);
    hash[len] = '\0';
    return hash_valid(hash);
}

/* The file of a loose ref, else the line in packed-refs; read here because a git
 * process for each of a thousand students would make the start slow. */
static bool branch_of(const Course *course, const char *name, char hash[HASH_TEXT])
{
    char line[1024];
    char *path = x_printf("%s/%s.git/%s", course->repos, name, BRANCH);
    FILE *file = fopen(path, "re");
    free(path);
    bool found = file && fgets(line, sizeof line, file) && first_word(line, hash);
    if (file)
        fclose(file);
    if (found)
        return true;
    path = x_printf("%s/%s.git/packed-refs", course->repos, name);
    file = fopen(path, "re");
    free(path);
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *blank = strchr(line, ' ');
        found = blank && strcmp(blank + 1, BRANCH) == 0 && first_word(line, hash);
    }
    if (file)
        fclose(file);
    return found;
}

/* When the branch came to stand there, by this server's clock then: git notes it in the branch's log.
 * In ms; 0: it is not noted. What is restored from a backup was pushed before its row was lost. */
static int64_t moved_ms(const Course *course, const char *name, const char *hash)
{
    char text[4096], *line = text;
    long long seconds = 0;
    char *path = x_printf("%s/%s.git/logs/%s", course->repos, name, BRANCH);
    FILE *file = fopen(path, "re");
    free(path);
    if (!file)
        return 0;
    if (fseek(file, -(long)sizeof text + 1, SEEK_END) != 0)
        rewind(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    while (len && text[len - 1] == '\n')
        len--;
    text[len] = '\0';
    if (strrchr(text, '\n'))
        line = strrchr(text, '\n') + 1;
    /* OLD NEW Name <mail> SECONDS ZONE, a tab, why */
    const char *blank = strchr(line, ' '), *mail = strstr(line, "> ");
    bool this_one = blank && strncmp(blank + 1, hash, strlen(hash)) == 0;
    if (this_one && mail)
        seconds = atoll(mail + 2);
    return seconds > 0 && seconds <= now_s() ? seconds * 1000 : 0;
}

/* Where the queue thinks that a person stands. */
typedef struct Standing {
    int64_t person;
    char name[NAME_BYTES], newest[HASH_TEXT]; /* the newest push's commit */
    bool pending;
} Standing;

#define STANDING                                                                                   \
    "SELECT p.id, p.name, n.hash, EXISTS (SELECT 1 FROM web_job WHERE person = p.id"               \
    " AND state = 'pending') FROM web_person p LEFT JOIN web_newest n ON n.person = p.id"

static void read_standing(sqlite3_stmt *row, Standing *standing)
{
    standing->person = sqlite3_column_int64(row, 0);
    snprintf(standing->name, NAME_BYTES, "%s", db_column(row, 1));
    snprintf(standing->newest, HASH_TEXT, "%s", db_column(row, 2));
    standing->pending = sqlite3_column_int(row, 3);
}

static bool is_settled(const Course *course, const Standing *standing)
{
    char hash[HASH_TEXT];
    return !standing->pending &&
           (!branch_of(course, standing->name, hash) || strcmp(hash, standing->newest) == 0);
}

/* The branch is read under the database's lock: a push that moves it meanwhile can queue
 * its own row only after us, so an older commit never comes to stand behind a newer. */
static int settle_inside(const Course *course, Db *db, int64_t person, const char *name,
                         Fault *fault)
{
    char hash[HASH_TEXT];
    int64_t job;
    if (branch_of(course, name, hash)) {
        if (job_commit_inside(db, person, hash, &job, fault))
            return -1;
        int64_t moved = moved_ms(course, name, hash);
        if (moved && db_run(db, fault,
                            "UPDATE web_job SET pushed_ms = ?2 WHERE id = ?1 AND pushed_ms > ?2"
                            " AND state = 'queued'",
                            "ii", job, moved))
            return -1;
    }
    return db_run(db, fault,
                  "UPDATE web_job SET state = 'aborted', ended_ms = ?"
                  " WHERE person = ? AND state = 'pending'",
                  "ii", now_ms(), person);
}

static int settle_one(const Course *course, Db *db, const Standing *standing, Fault *fault)
{
    if (is_settled(course, standing))
        return 0;
    if (db_begin(db, fault))
        return -1;
    if (!settle_inside(course, db, standing->person, standing->name, fault) &&
        !db_commit(db, fault))
        return 0;
    db_rollback(db);
    return -1;
}

static int settle_named(const Course *course, Db *db, const char *name, Fault *fault)
{
    Standing standing;
    sqlite3_stmt *row = db_ask(db, fault, STANDING " WHERE p.name = ?", "s", name);
    if (!db_row(row))
        return row ? 0 : -1;
    read_standing(row, &standing);
    db_done(row);
    return settle_one(course, db, &standing, fault);
}

int jobs_settle(const Course *course, Db *db, const char *name, Fault *fault)
{
    enum { AT_ONCE = 64 };
    Standing chunk[AT_ONCE];
    int64_t last = 0;
    if (name)
        return settle_named(course, db, name, fault);
    for (int n = AT_ONCE; n == AT_ONCE;) {
        sqlite3_stmt *row =
            db_ask(db, fault, STANDING " WHERE p.id > ? ORDER BY p.id LIMIT 64", "i", last);
        for (n = 0; db_row(row); n++)
            read_standing(row, &chunk[n]);
        for (int i = 0; i < n; i++)
            if (settle_one(course, db, &chunk[i], fault))
                return -1;
        last = n ? chunk[n - 1].person : last;
    }
    return 0;
}
