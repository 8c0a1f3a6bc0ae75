/*
 * Sample data for every page: a class of 300, and strings as somebody would choose them who
 * means harm. For looking at pages (render.c) and for their unit tests.
 */
#ifndef TESTS_BROWSER_SAMPLE_PAGES_H
#define TESTS_BROWSER_SAMPLE_PAGES_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pages/pages.h"

#define SAMPLE_NOW  INT64_C(1795406400)
#define SAMPLE_EVIL "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"

enum { SAMPLE_EXERCISES = 4, SAMPLE_STUDENTS = 300 };

static const ExerciseName sample_exercises[SAMPLE_EXERCISES] = {
    {"ex1_nonblocking", "Raw non-blocking socket", 40, 1},
    {"ex2_event_loop", "Event loop", 40, 0},
    {"ex3_echo_server", "Echo server", 70, SAMPLE_NOW + 4 * 86400},
    {"ex4_reactor", "Reactor and waker", 50, 0}};

static const char *const sample_sections[] = {"Monday 10:00", "Tuesday 14:00", "<b>Friday</b>"};

static inline Frame sample_frame(Role role)
{
    return (Frame){.course = "Asynchronous I/O",
                   .base_url = "http://127.0.0.1:8080",
                   .role = role,
                   .viewer = role == ROLE_NONE      ? ""
                             : role == ROLE_STUDENT ? "ada"
                                                    : "prof",
                   .view_as = "",
                   .csrf = role == ROLE_NONE ? "" : "0123abcd",
                   .banner = "",
                   .now_s = SAMPLE_NOW};
}

/* What is allocated stays until the program ends, and stays known: no leak. */
typedef struct SampleKept {
    struct SampleKept *next;
    max_align_t bytes[];
} SampleKept;

static inline void *sample_alloc(size_t count, size_t size)
{
    static SampleKept *all;
    SampleKept *kept = x_calloc(1, sizeof *kept + count * size);
    kept->next = all;
    all = kept;
    return kept->bytes;
}

static inline char *sample_text(const char *format, int i)
{
    char *text = sample_alloc(1, 64);
    snprintf(text, 64, format, i);
    return text;
}

