#include "grade_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* The two scenarios that the picture is drawn from. */
static bool pictured(const char *scenario)
{
    return strcmp(scenario, "data-later") == 0 || strcmp(scenario, "idle-watch") == 0;
}

static bool any_check_uses(const Exercise *exercise, const char *scenario)
{
    for (int i = 0; i < exercise->n_checks; i++)
        if (check_uses(&exercise->checks[i], scenario))
            return true;
    return false;
}

int work_open(Work *work, const Course *course_entry, ExerciseResult *result,
              const GradeOptions *options, Fault *fault)
{
    *work = (Work){.course = course_entry, .result = result};
    work->started_ns = clock_mono_ns();
    for (int i = 0; i < OTHERS; i++) {
        observation_init(&work->others[i].idle, "idle-watch");
        observation_init(&work->others[i].data, "data-later");
    }
    if (course_entry->n_scenarios > SCENARIOS_MOST)
        return fault_set(fault, "%s has more than %d scenarios: raise SCENARIOS_MOST",
                         course_entry->exercise->id, SCENARIOS_MOST);
    for (int i = 0; i < course_entry->n_scenarios; i++) {
        const Scenario *scenario = &course_entry->scenarios[i];
        work->used[i] = options->picture ? pictured(scenario->name)
                                         : any_check_uses(course_entry->exercise, scenario->name);
        if (script_parse(&work->scripts[i], scenario->name, scenario->text, strlen(scenario->text),
                         fault) != 0)
            return -1;
        for (int t = 0; t < TRIES; t++)
            observation_init(&work->tries[t].runs[i], scenario->name);
    }
    return 0;
}

void work_release(Work *work)
{
    for (int i = 0; work->course && i < work->course->n_scenarios; i++) {
        script_release(&work->scripts[i]);
        for (int t = 0; t < TRIES; t++)
            observation_release(&work->tries[t].runs[i]);
    }
    for (int i = 0; i < OTHERS; i++) {
        observation_release(&work->others[i].idle);
        observation_release(&work->others[i].data);
    }
    build_release(&work->build);
    symbols_close(work->symbols);
    work->symbols = NULL;
    work->course = NULL;
}

/* Of one client's one step, and of a program's falling asleep: orders of magnitude. */
enum { CLIENT_STEP_US = 50, SETTLE_MS = 10 };

int64_t script_length_ns(const Script *script)
{
    int64_t length = 0;
    for (int i = 0; i < script->n_steps; i++) {
        const Step *step = &script->steps[i];
        length += step->clients * CLIENT_STEP_US * NS_PER_US;
        if (step->verb == VERB_WATCH || step->verb == VERB_PAUSE)
            length += step->time_ns;
        else if (step->verb == VERB_SETTLE)
            length += SETTLE_MS * NS_PER_MS;
    }
    return length;
}

int64_t work_length_ns(const Work *work)
{
    int64_t length = 0;
    for (int i = 0; i < work->course->n_scenarios; i++)
        length += work->used[i] ? script_length_ns(&work->scripts[i]) : 0;
    return length;
}

int work_scenario(const Work *work, const char *name)
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (strcmp(work->course->scenarios[i].name, name) == 0)
            return i;
    return -1;
}

/* --- finishing --- */

static void quote_sources(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        for (int k = 0; k < check->n_evidence; k++) {
            Evidence *evidence = &check->evidence[k];
            if (evidence->file && evidence->line > 0 && !evidence->source)
                evidence->source = build_source_line(&work->build, evidence->file, evidence->line);
        }
    }
}

/* Of each; a program that floods all of its scenarios must not fill memory with them. */
enum { KEPT_TRACE_MOST = 1 << 17 };

