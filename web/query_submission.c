/* One submission: result, sources with the cited lines, traces, neighbours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "due.h"
#include "export.h"
#include "objects.h"
#include "query.h"
#include "store.h"
#include "trust.h"

/* Of cited files, and then of others. What the page draws of them is less (pages/submission.h).
 * LOOKED_AT: so many sources of a folder, by name. */
enum { SOURCES_MOST = 40, SOURCE_BYTES = 256 << 10, SOURCES_BYTES = 1 << 20, LOOKED_AT = 1000 };

bool query_owner(Query *query, int64_t submission, Person *owner)
{
    char *name = db_text(query->db, "SELECT student FROM submission WHERE id = ?", "i", submission);
    bool found = name && person_find(query->db, name, owner);
    free(name);
    return found;
}

/* --- cited lines --- */

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void cite(Query *query, SourceFile *file)
{
    List lines = {0};
    for (int i = 0; i < query->n_results; i++) {
        const ExerciseResult *exercise = &query->results[i];
        if (strcmp(exercise->id, file->exercise) != 0)
            continue;
        for (int k = 0; k < exercise->n_checks; k++)
            for (int e = 0; e < exercise->checks[k].n_evidence; e++) {
                const Evidence *evidence = &exercise->checks[k].evidence[e];
                if (evidence->file && evidence->line > 0 && strcmp(evidence->file, file->name) == 0)
                    *(int *)list_add(query, &lines, sizeof(int)) = evidence->line;
            }
    }
    int *cited = lines.items, n = 0;
    if (lines.n)
        qsort(cited, (size_t)lines.n, sizeof *cited, by_number);
    for (int i = 0; i < lines.n; i++)
        if (n == 0 || cited[n - 1] != cited[i])
            cited[n++] = cited[i];
    file->cited = cited;
    file->n_cited = n;
}

/* --- sources --- */

typedef struct Sources {
    Query *query;
    Objects objects;
    List files;
    size_t bytes;
    bool cited; /* what is looked for now: files that checks cite, or the others */
    bool more;  /* there are files that found no place */
} Sources;

static bool is_cited(const ExerciseResult *exercise, const char *name)
{
    for (int k = 0; k < exercise->n_checks; k++)
        for (int e = 0; e < exercise->checks[k].n_evidence; e++) {
            const Evidence *evidence = &exercise->checks[k].evidence[e];
            if (evidence->file && evidence->line > 0 && strcmp(evidence->file, name) == 0)
                return true;
        }
    return false;
}

static bool is_source(const TreeEntry *entry)
{
    size_t len = strlen(entry->name);
    return (entry->mode & 0170000) == 0100000 && len > 2 && entry->name[0] != '.' &&
           (strcmp(entry->name + len - 2, ".c") == 0 || strcmp(entry->name + len - 2, ".h") == 0 ||
            (len > 3 && strcmp(entry->name + len - 3, ".rs") == 0));
}

static const char *clean_copy(Query *query, const char *bytes, size_t len, size_t *clean_len)
{
    Buf clean;
    buf_init(&clean, 10 * len + 16);
    text_clean(&clean, bytes, len);
    const char *text = query_text(query, clean.data);
    *clean_len = clean.len;
    buf_release(&clean);
    return text;
}

/* An editor's line ends are no control characters worth showing. */
static void drop_returns(Buf *data)
{
    size_t n = 0;
    for (size_t i = 0; i < data->len; i++)
        if (data->data[i] != '\r' || data->data[i + 1] != '\n')
            data->data[n++] = data->data[i];
    data->len = n;
}

static int add_source(Sources *sources, const ExerciseResult *exercise, const TreeEntry *entry)
{
    char type[16];
    Buf data;
    size_t len;
    Query *query = sources->query;
    if (is_cited(exercise, entry->name) != sources->cited)
        return 0;
    if (sources->files.n == SOURCES_MOST) {
        sources->more = true;
        return 0;
    }
    SourceFile *file = list_add(query, &sources->files, sizeof *file);
    *file = (SourceFile){.exercise = exercise->id,
                         .name = clean_copy(query, entry->name, strlen(entry->name), &len),
                         .text = "",
                         .left_out = true};
    if (sources->bytes == SOURCES_BYTES)
        return 0;
    size_t room = SOURCES_BYTES - sources->bytes;
    buf_init(&data, room < SOURCE_BYTES ? room : SOURCE_BYTES);
    int status = objects_read(&sources->objects, entry->hash, type, &data, &query->fault);
    if (status == 0) {
        sources->bytes += data.len;
        drop_returns(&data);
        file->text = clean_copy(query, data.data, data.len, &file->len);
        file->cut = data.full;
        file->left_out = false;
        cite(query, file);
    }
    buf_release(&data);
    return status;
}

static int add_folder(Sources *sources, const char *hash, const char *below,
                      const ExerciseResult *exercise)
{
    char name[OBJECT_NAME], type[16];
    Buf tree;
    TreeEntry entry;
    snprintf(name, sizeof name, "%.64s:%s%.40s", hash, below, exercise->id);
    buf_init(&tree, TREE_MOST);
    int status = objects_read(&sources->objects, name, type, &tree, &sources->query->fault);
    int looked_at = 0;
    for (size_t at = 0; status == 0 && strcmp(type, "tree") == 0 && looked_at < LOOKED_AT &&
                        tree_next(&tree, strlen(hash) / 2, &at, &entry);)
        if (is_source(&entry)) {
            looked_at++;
            status = add_source(sources, exercise, &entry);
        }
    sources->more |= looked_at == LOOKED_AT;
    buf_release(&tree);
    return status;
}

