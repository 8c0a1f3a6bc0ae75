/* An exercise that never listens: what is still queued of it would only wait in vain. */
#include "grade_parts.h"

void grading_drop(Grading *grading, Work *work, RunEnd end)
{
    for (Job **at = &grading->queue; *at;) {
        Job *job = *at;
        if (job->work != work) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        if (job->other == OTHER_NONE) {
            work->tries[job->attempt].ran[job->scenario] = false;
            job_observation(job)->end = end;
        }
        work->pending--;
        grading->steps_done++;
        job_free(job);
    }
}

bool job_without_port(const Job *job)
{
    return job->work->scripts[job->scenario].port < 0;
}

/* Is one of the other half running just now? */
static bool others_run(const Grading *grading, const Work *work, bool by_default)
{
    for (const Job *job = grading->running; job; job = job->next)
        if (job->work == work && job->other == OTHER_NONE && job_without_port(job) == by_default)
            return true;
    return false;
}

/* One that shows the other half is run next. False: there is none. */
static bool bring_forward(Grading *grading, const Work *work, bool by_default)
{
    for (Job **at = &grading->queue; *at; at = &(*at)->next) {
        Job *job = *at;
        if (job->work != work || job->other != OTHER_NONE || job_without_port(job) != by_default)
            continue;
        *at = job->next;
        job->next = grading->queue;
        grading->queue = job;
        return true;
    }
    return false;
}

/* Whoever listens neither on the port that it is given nor without one would be waited for in vain
 * in all that is queued; so these end as the others did. One that has listened once is run in all
 * of them: its verdict must not depend on which comes first. */
void job_note_listening(Job *job)
{
    Grading *grading = job->grading;
    Work *work = job->work;
    bool by_default = job_without_port(job);
    work->listened |= job_observation(job)->listened;
    if (job_observation(job)->end != RUN_NO_LISTEN)
        return;
    work->silent[by_default] = true;
    if (work->listened || (!work->silent[!by_default] && others_run(grading, work, !by_default)))
        return;
    if (!work->silent[!by_default] && bring_forward(grading, work, !by_default))
        return;
    work->hopeless = true;
    grading_drop(grading, work, RUN_NO_LISTEN);
}
