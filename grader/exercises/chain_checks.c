#include "exercises/chain_checks.h"

#include <string.h>

const char *const marked_runs[] = {"data-later", "three-in-order", "two-at-once", NULL};

void seen_open(Seen *seen, const Facts *facts, const char *scenario)
{
    *seen = (Seen){.run = facts_run(facts, scenario)};
    chain_read(&seen->chain, seen->run->trace);
    seen->tasks = (unsigned)seen->run->n_clients;
    if (seen->tasks > CHAIN_TASKS)
        seen->tasks = CHAIN_TASKS;
}

void seen_close(Seen *seen)
{
    chain_release(&seen->chain);
}

static Finding ask_run(const Facts *facts, const char *scenario, const Question *question,
                       Verdict *v)
{
    Seen seen;
    seen_open(&seen, facts, scenario);
    Finding finding = ABSENT;
    if (seen.run->trace && seen.chain.n_polls > 0)
        finding = question->ask(&seen, v);
    if (finding == FAULT)
        verdict_scenario(v, scenario);
    seen_close(&seen);
    return finding;
}

/* Polls that read the connections of others have wrong numbers: they tell nothing. */
static bool any_own_poll(const Chain *chain)
{
    for (int i = 0; i < chain->n_polls; i++)
        if (chain->polls[i].tried || !chain->polls[i].foreign)
            return true;
    return false;
}

bool anything_polled(const Facts *facts)
{
    bool any = false;
    for (int i = 0; marked_runs[i] && !any; i++) {
        Seen seen;
        seen_open(&seen, facts, marked_runs[i]);
        any = any_own_poll(&seen.chain);
        seen_close(&seen);
    }
    return any;
}

void judge_question(const Facts *facts, Verdict *v, const Question *question)
{
    Finding all = ABSENT;
    if (!anything_polled(facts)) {
        verdict_needs(v, "tries-first", "no task is polled through future_poll()");
        return;
    }
    for (int i = 0; question->scenarios[i]; i++) {
        Finding finding = ask_run(facts, question->scenarios[i], question, v);
        if (finding == FAULT)
            return;
        if (finding == WAITS || all == ABSENT)
            all = finding;
    }
    if (all == FINE)
        verdict_pass(v, "%s", question->praise);
    else
        verdict_needs(v, question->cause, "%s", question->absent);
}

int64_t sent_ns(const Observation *run, unsigned task)
{
    for (int i = 0; i < run->n_steps; i++)
        if (strcmp(run->steps[i].verb, "send") == 0 && run->steps[i].client == (int)task - 1)
            return run->steps[i].start_ns;
    return INT64_MAX;
}
