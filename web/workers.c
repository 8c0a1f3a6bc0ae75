#include "workers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert.h"
#include "base/clock.h"
#include "base/text.h"
#include "child.h"
#include "digest.h"
#include "export.h"
#include "folder.h"
#include "git_tidy.h"
#include "verdict.h"

/* ROOM_MS: after a fault of the database, so that a full disk that is made room on is noticed. */
enum { SAID_MOST = 4096, ERROR_MOST = 500, ROOM_MS = 10000 };

/* --- one job --- */

typedef struct Attempt {
    Worker *worker;
    Db *db;
    Job job;
    char *folder, *repo;
    Fault fault; /* why it failed on our side */
} Attempt;

static void set_job(Worker *worker, const Job *job)
{
    pthread_mutex_lock(&worker->workers->lock);
    worker->job = job ? *job : (Job){.id = 0};
    worker->since_s = now_s();
    pthread_mutex_unlock(&worker->workers->lock);
}

static void set_pid(Worker *worker, pid_t pid)
{
    pthread_mutex_lock(&worker->workers->lock);
    worker->pid = pid;
    if (pid > 0 && worker->workers->stopping)
        kill(-pid, SIGKILL);
    pthread_mutex_unlock(&worker->workers->lock);
}

/* The last line of what the grader said, for people. */
static void last_line(int fd, Buf *line)
{
    char said[SAID_MOST + 1];
    off_t end = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, said, SAID_MOST, end > SAID_MOST ? end - SAID_MOST : 0);
    said[n > 0 ? n : 0] = '\0';
    for (size_t len = strlen(said); len && strchr("\n\r ", said[len - 1]);)
        said[--len] = '\0';
    const char *last = strrchr(said, '\n');
    last = last ? last + 1 : said;
    text_clean(line, last, strnlen(last, ERROR_MOST));
}

