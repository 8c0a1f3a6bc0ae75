#include "commands/baseline.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "grade.h"
#include "result_timeline.h"
#include "store.h"

/* Whoever is measured shares its core with nobody, as far as it is ours to say. Where others
 * had the machine, an hour later it is tried again. */
enum { AT_ONCE = 2, IDLE_US_PER_S = 900000, AGAIN_S = 3600 };

static int measure(Store *store, const char *key, const char *references, Fault *fault)
{
    Result result;
    result_init(&result);
    GradeOptions options = {.baseline = true, .references = references, .jobs = AT_ONCE};
    int status = grade(&options, &result, fault);
    if (status == 0)
        status = store_add_baseline(store, key, &result, fault);
    result_release(&result);
    return status;
}

/* How many exercises have one; -1 and the fault. */
static int read_all(const Baseline *baseline, Store *store, int64_t *taken_s, Fault *fault)
{
    int n = 0;
    *taken_s = 0;
    for (int i = 0; i < course_len; i++) {
        int64_t taken;
        int found = store_baseline(store, baseline->key, course[i].exercise->id,
                                   &baseline->timelines[i], &taken, fault);
        if (found < 0)
            return -1;
        n += found;
        *taken_s = taken > *taken_s ? taken : *taken_s;
    }
    return n;
}

static void forget(Baseline *baseline)
{
    for (int i = 0; baseline->timelines && i < course_len; i++)
        timeline_release(&baseline->timelines[i]);
}

/* The machine was busy then: the spinner did not get its core. */
static bool poor(const Baseline *baseline)
{
    for (int i = 0; i < course_len; i++) {
        const Lane *lane = timeline_lane(&baseline->timelines[i], LANE_SPINNER);
        if (lane)
            return lane->cpu_us_per_s < IDLE_US_PER_S;
    }
    return false;
}

static int find(Baseline *baseline, Store *store, const char *references, Fault *fault)
{
    int64_t taken_s, now_s = clock_real_ns() / NS_PER_S;
    int n = read_all(baseline, store, &taken_s, fault);
    if (n < 0 || (n > 0 && !(poor(baseline) && now_s - taken_s >= AGAIN_S)))
        return n;
    if (measure(store, baseline->key, references, fault))
        return n;
    forget(baseline);
    n = read_all(baseline, store, &taken_s, fault);
    if (n == 0)
        fault_set(fault, "the programs of %s do not run here", references);
    return n;
}

void baseline_ready(Baseline *baseline, const char *db, const char *references, Fault *fault)
{
    *baseline = (Baseline){.key = grade_baseline_key(references)};
    Store *store = baseline->key ? store_open(db, fault) : NULL;
    if (store) {
        baseline->timelines = x_calloc((size_t)course_len, sizeof *baseline->timelines);
        if (find(baseline, store, references, fault) <= 0)
            baseline_release(baseline);
    }
    store_close(store);
}

void baseline_release(Baseline *baseline)
{
    forget(baseline);
    free(baseline->timelines);
    free(baseline->key);
    *baseline = (Baseline){0};
}