/* Without them (the repository is gone, git failed) the page still has its result. */
static void read_sources(Query *query, const char *student, const char *hash, SubmissionPage *page)
{
    Sources sources = {.query = query};
    char *repo = x_printf("%s/%s.git", query->course->repos, student);
    int status = objects_open(&sources.objects, repo, &query->fault);
    free(repo);
    if (status)
        return;
    const char *below = export_below(&sources.objects, hash, &query->fault);
    for (int round = 0; round < 2; round++) {
        sources.cited = round == 0;
        for (int i = 0; status == 0 && i < query->n_results; i++)
            status = add_folder(&sources, hash, below, &query->results[i]);
    }
    objects_close(&sources.objects);
    page->sources = sources.files.items;
    page->n_sources = sources.files.n;
    page->more_sources = sources.more;
}

/* --- the rest --- */

static void read_traces(Query *query, int64_t id, SubmissionPage *page)
{
    List list = {0};
    sqlite3_stmt *row = db_ask(query->db, NULL,
                               "SELECT exercise, scenario, bytes FROM trace WHERE submission = ?"
                               " ORDER BY exercise, scenario",
                               "i", id);
    while (db_row(row)) {
        TraceFile *trace = list_add(query, &list, sizeof *trace);
        *trace = (TraceFile){query_column(query, row, 0), query_column(query, row, 1),
                             sqlite3_column_int64(row, 2)};
    }
    page->traces = list.items;
    page->n_traces = list.n;
}

static int64_t neighbour(Query *query, const char *sql, const char *student, int64_t id)
{
    return db_number(query->db, 0, sql, "si", student, id);
}

static const char *run_url(Query *query, const char *repository, const char *run,
                           const char *attempt)
{
    char *site = course_setting(query->db, "github_site");
    char *url = x_printf("%s/%s/actions/runs/%s/attempts/%s", site ? site : TRUST_SITE, repository,
                         run, attempt);
    const char *kept = query_text(query, url);
    free(site);
    free(url);
    return kept;
}

static int read_row(Query *query, int64_t id, SubmissionPage *page)
{
    sqlite3_stmt *row =
        db_ask(query->db, &query->fault,
               "SELECT " STORE_HANDED_IN(
                   "s") ", s.version, s.wall_us, "
                        "s.halves, s.max_halves,"
                        "  s.observable_max_halves, coalesce(j.hash, r.hash), j.message, s.weaker,"
                        "  o.name, r.run, r.attempt"
                        " FROM submission s LEFT JOIN web_job j ON j.submission = s.id AND "
                        "j.submission > 0"
                        " LEFT JOIN web_report r ON r.submission = s.id AND r.submission > 0"
                        " LEFT JOIN web_repo o ON o.id = r.repository"
                        " WHERE s.id = ?",
               "i", id);
    if (!db_row(row))
        return fault_set(&query->fault, "no submission %lld", (long long)id);
    page->at_s = sqlite3_column_int64(row, 0);
    page->grader = query_column(query, row, 1);
    page->wall_us = sqlite3_column_int64(row, 2);
    page->halves = sqlite3_column_int(row, 3);
    page->max_halves = sqlite3_column_int(row, 4);
    page->observable_max_halves = sqlite3_column_int(row, 5);
    page->commit = query_column(query, row, 6);
    page->message = query_column(query, row, 7);
    page->weaker = sqlite3_column_int(row, 8) != 0;
    page->repository = query_column(query, row, 9);
    page->run_url = *page->repository
                        ? run_url(query, page->repository, db_column(row, 10), db_column(row, 11))
                        : "";
    db_done(row);
    return 0;
}

static int read_changes(Query *query, SubmissionPage *page)
{
    List older = {0}, newer = {0};
    if (!page->previous)
        return 0;
    if (query_passed(query, page->previous, &older, NULL) ||
        query_passed(query, page->id, &newer, NULL))
        return -1;
    page->changes = query_changes(query, &older, &newer);
    return 0;
}

static const int64_t *due_dates(Query *query, const Person *owner)
{
    int64_t *due_s = query_keep(query, (size_t)query->n_results * sizeof *due_s + 1);
    for (int i = 0; i < query->n_results; i++)
        due_s[i] = due_of(query->db, owner->id, query->results[i].id);
    return due_s;
}

int query_submission(Query *query, int64_t id, const Person *owner, SubmissionPage *page)
{
    *page = (SubmissionPage){.id = id,
                             .student = query_text(query, owner->name),
                             .shown = query_text(query, owner->shown)};
    if (read_row(query, id, page) || query_results(query, id))
        return -1;
    query_timelines(query, id);
    page->exercises = query->results;
    page->n_exercises = query->n_results;
    page->begin = query->begin;
    page->due_s = due_dates(query, owner);
    /* What came as a report was never pushed here. */
    if (*page->commit && !*page->repository)
        read_sources(query, page->student, page->commit, page);
    read_traces(query, id, page);
    page->previous = neighbour(query, "SELECT max(id) FROM submission WHERE student = ? AND id < ?",
                               page->student, id);
    page->next = neighbour(query, "SELECT min(id) FROM submission WHERE student = ? AND id > ?",
                           page->student, id);
    page->latest = neighbour(query, "SELECT max(id) FROM submission WHERE student = ? AND id > ?",
                             page->student, 0);
    return read_changes(query, page);
}