/* The tracer's lines as far as the trace has kept them; one call may be several events. */
static char *trace_text(const Trace *trace, size_t *len)
{
    Buf text;
    buf_init(&text, KEPT_TRACE_MOST);
    const char *last = NULL;
    for (size_t i = 0; i < trace_len(trace); i++) {
        const Event *event = trace_at(trace, i);
        if (i == trace_gap(trace))
            buf_printf(&text, "... %zu events left out ...\n", trace_elided(trace));
        if (event->raw && !(last && strcmp(last, event->raw) == 0))
            buf_printf(&text, "%s\n", event->raw);
        last = event->raw ? event->raw : last;
    }
    *len = text.len;
    return buf_take(&text);
}

static bool worth_keeping(const Work *work, const char *scenario)
{
    if (strcmp(scenario, "data-later") == 0)
        return true;
    for (int i = 0; i < work->result->n_checks; i++)
        if (check_falls_short(&work->result->checks[i]) &&
            strcmp(work->result->checks[i].scenario, scenario) == 0)
            return true;
    return false;
}

void work_keep_traces(const Work *work, Result *result)
{
    for (int i = 0; work->course && i < work->course->n_scenarios; i++) {
        const Observation *run = &work->tries[0].runs[i];
        if (!work->tries[0].ran[i] || !run->trace || !worth_keeping(work, run->scenario))
            continue;
        result->traces =
            x_realloc(result->traces, (size_t)(result->n_traces + 1) * sizeof *result->traces);
        RawTrace *kept = &result->traces[result->n_traces++];
        *kept = (RawTrace){.exercise = x_strdup(work->course->exercise->id),
                           .scenario = x_strdup(run->scenario)};
        kept->text = trace_text(run->trace, &kept->len);
    }
}

/* How to start the program oneself for the scenario that shows a check. */
static void tell_arguments(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        int scenario = work_scenario(work, check->scenario);
        if (scenario >= 0 && work->scripts[scenario].has_second_argument && !check->arguments)
            check->arguments = x_printf("9000 %d", work->scripts[scenario].second_argument);
        else if (scenario >= 0 && work->scripts[scenario].descriptors && !check->arguments)
            check->arguments = x_printf("9000, in a shell of its own after `ulimit -n %d`",
                                        work->scripts[scenario].descriptors);
    }
}

/* A program's own last words tell more than any check: "accept: Invalid argument". */
static char *last_words(const Observation *run)
{
    Buf all, clean;
    buf_init(&all, RUN_STDERR_MOST);
    buf_init(&clean, 1000);
    capture_text(&run->err, &all);
    size_t end = all.len;
    while (end && (all.data[end - 1] == '\n' || all.data[end - 1] == '\r'))
        end--;
    size_t begin = end;
    while (begin && all.data[begin - 1] != '\n')
        begin--;
    text_quote(&clean, all.data + begin, end - begin, 160);
    buf_release(&all);
    char *words = buf_take(&clean);
    if (*words)
        return words;
    free(words);
    return NULL;
}

static void tell_stderr(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        int scenario = work_scenario(work, check->scenario);
        if (check_falls_short(check) && scenario >= 0 && !check->said &&
            work->tries[0].ran[scenario])
            check->said = last_words(&work->tries[0].runs[scenario]);
    }
}

void work_finish(Work *work)
{
    if (work->grading->options->baseline) {
        work->result->id = x_strdup(work->course->exercise->id);
        work_draw(work);
        return;
    }
    work_mend_causes(work);
    tell_arguments(work);
    tell_stderr(work);
    work_find_step(work);
    quote_sources(work);
    work->result->cpu.reference_idle_cpu_us_per_s = work_reference_cpu(work);
    work_draw(work);
    int64_t now = clock_mono_ns();
    work->result->wall_us = (now - work->started_ns) / NS_PER_US;
    work->result->build_us = work->build.wall_us;
    if (work->run_started_ns)
        work->result->run_us = (now - work->run_started_ns) / NS_PER_US;
    const GradeOptions *options = work->grading->options;
    if (options->exercise_done)
        options->exercise_done(options->context, work->result);
}
