#include "grade_parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum { STARTING_PER_CORE = 2, STARTING_MS = 300, LOOK_MS = 3 };

static void pump(Grading *grading);
static void start_builds(Grading *grading);

static void progress(Grading *grading, const char *what)
{
    const GradeOptions *options = grading->options;
    if (options->progress)
        options->progress(options->context, what, grading->steps_done, grading->steps_all);
}

/* --- the queue --- */

static void enqueue(Grading *grading, Job *job)
{
    Job **at = &grading->queue;
    while (*at && job_length(*at) >= job_length(job))
        at = &(*at)->next;
    job->next = *at;
    *at = job;
    job->work->pending++;
    grading->steps_all++;
}

/* --- an exercise moves on --- */

static void enqueue_scenario(Grading *grading, Work *work, int scenario, int attempt)
{
    work->tries[attempt].ran[scenario] = true;
    enqueue(grading, job_new(grading, work, OTHER_NONE, scenario, attempt));
}

static void enqueue_other(Grading *grading, Work *work, Other other, const char *scenario,
                          const char *path)
{
    int index = work_scenario(work, scenario);
    char *binary = index >= 0 ? job_lend(grading, path) : NULL;
    if (!binary)
        return;
    Job *job = job_new(grading, work, other, index, 0);
    job->binary = binary;
    enqueue(grading, job);
}

/* The reference's idle watch each time, the spinner once; for the picture the
 * reference's data too. */
static void enqueue_others(Grading *grading, Work *work)
{
    const Exercise *exercise = work->course->exercise;
    const GradeOptions *options = grading->options;
    const char *references = options->references;
    if (!references || options->known)
        return;
    char *reference = x_printf("%s/%s/%s", references, exercise->id, exercise->program);
    char *spinner = x_printf("%s/spinner/spinner", references);
    if (exercise->figures)
        enqueue_other(grading, work, OTHER_REFERENCE, "idle-watch", reference);
    if (options->picture || options->baseline)
        enqueue_other(grading, work, OTHER_REFERENCE, "data-later", reference);
    if (exercise->figures && work == &grading->works[0]) {
        enqueue_other(grading, work, OTHER_SPINNER, "idle-watch", spinner);
        enqueue_other(grading, work, OTHER_SPINNER, "data-later", spinner);
    }
    free(reference);
    free(spinner);
}

static void begin_first_round(Grading *grading, Work *work)
{
    work->run_started_ns = clock_mono_ns();
    for (int i = 0; i < work->course->n_scenarios && !grading->options->baseline; i++)
        if (work->used[i])
            enqueue_scenario(grading, work, i, 0);
    enqueue_others(grading, work);
}

static void begin_second_round(Grading *grading, Work *work)
{
    bool wanted[TRIES][SCENARIOS_MOST];
    if (work->repeated || grading->interrupted || grading->options->picture ||
        !work_wants(work, wanted))
        return;
    work->repeated = true;
    work->answers = (Answers){0}; /* the first round may have met a machine that was not there */
    work->symbols = symbols_open(work->build.binary, work->build.folder);
    for (int t = 1; t < TRIES; t++)
        for (int i = 0; i < work->course->n_scenarios; i++)
            if (wanted[t][i])
                enqueue_scenario(grading, work, i, t);
}

/* All runs of a round are done. */
static void round_over(Grading *grading, Work *work)
{
    if (grading->options->baseline) {
        work_finish(work);
        return;
    }
    if (!work->repeated)
        work_judge_first(work);
    else
        work_judge_again(work);
    if (!work->repeated)
        begin_second_round(grading, work);
    if (work->pending == 0)
        work_finish(work);
}

static void sweep(uv_idle_t *handle)
{
    Grading *grading = handle->data;
    while (grading->ended) {
        Job *job = grading->ended;
        grading->ended = job->next;
        job_free(job);
    }
    uv_idle_stop(handle);
    pump(grading);
}

static void unlink_running(Grading *grading, Job *job)
{
    Job **at = &grading->running;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
}

static void run_done(void *context, Run *run)
{
    (void)run;
    Job *job = context;
    Grading *grading = job->grading;
    Work *work = job->work;
    unlink_running(grading, job);
    /* `run` is still on the stack above: it is freed in the next turn. */
    job->next = grading->ended;
    grading->ended = job;
    uv_idle_start(&grading->sweep, sweep);
    grading->n_running--;
    grading->steps_done++;
    work->pending--;
    progress(grading, work->course->scenarios[job->scenario].name);
    if (job->other == OTHER_NONE)
        job_note_listening(job);
    if (work->pending == 0)
        round_over(grading, work);
}

static void start_job(Grading *grading, Job *job)
{
    Work *work = job->work;
    RunSpec spec = {.sandbox = grading->sandbox,
                    .scenario = work->course->scenarios[job->scenario].name,
                    .script = job_script(job),
                    .binary = job->binary,
                    .name = work->course->exercise->program,
                    .stacks = job->stacks,
                    .core = grading->next_core++ % sandbox_cores(grading->sandbox),
                    .keep_trace = job->keep_trace,
                    .resolve = job->stacks && work->symbols ? symbols_resolve : NULL,
                    .resolve_context = work->symbols,
                    .answers = job->other == OTHER_NONE ? &work->answers : NULL};
    grading->n_running++;
    job->next = grading->running;
    grading->running = job;
    job->run = run_start(&grading->loop, &spec, job_observation(job), run_done, job);
}