/* The same numbers each time. */
static inline unsigned sample_number(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static inline ClassRow sample_row(int i, ClassCell *cells, unsigned *seed)
{
    static const char *const given[] = {"Ada",   "Noor", "Jun",   "Émilie", "Łukasz", "Mei-Ling",
                                        "Tomás", "Zoë",  "Aarav", "Ingrid", "Kwame",  "Sofía"};
    static const char *const family[] = {"Okafor", "Lindqvist", "García Márquez", "Nakamura",
                                         "Novák",  "O’Brien",   "van der Berg",   "Chen"};
    ClassRow row = {.name = sample_text("s%03d", i), .cells = cells};
    char *shown = sample_alloc(1, 128);
    if (i == 3)
        snprintf(shown, 128, "%s", SAMPLE_EVIL);
    else
        snprintf(shown, 128, "%s %s", given[i % 12], family[i / 12 % 8]);
    row.shown = shown;
    row.section = sample_sections[i % 3];
    row.state = i % 9 == 0 ? JOB_NONE : i == 1 ? JOB_RUNNING : i == 2 ? JOB_QUEUED : JOB_DONE;
    row.state = i == 5 ? JOB_ERROR : row.state;
    row.place = i == 2 ? 1 : 0;
    for (int k = 0; k < SAMPLE_EXERCISES; k++) {
        int most = sample_exercises[k].max_halves;
        row.max_halves += most;
        unsigned share = sample_number(seed, 16);
        if (row.state == JOB_NONE || (k > 1 && share < 4))
            continue;
        int halves = share >= 10 ? most : (int)((unsigned)most * share / 10);
        cells[k] = (ClassCell){.tried = true,
                               .halves = halves,
                               .max_halves = most,
                               .latest_halves = sample_number(seed, 9) ? halves : halves / 2,
                               .attempts = 1 + (int)sample_number(seed, 12),
                               .best_id = 100 + i,
                               .late = k == 0 && i % 7 == 3};
        if (halves == 0)
            cells[k].latest = i % 2 ? CAME_STUB : CAME_BUILD_FAILED;
        row.halves += halves;
    }
    row.pushed_s = row.state == JOB_NONE ? 0 : SAMPLE_NOW - (int64_t)sample_number(seed, 400000);
    row.latest_id = row.state == JOB_NONE ? 0 : 1000 + i;
    return row;
}

static inline ClassPage sample_class(int n)
{
    unsigned seed = 7;
    ClassRow *rows = sample_alloc((size_t)n + 1, sizeof *rows);
    for (int i = 0; i < n; i++)
        rows[i] = sample_row(i, sample_alloc(SAMPLE_EXERCISES, sizeof(ClassCell)), &seed);
    return (ClassPage){.exercises = sample_exercises,
                       .n_exercises = SAMPLE_EXERCISES,
                       .rows = rows,
                       .n_rows = n,
                       .n_all = n,
                       .sections = sample_sections,
                       .n_sections = 3,
                       .sort = "name",
                       .search = "",
                       .section = ""};
}

static inline FailuresPage sample_failures(void)
{
    static const char *const names[] = {"ada", "noor", "jun", "emilie", "lukasz", "mei", "tomas"};
    static const FailureRow rows[] = {
        {.exercise = "ex3_echo_server",
         .check = "slow-reader",
         .title = "A client that does not read loses nothing and blocks nobody",
         .stuck = 87,
         .tried = 214,
         .since_s = SAMPLE_NOW - 6 * 86400,
         .median_s = 93000,
         .message = "the server spun: 48,210 writes that would block in 1 s",
         .names = names,
         .shown = names,
         .n_names = 7},
        {.exercise = "ex1_nonblocking",
         .check = "retry-interval",
         .title = "Sleeps 100 ms between retries",
         .stuck = 22,
         .tried = 266,
         .since_s = SAMPLE_NOW - 90000,
         .median_s = 4100,
         .message = SAMPLE_EVIL,
         .names = names,
         .shown = names,
         .n_names = 3},
        {.exercise = "ex4_reactor",
         .check = "reactor-wakes-only",
         .title = "The reactor only wakes: it never reads",
         .stuck = 3,
         .tried = 40,
         .since_s = SAMPLE_NOW - 3000,
         .median_s = 1200,
         .message = "",
         .names = names,
         .shown = names,
         .n_names = 3}};
    return (FailuresPage){
        .rows = rows, .n_rows = 3, .sections = sample_sections, .n_sections = 3, .section = ""};
}

#define SAMPLE_COMMIT "4f1c0ffee1234567890abcdef1234567890abcde"

static inline JobLine sample_job(int64_t id, const char *student, JobState state, int place)
{
    return (JobLine){.id = id,
                     .student = student,
                     .commit = SAMPLE_COMMIT,
                     .message = id % 3 ? "sleep the rest after a signal" : SAMPLE_EVIL,
                     .state = state,
                     .place = place,
                     .attempt = state == JOB_ERROR    ? 3
                                : state == JOB_QUEUED ? 0
                                                      : 1,
                     .attempts_most = 3,
                     .pushed_s = SAMPLE_NOW - 40 * id,
                     .started_s = state == JOB_QUEUED ? 0 : SAMPLE_NOW - 6,
                     .ended_s = state == JOB_DONE ? SAMPLE_NOW - 2 : 0,
                     .submission = state == JOB_DONE ? 40 + id : 0,
                     .error = state == JOB_ERROR ? "grader ended by signal 9 <b>" : ""};
}

static inline StudentPage sample_student(int n)
{
    static ClassCell cells[SAMPLE_EXERCISES] = {{.tried = true,
                                                 .halves = 40,
                                                 .max_halves = 40,
                                                 .latest_halves = 40,
                                                 .attempts = 9,
                                                 .best_id = 41,
                                                 .by_due = true,
                                                 .due_halves = 31},
                                                {.tried = true,
                                                 .halves = 40,
                                                 .max_halves = 40,
                                                 .latest_halves = 34,
                                                 .attempts = 6,
                                                 .best_id = 40,
                                                 .weaker = true},
                                                {.tried = true,
                                                 .halves = 47,
                                                 .max_halves = 70,
                                                 .latest_halves = 47,
                                                 .attempts = 4,
                                                 .best_id = 42},
                                                {.tried = false}};
    static const char *const gained[] = {"ex2_event_loop/asleep", "ex3_echo_server/tokens",
                                         "ex3_echo_server/<i>"};
    static const char *const lost[] = {"ex2_event_loop/cpu-honest"};
    static JobLine jobs[2];
    HistoryRow *history = sample_alloc((size_t)n + 1, sizeof *history);
    unsigned seed = 11;
    for (int i = 0; i < n; i++) {
        int *row = sample_alloc(SAMPLE_EXERCISES, sizeof *row), sum = 0;
        for (int k = 0; k < SAMPLE_EXERCISES; k++) {
            int most = cells[k].halves, done = n - i - (int)sample_number(&seed, 3);
            row[k] = k == 3 ? -1 : most * (done < 0 ? 0 : done) / n;
            sum += row[k] > 0 ? row[k] : 0;
        }
        history[i] = (HistoryRow){.id = 1 + n - i,
                                  .at_s = SAMPLE_NOW - 5000 * (i + 1),
                                  .halves = sum,
                                  .max_halves = 200,
                                  .cells = row,
                                  .commit = i == n - 1 ? "" : SAMPLE_COMMIT,
                                  .message = i == 2 ? SAMPLE_EVIL : "wait in the kernel, not here",
                                  .weaker = i == 1,
                                  .changes = {.gained = gained,
                                              .n_gained = i % 4 == 0 ? 3 : i % 3 == 0,
                                              .lost = lost,
                                              .n_lost = i % 5 == 0}};
    }
    jobs[0] = sample_job(7, "ada", JOB_RUNNING, 0);
    jobs[1] = sample_job(6, "ada", JOB_QUEUED, 2);
    return (StudentPage){.name = "ada",
                         .shown = "Ada Okafor",
                         .section = sample_sections[0],
                         .push_url = "http://127.0.0.1:8080/git/ada.git",
                         .exercises = sample_exercises,
                         .n_exercises = SAMPLE_EXERCISES,
                         .cells = cells,
                         .halves = 127,
                         .max_halves = 200,
                         .history = history,
                         .n_history = n,
                         .n_all = n,
                         .jobs = jobs,
                         .n_jobs = n ? 2 : 0,
                         .pushes_this_hour = 4,
                         .pushes_an_hour = 30,
                         .signin_link = ""};
}

static inline ExercisePage sample_exercise_page(bool hidden)
{
    static const int histogram[] = {4, 2, 6, 9, 14, 31, 28, 40, 22, 17, 93};
    static const int to_full[] = {11, 18, 24, 15, 9, 6, 4, 0, 2, 4};
    return (ExercisePage){.exercise = sample_exercises[1],
                          .exercises = sample_exercises,
                          .n_exercises = SAMPLE_EXERCISES,
                          .students = hidden ? 3 : 266,
                          .hidden = hidden,
                          .histogram = histogram,
                          .n_histogram = hidden ? 0 : 11,
                          .to_full = to_full,
                          .n_to_full = hidden ? 0 : 10,
                          .own_halves = 34,
                          .own_attempts = 6};
}

static inline ActivityPage sample_activity(void)
{
    static JobLine queue[4], errors[2], recent[3];
    static const RepoLine repos[] = {
        {"org/project-x", "1001", "ada", "", 3, SAMPLE_NOW - 900},
        {"org/lesson8-" SAMPLE_EVIL, "1002", SAMPLE_EVIL, "s005", 1, SAMPLE_NOW - 90000}};
    static const WorkerLine workers[] = {{1, 3, "ada", SAMPLE_NOW - 6}, {2, 0, "", 0}};
    queue[0] = sample_job(3, "ada", JOB_RUNNING, 0);
    for (int i = 1; i < 4; i++)
        queue[i] = sample_job(3 + i, sample_text("s%03d", i), JOB_QUEUED, i);
    errors[0] = sample_job(2, "s005", JOB_ERROR, 0);
    errors[1] = sample_job(1, "s006", JOB_ERROR, 0);
    for (int i = 0; i < 3; i++)
        recent[i] = sample_job(10 + i, sample_text("s%03d", i), JOB_DONE, 0);
    return (ActivityPage){.queue = queue,
                          .n_queue = 4,
                          .queued = 3,
                          .errors = errors,
                          .n_errors = 2,
                          .recent = recent,
                          .n_recent = 3,
                          .repos = repos,
                          .n_repos = 2,
                          .workers = workers,
                          .n_workers = 2,
                          .graded_last_hour = 212,
                          .pushes_an_hour = 30,
                          .median_wait_s = 4,
                          .median_run_ms = 1240,
                          .live = 37};
}

#endif
