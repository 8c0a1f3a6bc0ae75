#include "heartbeat.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "probe.h"

enum { SLOTS = 65536 };

typedef struct Beat {
    int64_t due_ns, woken_ns; /* CLOCK_REALTIME */
    int64_t queued_ns;        /* in all, of the thread that started it */
} Beat;

static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    bool running, stopping;
    int watched;      /* that thread */
    Beat *beats;      /* a ring of SLOTS; kept after a stop, for what is asked later */
    uint64_t n;       /* beats in all */
    int64_t next_due; /* CLOCK_MONOTONIC */
} heart = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Not clock_nanosleep(2): macOS has none. */
static void sleep_until(int64_t mono_ns)
{
    int64_t left;
    while ((left = mono_ns - clock_mono_ns()) > 0) {
        struct timespec t = {.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
        nanosleep(&t, NULL);
    }
}

/* Beats that a long sleep has missed are not made up for: one lateness tells it. */
static void beat(void)
{
    int64_t late = clock_mono_ns() - heart.next_due, woken = clock_real_ns();
    int64_t queued = probe_queued_ns(getpid(), heart.watched);
    heart.beats[heart.n++ % SLOTS] = (Beat){woken - late, woken, queued};
    heart.next_due += late + HEARTBEAT_NS;
}

static void *run(void *unused)
{
    pthread_mutex_lock(&heart.lock);
    while (!heart.stopping) {
        int64_t due = heart.next_due;
        pthread_mutex_unlock(&heart.lock);
        sleep_until(due);
        pthread_mutex_lock(&heart.lock);
        beat();
    }
    pthread_mutex_unlock(&heart.lock);
    return unused;
}

int heartbeat_start(Fault *fault)
{
    if (heart.running)
        return 0;
    sigset_t all, old;
    if (!heart.beats && !(heart.beats = calloc(SLOTS, sizeof *heart.beats)))
        abort();
    heart.stopping = false;
    heart.watched = probe_own_thread();
    heart.next_due = clock_mono_ns() + HEARTBEAT_NS;
    /* Signals are for the main thread: a thread inherits what is blocked. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&heart.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error)
        return fault_set(fault, "the heartbeat's thread can't be started: %s", strerror(error));
    heart.running = true;
    return 0;
}

void heartbeat_stop(void)
{
    if (!heart.running)
        return;
    pthread_mutex_lock(&heart.lock);
    heart.stopping = true;
    pthread_mutex_unlock(&heart.lock);
    pthread_join(heart.thread, NULL);
    heart.running = false;
}

/* How much of a lateness lies between the two instants. */
static int64_t overlap(Beat beat, int64_t from, int64_t to)
{
    int64_t begin = beat.due_ns > from ? beat.due_ns : from;
    int64_t end = beat.woken_ns < to ? beat.woken_ns : to;
    return end > begin ? end - begin : 0;
}

static int64_t longest_noted(int64_t from, int64_t to)
{
    int64_t longest = 0;
    uint64_t kept = heart.n < SLOTS ? heart.n : SLOTS;
    for (uint64_t i = 0; i < kept; i++) {
        Beat beat = heart.beats[(heart.n - 1 - i) % SLOTS];
        int64_t late = overlap(beat, from, to);
        if (late > longest)
            longest = late;
        if (beat.woken_ns < from)
            break;
    }
    return longest;
}

int64_t heartbeat_late_ns(int64_t from_ns, int64_t to_ns)
{
    if (!heart.beats)
        return 0;
    pthread_mutex_lock(&heart.lock);
    int64_t longest = longest_noted(from_ns, to_ns);
    if (heart.running) {
        int64_t late = clock_mono_ns() - heart.next_due, now = clock_real_ns();
        int64_t due = overlap((Beat){now - late, now, 0}, from_ns, to_ns);
        if (due > longest)
            longest = due;
    }
    pthread_mutex_unlock(&heart.lock);
    return longest;
}

/* What the last beat before an instant has noted; of the first one that is kept, if none is so old. */
static int64_t queued_before(int64_t instant_ns)
{
    uint64_t kept = heart.n < SLOTS ? heart.n : SLOTS;
    int64_t queued = 0;
    for (uint64_t i = 0; i < kept; i++) {
        Beat beat = heart.beats[(heart.n - 1 - i) % SLOTS];
        queued = beat.queued_ns;
        if (beat.woken_ns <= instant_ns)
            break;
    }
    return queued;
}

int64_t heartbeat_starved_ns(int64_t from_ns, int64_t to_ns)
{
    if (!heart.beats)
        return 0;
    pthread_mutex_lock(&heart.lock);
    int64_t starved = queued_before(to_ns) - queued_before(from_ns);
    pthread_mutex_unlock(&heart.lock);
    return starved;
}