static int grader_fault(int status, bool late, const char *said, Fault *fault)
{
    if (late)
        return fault_set(fault, "the grader took longer than %d s and was ended",
                         GRADING_MOST_MS / 1000);
    if (WIFSIGNALED(status))
        return fault_set(fault, "the grader was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) >= 2)
        return fault_set(fault, "%s",
                         *said ? said
                               : "the grader can't be started; see courseweb serve --grader");
    return 0;
}

static void grader_said(void *context, const char *line)
{
    const Attempt *attempt = context;
    publish_exercise(attempt->worker->workers->hub, &attempt->job, line);
}

static int run_grader(Attempt *attempt, int said)
{
    Worker *worker = attempt->worker;
    const Workers *workers = worker->workers;
    bool late;
    int out[2];
    const char *argv[] = {workers->grader,
                          "run",
                          "-f",
                          "json",
                          "--db",
                          workers->course->db_path,
                          "--student",
                          attempt->job.name,
                          attempt->folder,
                          "--live",
                          NULL};
    if (pipe2(out, O_CLOEXEC) != 0)
        return fault_errno(&attempt->fault, "can't make a pipe");
    pid_t pid = child_start(
        &(ChildOptions){.argv = argv, .in = -1, .out = out[1], .err = said, .nice = WORKER_NICE},
        &attempt->fault);
    close(out[1]);
    if (pid < 0) {
        close(out[0]);
        return -1;
    }
    set_pid(worker, pid);
    int status =
        child_follow(pid, out[0], clock_limit_ms(GRADING_MOST_MS), grader_said, attempt, &late);
    set_pid(worker, 0);
    Buf line;
    buf_init(&line, FAULT_TEXT);
    last_line(said, &line);
    status = grader_fault(status, late, line.data, &attempt->fault);
    buf_release(&line);
    return status;
}

static int grade_attempt(Attempt *attempt)
{
    char message[256];
    if (export_commit(attempt->repo, attempt->job.hash, attempt->folder, message, sizeof message,
                      &attempt->fault))
        return -1;
    db_run(attempt->db, NULL, "UPDATE web_job SET message = ? WHERE id = ?", "si", message,
           attempt->job.id);
    char *name = x_printf("%s.log", attempt->folder);
    int said = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    unlink(name);
    free(name);
    if (said < 0)
        return fault_errno(&attempt->fault, "can't write below work/");
    int status = run_grader(attempt, said);
    close(said);
    return status;
}

static bool is_stopping(Workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    bool stopping = workers->stopping;
    pthread_mutex_unlock(&workers->lock);
    return stopping;
}

static unsigned kicks_seen(Workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    unsigned kicks = workers->kicks;
    pthread_mutex_unlock(&workers->lock);
    return kicks;
}

/* Sleeps until there was a kick since `seen`, the server stops, or `most_ms` are over (-1: without
 * end; where nothing waits for a time, nothing wakes up). */
static void wait_for_work(Workers *workers, unsigned seen, int64_t most_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += most_ms % 1000 * NS_PER_MS;
    until.tv_sec += most_ms / 1000 + until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    pthread_mutex_lock(&workers->lock);
    while (workers->kicks == seen && !workers->stopping)
        if (most_ms < 0)
            pthread_cond_wait(&workers->work, &workers->lock);
        else if (pthread_cond_timedwait(&workers->work, &workers->lock, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&workers->lock);
}

/* Until the database can be written again: a row that stays `running` would keep all of this student's
 * pushes waiting. False: the server stops before that; the next one's start gives it back. */
static bool give_back(Attempt *attempt, const char *why, JobState *state)
{
    Workers *workers = attempt->worker->workers;
    Fault fault = {""};
    while (job_give_back(attempt->db, &attempt->job, why, state, &fault) != 0) {
        fprintf(stderr, "courseweb: job %lld can't go back into the queue yet: %s\n",
                (long long)attempt->job.id, fault.text);
        wait_for_work(workers, kicks_seen(workers), ROOM_MS);
        if (is_stopping(workers))
            return false;
    }
    return true;
}

/* The row says whether a result was stored; how the grader ended only says why not. */
static void conclude(Attempt *attempt)
{
    JobState state;
    Workers *workers = attempt->worker->workers;
    bool stopping = is_stopping(workers);
    const char *why = *attempt->fault.text ? attempt->fault.text : "the grader stored no result";
    if (stopping)
        db_run(attempt->db, NULL,
               "UPDATE web_job SET state = 'queued', attempt = attempt - 1 WHERE id = ? AND state ="
               " 'running'",
               "i", attempt->job.id);
    if (!give_back(attempt, why, &state))
        return;
    if (state == JOB_DONE) {
        digest_bring_up(attempt->db, NULL);
        publish_verdict(workers->hub, attempt->db, attempt->job.id);
    } else if (!stopping) {
        fprintf(stderr, "courseweb: job %lld of %s, attempt %d: %s\n", (long long)attempt->job.id,
                attempt->job.name, attempt->job.attempt, why);
        publish_job(workers->hub, attempt->db, attempt->job.id);
    }
    if (!stopping)
        alert_look(workers->course, attempt->db, state != JOB_DONE);
}

/* A repository that cannot be tidied serves as it is. */
static void tidy(Worker *worker, const char *name)
{
    Fault fault = {""};
    bool late = false;
    pid_t pid = git_tidy_start(worker->workers->course, name, &fault);
    if (pid > 0) {
        set_pid(worker, pid);
        bool failed = child_wait(pid, TIDY_MS, &late) != 0;
        set_pid(worker, 0);
        git_tidy_end(worker->workers->course, name, failed);
        if (failed)
            fault_set(&fault, late ? "git took too long" : "git repack failed");
    }
    if (*fault.text && !is_stopping(worker->workers))
        fprintf(stderr, "courseweb: the packs of %s could not be gathered: %s\n", name, fault.text);
}

static void do_job(Worker *worker, Db *db, const Job *job)
{
    const Course *course = worker->workers->course;
    Attempt attempt = {.worker = worker, .db = db, .job = *job};
    attempt.folder = x_printf("%s/job-%lld-%d", course->work, (long long)job->id, job->attempt);
    attempt.repo = x_printf("%s/%s.git", course->repos, job->name);
    publish_job(worker->workers->hub, db, job->id);
    grade_attempt(&attempt);
    set_job(worker, NULL); /* before it is said that it ended: who is told looks who works */
    remove_folder(attempt.folder); /* first: on a full disk that makes room for the row */
    conclude(&attempt);
    workers_kick(worker->workers); /* another push of this student may have waited for the end */
    if (!is_stopping(worker->workers))
        tidy(worker, job->name);
    free(attempt.folder);
    free(attempt.repo);
}

/* --- the threads --- */

static void *worker_thread(void *argument)
{
    Worker *worker = argument;
    Workers *workers = worker->workers;
    while (!is_stopping(workers)) {
        Fault fault = {""};
        Job job;
        unsigned seen = kicks_seen(workers);
        int64_t now = now_ms();
        Db *db = course_db(workers->course, &fault);
        int got = db ? job_take(db, &job, &fault) : -1;
        if (got < 0)
            fprintf(stderr, "courseweb: %s\n", fault.text);
        if (got <= 0) {
            wait_for_work(workers, seen, got < 0 ? ROOM_MS : jobs_again_ms(db, now));
            continue;
        }
        set_job(worker, &job);
        do_job(worker, db, &job);
    }
    return NULL;
}

int workers_start(Workers *workers, const Course *course, const char *grader, Hub *hub, int n,
                  Fault *fault)
{
    pthread_condattr_t attributes;
    *workers = (Workers){.course = course, .grader = grader, .hub = hub};
    pthread_mutex_init(&workers->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&workers->work, &attributes);
    pthread_condattr_destroy(&attributes);
    for (; workers->n < n; workers->n++) {
        Worker *worker = &workers->worker[workers->n];
        *worker = (Worker){.workers = workers, .number = workers->n + 1};
        if (pthread_create(&worker->thread, NULL, worker_thread, worker) != 0)
            return fault_set(fault, "can't start a worker's thread");
    }
    return 0;
}

void workers_kick(Workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->kicks++;
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
}

void workers_stop(Workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    for (int i = 0; i < workers->n; i++)
        if (workers->worker[i].pid > 0)
            kill(-workers->worker[i].pid, SIGKILL);
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    for (int i = 0; i < workers->n; i++)
        pthread_join(workers->worker[i].thread, NULL);
    workers->n = 0;
}
