/*
 * One run of run_guest.c in the sandbox, and what a test asks about it. The
 * sandbox, the loop and the compiled guest are there for a group of tests.
 */
#ifndef TESTS_UNIT_RUN_TRIAL_H
#define TESTS_UNIT_RUN_TRIAL_H

#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "heartbeat.h"
#include "run.h"

static Sandbox *sandbox;
static char *binary; /* run_guest.c */
static uv_loop_t loop;

/* --- one run --- */

typedef struct Trial {
    Script script;
    Observation observation;
    RunSpec spec;
    Run *run;
    int done;
} Trial;

static inline void on_done(void *context, Run *run)
{
    Trial *trial = context;
    assert_ptr_equal(trial->run, run);
    trial->done++;
    run_free(run);
}

static inline void begin(Trial *trial, const char *how, const char *text)
{
    Fault fault;
    memset(trial, 0, sizeof *trial);
    if (script_parse(&trial->script, "try", text, strlen(text), &fault))
        fail_msg("%s", fault.text);
    observation_init(&trial->observation, "try");
    trial->spec = (RunSpec){.sandbox = sandbox,
                            .scenario = "try",
                            .script = &trial->script,
                            .binary = binary,
                            .name = how,
                            .core = -1};
}

static inline void start(Trial *trial)
{
    trial->run = run_start(&loop, &trial->spec, &trial->observation, on_done, trial);
    assert_int_equal(trial->done, 0);
}

static inline void finish(Trial *trial)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(trial->done, 1);
}

static inline void forget(Trial *trial)
{
    observation_release(&trial->observation);
    script_release(&trial->script);
}

static inline void play(Trial *trial, const char *how, const char *text)
{
    begin(trial, how, text);
    start(trial);
    finish(trial);
    if (trial->observation.end == RUN_BROKEN)
        print_message("%s\n", trial->observation.fault.text);
}

#define ONCE "args 9107\nA connect\nA send \"hello\\n\"\nexit 5s\n"

static inline char *printed(const Observation *o)
{
    Buf text;
    buf_init(&text, 4096);
    capture_text(&o->out, &text);
    return buf_take(&text);
}

static inline void ends(const char *how, const char *text, RunEnd end, int status, bool listened)
{
    for (int untraced = 0; untraced < 2; untraced++) {
        Trial trial;
        char *script = malloc(strlen(text) + 20);
        sprintf(script, "%s%s", untraced ? "untraced\n" : "", text);
        play(&trial, how, script);
        if (trial.observation.end != end || trial.observation.status != status)
            fail_msg("%s, %s: end %d, status %d", how, untraced ? "untraced" : "traced",
                     trial.observation.end, trial.observation.status);
        assert_int_equal(trial.observation.listened, listened);
        assert_true(trial.observation.ended_ns >= trial.observation.spawned_ns);
        free(script);
        forget(&trial);
    }
}

static inline char *write_file(const char *text)
{
    char *folder = sandbox_folder(sandbox, "text", NULL), *path = malloc(strlen(folder) + 10);
    sprintf(path, "%s/text", folder);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    chmod(path, 0755);
    free(folder);
    return path;
}

/* --- set-up --- */

static inline int set_up(void **state)
{
    (void)state;
    Fault fault = {{0}};
    char command[1024];
    sandbox = sandbox_open(false, &fault);
    if (!sandbox) {
        print_message("%s\n", fault.text);
        return -1;
    }
    char *folder = sandbox_folder(sandbox, "guest", &fault);
    binary = malloc(strlen(folder) + 10);
    sprintf(binary, "%s/guest", folder);
    snprintf(command, sizeof command, "cc -O1 -o '%s' tests/unit/run_guest.c", binary);
    free(folder);
    uv_loop_init(&loop);
    /* Beside the loop's own descriptors, those of the first spawn stay. */
    return system(command) || heartbeat_start(&fault) ? -1 : 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    int left = uv_loop_close(&loop);
    heartbeat_stop();
    free(binary);
    sandbox_close(sandbox);
    return left;
}

#endif
