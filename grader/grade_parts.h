/*
 * Private to grade*.c: the shapes that the parts of a grading share.
 *
 *   grade.c          one submission: what is to do, what came of it
 *   grade_queue.c    the loop: builds, the queue of jobs, what follows what
 *   grade_job.c      one run that is to do, doing or done
 *   grade_silent.c   what never listens need not be run to the end
 *   grade_exercise.c one exercise: its scripts, its tries, its verdicts
 *   grade_step.c     which step of the stub is the next one
 *   timeline.c       traces -> the picture of the run
 */
#ifndef GRADER_GRADE_PARTS_H
#define GRADER_GRADE_PARTS_H

#include <uv.h>

#include "build.h"
#include "grade.h"
#include "peer/player.h"
#include "peer/script.h"
#include "run.h"
#include "symbol.h"

enum { TRIES = 3, SCENARIOS_MOST = 48 };

/* Programs of ours, run beside the submission's to compare with: shown, never scored. */
typedef enum Other { OTHER_NONE = -1, OTHER_REFERENCE, OTHER_SPINNER, OTHERS } Other;
typedef struct Compared {
    Observation idle, data; /* idle-watch, data-later */
} Compared;

/* What one try saw. Scenarios that a later try did not repeat stay NOT_RUN in it. */
typedef struct Try {
    Observation runs[SCENARIOS_MOST];
    bool ran[SCENARIOS_MOST];
} Try;

typedef struct Grading Grading;
typedef struct Job Job;

typedef struct Work {
    Grading *grading;
    const Course *course;
    ExerciseResult *result;
    Build build;
    Script scripts[SCENARIOS_MOST];
    bool used[SCENARIOS_MOST]; /* some check looks at it */
    Try tries[TRIES];
    int pending; /* jobs of the current round that are not done */
    bool repeated;
    Answers answers;
    bool listened;  /* in some run */
    bool silent[2]; /* it did not, in one with a port given, in one without */
    bool hopeless;  /* it never listened: what is still queued need not be run */
    Symbols *symbols;
    Compared others[OTHERS];
    int64_t started_ns, run_started_ns;
} Work;

enum { WORKS_MOST = 16 };

struct Grading {
    uv_loop_t loop;
    const GradeOptions *options;
    Result *result;
    Sandbox *sandbox;
    Work works[WORKS_MOST];
    int n_works;
    Job *queue;   /* not started, longest first */
    Job *running; /* started, not done */
    Job *ended;   /* done; freed in the loop's next turn */
    uv_idle_t sweep;
    uv_timer_t look; /* whether the next job may start */
    uv_signal_t signals[2];
    int n_running, jobs, next_core;
    int building;              /* builds begun and not ended */
    int steps_done, steps_all; /* for progress */
    bool interrupted;
};

/* --- grade_job.c --- */

/* One run to do, doing, or done. */
struct Job {
    Grading *grading;
    Work *work;
    Other other; /* OTHER_NONE: the submission's program */
    int scenario, attempt;
    bool stacks;
    char *keep_trace, *binary;
    Script script; /* a shallow copy: the port and the burnt time may differ */
    Step *steps;   /* its steps, where these differ too; else NULL */
    Run *run;
    struct Job *next;
};

/* A run of `scenario` (of the submission's program for OTHER_NONE; else the
 * caller sets `binary`). Nothing goes on yet. */
Job *job_new(Grading *grading, Work *work, Other other, int scenario, int attempt);
void job_free(Job *job);
/* A copy of a program of ours where the sandbox can run it; the caller frees the
 * path. NULL if there is none. */
char *job_lend(Grading *grading, const char *path);
/* How long it takes, about, for putting the long ones first. */
int64_t job_length(const Job *job);
Observation *job_observation(Job *job);
/* What is played: the scenario's script, with what differs for this job. */
const Script *job_script(Job *job);

/* --- grade_queue.c --- */

/* Builds every work, runs what its checks look at, repeats what fell short:
 * returns when all is done, or interrupted by SIGINT or SIGTERM. */
void grading_go(Grading *grading);

/* --- grade_silent.c --- */

/* Is it run on port 9000, which a program listens on that is told none? Without a sandbox that can
 * be had once only. */
bool job_without_port(const Job *job);
/* A run is over. What is still queued of an exercise that listens nowhere is dropped. */
void job_note_listening(Job *job);
/* Drops what is queued of an exercise: it ends as `end`. */
void grading_drop(Grading *grading, Work *work, RunEnd end);

/* --- grade_exercise.c --- */

/* Parses the scenarios. 0, or -1 and the fault. */
int work_open(Work *work, const Course *course, ExerciseResult *result, const GradeOptions *options,
              Fault *fault);
/* The index of a scenario of this name; -1 if there is none. */
int work_scenario(const Work *work, const char *name);
void work_release(Work *work);

/* Traces for the store: data-later's, and those that show a failure. */
void work_keep_traces(const Work *work, Result *result);
/* Lines of source into the evidence, CPU of the reference, the timeline. Of a work that
 * is only a baseline's: the timeline of the programs of ours. */
void work_finish(Work *work);
/* How long a script takes, about, for putting the long ones first; of a work, all that it uses. */
int64_t script_length_ns(const Script *script);
int64_t work_length_ns(const Work *work);

/* --- grade_step.c --- */

/* Fills `first_todo` and `todo` of the result, and `todo` of its checks. */
void work_find_step(Work *work);

/* --- grade_judge.c --- */

/* Verdicts of try 0; of all tries, the best of each check. */
void work_judge_first(Work *work);
void work_judge_again(Work *work);
void work_mend_causes(Work *work);
/* Is it worth repeating anything? Fills, for tries 1 and 2, which scenarios. */
bool work_wants(const Work *work, bool wanted[TRIES][SCENARIOS_MOST]);
/* Below its full points, for what the program does. */
bool check_falls_short(const CheckResult *check);

/* --- grade_draw.c --- */

void work_draw(Work *work);
/* CPU time of the reference per idle second, in us; -1: not known. */
double work_reference_cpu(const Work *work);

/* --- timeline.c --- */

/* Draws data-later as one more lane; nothing if there is nothing to draw. */
void timeline_add(Timeline *timeline, LaneOf of, const char *name, const Observation *run,
                  const CpuFigures *cpu);

#endif
