/* A work's timeline: its own run beside those of the programs of ours. */
#include "grade_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result_timeline.h"
#include "timeline_reactor.h"

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

static const Observation *run_of(const Work *work, const char *scenario)
{
    int at = work_scenario(work, scenario);
    return at >= 0 && work->tries[0].ran[at] ? &work->tries[0].runs[at] : NULL;
}

/* The chain of the run in which something went wrong, causes before effects; of data-later where
 * nothing did, or where that run has no chain to show. */
static void draw_chain(Work *work, Timeline *timeline)
{
    const Check *checks = work->course->exercise->checks;
    for (int effect = 0; effect < 2; effect++)
        for (int i = 0; i < work->result->n_checks && timeline->n_lanes == 0; i++) {
            const CheckResult *check = &work->result->checks[i];
            const Observation *run = check_falls_short(check) && checks[i].effect == effect
                                         ? run_of(work, check->scenario)
                                         : NULL;
            bool usual = run && strcmp(run->scenario, "data-later") == 0;
            if (run)
                timeline_reactor_draw(run, LANE_OWN, usual ? NULL : run->scenario, timeline);
        }
    const Observation *later = run_of(work, "data-later");
    if (timeline->n_lanes == 0 && later)
        timeline_reactor_draw(later, LANE_OWN, NULL, timeline);
}

void work_draw(Work *work)
{
    char own[64], reference[64];
    int number = atoi(work->course->exercise->id + 2);
    snprintf(own, sizeof own, "your exercise %d", number);
    snprintf(reference, sizeof reference, "reference, ex. %d", number);
    const Observation *run = run_of(work, "data-later");
    Timeline *timeline = &work->result->timeline;
    draw_chain(work, timeline);
    if (timeline->n_lanes > 0 || work->grading->options->baseline)
        timeline_reactor_draw(&work->others[OTHER_REFERENCE].data, LANE_REFERENCE, "reference",
                              timeline);
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

double work_reference_cpu(const Work *work)
{
    if (!known(work))
        return other_figures(work, OTHER_REFERENCE).idle_cpu_us_per_s;
    const Lane *lane = timeline_lane(known(work), LANE_REFERENCE);
    return lane ? lane->cpu_us_per_s : -1;
}
