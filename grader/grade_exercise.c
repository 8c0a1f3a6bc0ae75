#include "grade_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "result_timeline.h"
#include "timeline_reactor.h"

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

int64_t script_length_ns(const Script *script)
{
    int64_t length = 0;
    for (int i = 0; i < script->n_steps; i++)
        if (script->steps[i].verb == VERB_WATCH || script->steps[i].verb == VERB_PAUSE)
            length += script->steps[i].time_ns;
    return length;
}

/* --- judging --- */

/* The facts of a try: its own runs, and those of the first where it has none. */
static void judge_try(Work *work, int t, ExerciseResult *into)
{
    const Observation *runs[SCENARIOS_MOST];
    int n = work->course->n_scenarios;
    for (int i = 0; i < n; i++)
        runs[i] = &work->tries[work->tries[t].ran[i] ? t : 0].runs[i];
    Facts facts = {&work->build.report, runs, n};
    rubric_judge(work->course->exercise, &facts, into);
}

void work_judge_first(Work *work)
{
    judge_try(work, 0, work->result);
}

static bool falls_short(const CheckResult *check)
{
    return check->status == CHECK_FAIL && strcmp(check->id, "build") != 0;
}

/* A stub, or a program that does nothing yet: no second look makes that clearer. */
static bool nothing_seen(const ExerciseResult *result)
{
    for (int i = 0; i < result->n_checks; i++)
        if (result->checks[i].halves > 0 || result->checks[i].n_evidence > 0)
            return false;
    return true;
}

int work_scenario(const Work *work, const char *name)
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (strcmp(work->course->scenarios[i].name, name) == 0)
            return i;
    return -1;
}

/* Calls were cited, and the scenario that failed is not traced: another one of the check's shows
 * them, and its second run on which lines they stand. */
static void want_places(const Work *work, int check, bool *wanted)
{
    const CheckResult *result = &work->result->checks[check];
    if (!result->n_evidence || !work->scripts[work_scenario(work, result->scenario)].untraced)
        return;
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (!work->scripts[i].untraced &&
            check_uses(&work->course->exercise->checks[check], work->course->scenarios[i].name))
            wanted[i] = true;
}

/* What it is said to wait for is there: its own run went wrong, as on a machine that is
 * busy it may. */
static bool waits_in_vain(const Work *work, const CheckResult *check)
{
    if (check->status != CHECK_SKIP || check->reason != SKIP_PREREQUISITE || !check->cause)
        return false;
    for (int i = 0; i < work->result->n_checks; i++)
        if (strcmp(work->result->checks[i].id, check->cause) == 0)
            return work->result->checks[i].status == CHECK_PASS;
    return false;
}

/* Every scenario that the check looks at. */
static void want_all_of(const Work *work, int check, bool wanted[SCENARIOS_MOST])
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (check_uses(&work->course->exercise->checks[check], work->course->scenarios[i].name))
            wanted[i] = true;
}

bool work_wants(const Work *work, bool wanted[TRIES][SCENARIOS_MOST])
{
    bool any = false;
    memset(wanted, 0, sizeof(bool[TRIES][SCENARIOS_MOST]));
    if (work->hopeless || nothing_seen(work->result))
        return false;
    for (int i = 0; i < work->result->n_checks; i++) {
        const CheckResult *check = &work->result->checks[i];
        int scenario = work_scenario(work, check->scenario);
        if (waits_in_vain(work, check)) {
            want_all_of(work, i, wanted[1]);
            want_all_of(work, i, wanted[2]);
            any = true;
            continue;
        }
        if (!falls_short(check) || scenario < 0)
            continue;
        any = wanted[1][scenario] = true;
        want_places(work, i, wanted[1]);
        if (work->course->exercise->checks[i].timed)
            wanted[2][scenario] = true;
    }
    return any;
}

static bool has_line(const CheckResult *check)
{
    return check->n_evidence > 0 && check->evidence[0].line > 0;
}

/* Did this try look at anything new for this check? */
static bool looked_again(const Work *work, int t, const Check *check)
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (work->tries[t].ran[i] && check_uses(check, work->course->scenarios[i].name))
            return true;
    return false;
}

/* What it waited for came in a later try: its own runs are there to be judged. */
static bool waited(const CheckResult *best, const CheckResult *again)
{
    return best->status == CHECK_SKIP && best->reason == SKIP_PREREQUISITE && again->halves > 0;
}

static void swap_checks(CheckResult *a, CheckResult *b)
{
    CheckResult old = *a;
    *a = *b;
    *b = old;
}

/* A call is known by its name, a sentence ("would have blocked 3951 times") by its words in
 * front of the first figure, which differs from run to run. */
static bool same_call(const Evidence *a, const Evidence *b)
{
    size_t len = strcspn(a->text, "(0123456789");
    return strncmp(a->text, b->text, len) == 0 && strcspn(b->text, "(0123456789") == len;
}

/* The places of a run with stacks, for the words of one without: stacks make a
 * program slow, so that its figures are not what it does otherwise. */
static void take_places(CheckResult *best, CheckResult *again)
{
    for (int i = 0; i < best->n_evidence && i < again->n_evidence; i++) {
        if (!same_call(&best->evidence[i], &again->evidence[i]))
            return;
        free(best->evidence[i].file);
        best->evidence[i].file = again->evidence[i].file;
        best->evidence[i].line = again->evidence[i].line;
        again->evidence[i].file = NULL;
    }
}