/* Not spawned yet, or being set up: it does not listen, and that is what costs CPU time. One
 * that takes its time is asleep, or hopeless: it need not keep the others. */
static bool is_starting(Job *job)
{
    const Observation *run = job_observation(job);
    return run->spawned_ns == 0 ||
           (!run->listened && clock_real_ns() - run->spawned_ns < STARTING_MS * NS_PER_MS);
}

/* Who waits for a build keeps a wait from beginning: a compiler's core is its own. */
static bool may_start(const Grading *grading)
{
    int busy = STARTING_PER_CORE * grading->building;
    int most = STARTING_PER_CORE * sandbox_cores(grading->sandbox);
    for (Job *job = grading->running; job; job = job->next)
        busy += is_starting(job);
    return grading->n_running < grading->jobs && busy < most;
}

static bool must_wait(const Grading *grading, const Job *job)
{
    if (!grading->options->own || !job_without_port(job))
        return false;
    for (const Job *other = grading->running; other; other = other->next)
        if (job_without_port(other))
            return true;
    return false;
}

static Job *take_startable(Grading *grading)
{
    for (Job **at = &grading->queue; *at; at = &(*at)->next) {
        Job *job = *at;
        if (must_wait(grading, job))
            continue;
        *at = job->next;
        return job;
    }
    return NULL;
}

static void look_again(uv_timer_t *timer)
{
    pump(timer->data);
}

/* The longest first, and no more at once than get on: a crowd of short ones
 * at the start would only keep the long ones from beginning their wait. */
static void pump(Grading *grading)
{
    Job *job;
    while (may_start(grading) && (job = take_startable(grading)))
        start_job(grading, job);
    if (grading->queue)
        uv_timer_start(&grading->look, look_again, LOOK_MS, 0);
}

static void built(void *context, Build *build)
{
    Work *work = context;
    Grading *grading = work->grading;
    static const ExerciseStatus status[] = {
        [BUILD_FAILED] = EX_BUILD_FAILED, [BUILD_MISSING] = EX_MISSING, [BUILD_BROKEN] = EX_ERROR};
    grading->building--;
    start_builds(grading);
    grading->steps_done++;
    progress(grading, work->course->exercise->id);
    free(work->result->compiler);
    work->result->compiler = x_strdup(build->report.output ? build->report.output : "");
    if (build->end == BUILD_OK) {
        begin_first_round(grading, work);
    } else {
        work->result->status = status[build->end];
        rubric_unbuilt(work->course->exercise, &build->report, work->result);
        if (build->end == BUILD_BROKEN)
            rubric_error(work->course->exercise, build->fault.text, work->result);
        work_finish(work);
    }
    uv_idle_start(&grading->sweep, sweep);
}

static void interrupt(uv_signal_t *handle, int number)
{
    (void)number;
    Grading *grading = handle->data;
    grading->interrupted = true;
    for (int i = 0; i < grading->n_works; i++)
        grading_drop(grading, &grading->works[i], RUN_NOT_RUN);
    for (Job *job = grading->running; job; job = job->next)
        run_cancel(job->run);
}

static void loop_open(Grading *grading)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    uv_loop_init(&grading->loop);
    uv_idle_init(&grading->loop, &grading->sweep);
    grading->sweep.data = grading;
    uv_timer_init(&grading->loop, &grading->look);
    grading->look.data = grading;
    for (int i = 0; i < 2; i++) {
        uv_signal_init(&grading->loop, &grading->signals[i]);
        grading->signals[i].data = grading;
        uv_signal_start(&grading->signals[i], interrupt, numbers[i]);
        uv_unref((uv_handle_t *)&grading->signals[i]);
    }
}

static void loop_close(Grading *grading)
{
    sweep(&grading->sweep);
    uv_close((uv_handle_t *)&grading->sweep, NULL);
    uv_close((uv_handle_t *)&grading->look, NULL);
    for (int i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&grading->signals[i], NULL);
    uv_run(&grading->loop, UV_RUN_DEFAULT);
    uv_loop_close(&grading->loop);
}

/* The one that has the most to do afterwards; NULL: all are begun. */
static Work *next_to_build(Grading *grading)
{
    Work *next = NULL;
    for (int i = 0; i < grading->n_works; i++) {
        Work *work = &grading->works[i];
        if (!work->grading && (!next || work_length_ns(work) > work_length_ns(next)))
            next = work;
    }
    return next;
}

static void start_builds(Grading *grading)
{
    Work *work;
    while (!grading->interrupted && grading->building < sandbox_cores(grading->sandbox) &&
           (work = next_to_build(grading))) {
        const Exercise *exercise = work->course->exercise;
        char *source = x_printf("%s/%s", grading->options->dir, exercise->id);
        work->grading = grading;
        grading->building++;
        build_start(&grading->loop, grading->sandbox, source, exercise->id, exercise->program,
                    &work->build, built, work);
        free(source);
    }
}

/* Nothing is built: the programs of ours are there. */
static void start_baseline(Grading *grading)
{
    for (int i = 0; i < grading->n_works; i++) {
        grading->works[i].grading = grading;
        begin_first_round(grading, &grading->works[i]);
    }
    uv_idle_start(&grading->sweep, sweep);
}

void grading_go(Grading *grading)
{
    loop_open(grading);
    if (grading->options->baseline) {
        start_baseline(grading);
    } else {
        grading->steps_all = grading->n_works;
        start_builds(grading);
    }
    uv_run(&grading->loop, UV_RUN_DEFAULT);
    loop_close(grading);
}
