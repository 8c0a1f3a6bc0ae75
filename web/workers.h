/*
 * Threads that grade: take a job, export its commit (export.h), run the `grader`
 * program on it, niced, and say what became of it. They sleep on a condition while
 * there is nothing to do; workers_kick() after a push wakes one.
 */
#ifndef WEB_WORKERS_H
#define WEB_WORKERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "hub.h"
#include "jobs.h"

enum { WORKERS_MOST = 64, GRADING_MOST_MS = 300000, WORKER_NICE = 10 };

typedef struct Worker {
    struct Workers *workers;
    pthread_t thread;
    int number;
    /* What it does now, under the lock; job.id 0: nothing. */
    Job job;
    int64_t since_s;
    int pid; /* the grader's; 0 */
} Worker;

typedef struct Workers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    unsigned kicks;
    bool stopping;
    const Course *course;
    const char *grader;
    Hub *hub;
    Worker worker[WORKERS_MOST];
    int n;
} Workers;

int workers_start(Workers *workers, const Course *course, const char *grader, Hub *hub, int n,
                  Fault *fault);
void workers_kick(Workers *workers);
/* Ends what runs: it goes back to the queue, and this counts as no attempt. */
void workers_stop(Workers *workers);
#endif