/* The better verdict of the two stays in `best`. */
static void merge_check(CheckResult *best, CheckResult *again)
{
    int failed = best->failed_runs + falls_short(again), runs = best->runs + 1;
    bool better = again->status != CHECK_ERROR &&
                  (again->halves > best->halves ||
                   (again->status == CHECK_PASS && best->status != CHECK_PASS));
    bool same = again->status == best->status && again->halves == best->halves;
    /* Without any evidence the verdict was that a look at the stacks is needed. */
    bool told = same && has_line(again) && best->n_evidence == 0;
    if (better || told)
        swap_checks(best, again);
    else if (falls_short(best) && falls_short(again) && has_line(again) && !has_line(best))
        take_places(best, again);
    best->failed_runs = failed;
    best->runs = runs;
}

void work_judge_again(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        check->runs = 1;
        check->failed_runs = falls_short(check);
    }
    for (int t = 1; t < TRIES; t++) {
        Result scratch;
        result_init(&scratch);
        scratch.exercises = x_calloc(1, sizeof *scratch.exercises);
        scratch.n_exercises = 1;
        judge_try(work, t, &scratch.exercises[0]);
        for (int i = 0; i < work->result->n_checks; i++)
            if (work->result->checks[i].status != CHECK_PASS &&
                (looked_again(work, t, &work->course->exercise->checks[i]) ||
                 waited(&work->result->checks[i], &scratch.exercises[0].checks[i])))
                merge_check(&work->result->checks[i], &scratch.exercises[0].checks[i]);
        result_release(&scratch);
    }
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

/* The figures of a program of ours; unknown where it was not run. */
static CpuFigures other_figures(const Work *work, Other other)
{
    const Exercise *exercise = work->course->exercise;
    const Observation *runs[] = {&work->others[other].idle, &work->others[other].data};
    Facts facts = {&work->build.report, runs, 2};
    CpuFigures figures = {false, -1, -1, -1, -1};
    if (exercise->figures)
        exercise->figures(&facts, &figures);
    return figures;
}

static void draw_other(Work *work, Other other, const char *name)
{
    CpuFigures figures = other_figures(work, other);
    timeline_add(&work->result->timeline, other == OTHER_SPINNER ? LANE_SPINNER : LANE_REFERENCE,
                 name, &work->others[other].data, &figures);
}

/* What is known of the programs of ours already; NULL: they ran beside. */
static const Timeline *known(const Work *work)
{
    const GradeOptions *options = work->grading->options;
    return options->known ? &options->known[work->course - course] : NULL;
}

/* The spinner is drawn once, above the first exercise. */
static void draw_spinner(Work *work)
{
    const GradeOptions *options = work->grading->options;
    if (!known(work))
        draw_other(work, OTHER_SPINNER,
                   options->picture || options->baseline ? "spinning" : "spinning, 40 ms");
    else if (work == &work->grading->works[0])
        timeline_join(&work->result->timeline, known(work), LANE_SPINNER);
}

static void draw(Work *work)
{
    char own[64], reference[64];
    int number = atoi(work->course->exercise->id + 2), later = work_scenario(work, "data-later");
    snprintf(own, sizeof own, "your exercise %d", number);
    snprintf(reference, sizeof reference, "reference, ex. %d", number);
    const Observation *run =
        later >= 0 && work->tries[0].ran[later] ? &work->tries[0].runs[later] : NULL;
    Timeline *timeline = &work->result->timeline;
    if (run)
        timeline_reactor_draw(run, NULL, timeline);
    if (timeline->n_lanes > 0 || work->grading->options->baseline)
        timeline_reactor_draw(&work->others[OTHER_REFERENCE].data, "reference", timeline);
    bool chain = timeline->n_lanes > 0; /* of exercise 4, in three lanes */
    if (!chain)
        draw_spinner(work);
    if (!chain && run)
        timeline_add(timeline, LANE_OWN, own, run, &work->result->cpu);
    if (known(work))
        timeline_join(timeline, known(work), LANE_REFERENCE);
    else if (!chain)
        draw_other(work, OTHER_REFERENCE, reference);
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
        if (falls_short(&work->result->checks[i]) &&
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

/* The stub's first step, for who has not begun. */
static void find_todo(Work *work)
{
    char *file = build_first_todo(&work->build, &work->result->todo);
    Buf clean;
    buf_init(&clean, 1000);
    if (file) {
        text_quote(&clean, file, strlen(file), 200);
        work->result->first_todo = buf_take(&clean);
    }
    free(file);
}

/* How to start the program oneself for the scenario that shows a check. */
static void tell_arguments(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        int scenario = work_scenario(work, check->scenario);
        if (scenario >= 0 && work->scripts[scenario].has_second_argument && !check->arguments)
            check->arguments = x_printf("9000 %d", work->scripts[scenario].second_argument);
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
        if (falls_short(check) && scenario >= 0 && !check->said && work->tries[0].ran[scenario])
            check->said = last_words(&work->tries[0].runs[scenario]);
    }
}

static double reference_cpu(const Work *work)
{
    if (!known(work))
        return other_figures(work, OTHER_REFERENCE).idle_cpu_us_per_s;
    const Lane *lane = timeline_lane(known(work), LANE_REFERENCE);
    return lane ? lane->cpu_us_per_s : -1;
}

void work_finish(Work *work)
{
    if (work->grading->options->baseline) {
        work->result->id = x_strdup(work->course->exercise->id);
        draw(work);
        return;
    }
    tell_arguments(work);
    tell_stderr(work);
    find_todo(work);
    quote_sources(work);
    work->result->cpu.reference_idle_cpu_us_per_s = reference_cpu(work);
    draw(work);
    int64_t now = clock_mono_ns();
    work->result->wall_us = (now - work->started_ns) / NS_PER_US;
    work->result->build_us = work->build.wall_us;
    if (work->run_started_ns)
        work->result->run_us = (now - work->run_started_ns) / NS_PER_US;
    const GradeOptions *options = work->grading->options;
    if (options->exercise_done)
        options->exercise_done(options->context, work->result);
}
