/* What is done to the program itself, and the times when it is left alone. */
#include "peer/player_parts.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"

#define LOOK_NS   (3 * NS_PER_MS)
#define ASLEEP_NS (6 * NS_PER_MS)
/* A watch goes on, so long each time and so long at most, until there is something to tell by. */
#define WATCH_ON_NS   (50 * NS_PER_MS)
#define WATCH_MOST_NS (2 * NS_PER_S)
#define READS_MOST_NS (10 * NS_PER_S) /* for a program that reads on, before a watch */
#define TELLS_NS      (20 * NS_PER_MS)
/* A sleep is that young, or that old, when it is interrupted; and how long that is waited for. */
#define JUST_NS      (15 * NS_PER_MS)
#define LASTING_NS   (130 * NS_PER_MS) /* longer than that of exercise 1 */
#define INTERRUPT_NS (400 * NS_PER_MS)
#define SETTLE_NS    (200 * NS_PER_MS) /* at most, before a watch */
#define STOPPED_NS   (20 * NS_PER_MS)  /* held at least */
#define STOP_NS      (500 * NS_PER_MS) /* for a stop to take hold, at most */
enum { ASLEEP_LOOKS = 3 };

Progress begin_settle(Player *player, const Step *step)
{
    player->asleep_looks = 0;
    player->resting = false;
    if (step->verb == VERB_WATCH) {
        player->deadline_ns = INT64_MAX; /* the time counts from when it has settled */
        player->watch = (Watch){.settled = false};
        player->unsent = player->fewer_ns = 0;
        if (player->pid)
            probe_sample(player->pid, &player->watch.before);
    }
    return GOING;
}

/* Asleep once may be chance: between two tries, or not yet woken. And who sleeps while more is on its
 * way to it has not come to the end of what it can do. */
static bool settled(Player *player)
{
    int64_t now = clock_mono_ns();
    if (!probe_asleep(player->pid) || player_more_comes(player))
        player->asleep_looks = 0;
    else if (player->asleep_looks++ == 0)
        player->asleep_since_ns = now;
    return player->asleep_looks >= ASLEEP_LOOKS && now - player->asleep_since_ns >= ASLEEP_NS;
}

Progress look_settle(Player *player, const Step *step)
{
    (void)step;
    if (settled(player))
        return DONE;
    player_look_in(player, LOOK_NS);
    return GOING;
}

Progress overdue_settle(Player *player, const Step *step)
{
    char time[32];
    player_remark(player, "not asleep within %s",
                  blame_time(time, sizeof time, player_time_ns(step)));
    return DONE;
}

static Progress rest(Player *player, int64_t ns)
{
    player->resting = true;
    player->rest_until_ns = clock_mono_ns() + ns;
    player_look_in(player, ns);
    return GOING;
}

static bool rested(Player *player)
{
    int64_t left = player->rest_until_ns - clock_mono_ns();
    if (left > 0)
        player_look_in(player, left);
    return left <= 0;
}

static Progress begin_watching(Player *player, const Step *step)
{
    Watch *watch = &player->watch;
    watch->start_ns = clock_real_ns();
    if (player->pid && probe_tree(player->pid, &watch->before))
        return player_fail(player, "the program can't be looked at any more");
    return rest(player, player_time_ns(step));
}

static void note_held(Player *player)
{
    for (int i = 0; i < player->script->n_clients; i++) {
        const Link *link = player->links[i];
        PeerClient *peer = &player->observation->clients[i];
        if (!link || !link->connected || !link->paused)
            continue;
        int64_t kernel = probe_kernel_bytes(player->pid, player->port, link_port(link));
        if (kernel >= 0)
            peer->held = (int64_t)peer->sent_total - (int64_t)peer->received_total - kernel;
    }
}

/* It neither slept nor used much: it waits for a core, and may want it for a moment or for ever. (Who
 * had gone to sleep just before has slept all the time, and that adds no switch.) */
static bool undecided(const Player *player)
{
    const Watch *watch = &player->watch;
    int64_t used = watch->after.cpu_ns + watch->after.children_ns - watch->before.cpu_ns -
                   watch->before.children_ns;
    return !watch->settled && watch->after.switches == watch->before.switches && used < TELLS_NS &&
           watch->after.mono_ns - watch->before.mono_ns < WATCH_MOST_NS &&
           !probe_asleep(player->pid);
}

static Progress end_watching(Player *player)
{
    Watch *watch = &player->watch;
    Observation *observation = player->observation;
    /* Now, and not when the program has been looked at: a tracer tells of a call's end a little too
     * early (it counts from when it has printed the arguments), and the next step ends a sleep. */
    watch->end_ns = clock_real_ns();
    if (!player->pid) {
        player_remark(player, "only waited: the program's process is not known");
        return DONE;
    }
    if (probe_tree(player->pid, &watch->after))
        return player_fail(player, "the program can't be looked at any more");
    if (undecided(player)) {
        player->put_off_ns += WATCH_ON_NS;
        return rest(player, WATCH_ON_NS);
    }
    note_held(player);
    if (!watch->settled)
        player_remark(player, "it was not asleep when the watch began");
    observation->watches[observation->n_watches++] = *watch;
    return DONE;
}

/* Has it slept while we waited for it to settle? Then it still works off what has come, at each pause of
 * who sends (where cores are scarce that takes seconds, in small pieces), or naps between two tries for
 * ever. Not told under a tracer: there each call is a sleep. */
static bool slept_meanwhile(const Player *player)
{
    ProbeSample now;
    return player->script->untraced && probe_sample(player->pid, &now) == 0 &&
           now.switches > player->watch.before.switches;
}

/* Has what is on its way to it become less, within so long? Then it reads, and does not spin. */
static bool reads_on(Player *player, int64_t within)
{
    int64_t unsent = player_unsent(player), now = clock_mono_ns();
    if (unsent < player->unsent)
        player->fewer_ns = now;
    player->unsent = unsent;
    return now - player->fewer_ns < within;
}

/* Who has not slept in as long as it will be watched is not about to. Who has, or reads on, or is
 * yet to get something, is awaited longer. */
static bool settles_never(Player *player, const Step *step)
{
    int64_t limit = (int64_t)((double)SETTLE_NS * clock_slow());
    int64_t waited = clock_mono_ns() - player->begun_ns;
    if (limit > player_time_ns(step))
        limit = player_time_ns(step);
    bool reads = reads_on(player, limit);
    if (waited < limit || (waited < READS_MOST_NS && reads) ||
        (waited < WATCH_MOST_NS && (slept_meanwhile(player) || player_more_comes(player))))
        return false;
    if (waited > limit)
        player->put_off_ns += waited - limit;
    return true;
}

Progress look_watch(Player *player, const Step *step)
{
    if (player->resting)
        return rested(player) ? end_watching(player) : GOING;
    if (!player->pid)
        return begin_watching(player, step);
    player->watch.settled = settled(player);
    if (player->watch.settled || settles_never(player, step))
        return begin_watching(player, step);
    player_look_in(player, LOOK_NS);
    return GOING;
}

Progress look_pause(Player *player, const Step *step)
{
    (void)step;
    return player->gone ? DONE : GOING;
}

static Progress send_signal(Player *player, int number)
{
    if (player->pid <= 0)
        return player_fail(player, "whom to signal is not known"); /* 0 would be ourselves */
    if (kill(player->pid, number) == 0)
        return DONE;
    return player_fail(player, "the signal could not be sent: %s", strerror(errno));
}

Progress begin_cramp(Player *player, const Step *step)
{
    (void)step;
    player->cramped = true;
    if (probe_cramp_listeners(player->pid))
        player_remark(player, "the program's send buffers can't be made small from here: "
                              "what it owes may go in one part");
    return DONE;
}

Progress begin_interrupt(Player *player, const Step *step)
{
    (void)step;
    player->resting = false;
    player->sleep = (Sleep){.looked_ns = 0};
    return GOING;
}

/* What is to be interrupted is the sleep, and of a short one its beginning: at its end the signal
 * would come too late. A sleep that lasts is as good at any time; who never sleeps is interrupted
 * all the same. */
static bool asleep_at_last(Player *player)
{
    Sleep *last = &player->sleep;
    ProbeSample sample;
    int64_t now = clock_mono_ns(), limit = (int64_t)((double)INTERRUPT_NS * clock_slow());
    bool known = probe_sample(player->pid, &sample) == 0, asleep = probe_asleep(player->pid);
    bool other = !last->looked_ns || !last->asleep || (known && sample.switches != last->number);
    bool just_begun = other && last->looked_ns && now - last->looked_ns < JUST_NS;
    if (other)
        last->since_ns = now;
    last->asleep = asleep;
    last->number = known ? sample.switches : 0;
    last->looked_ns = now;
    if (asleep && (just_begun || now - last->since_ns >= LASTING_NS))
        return true;
    if (now - player->begun_ns >= limit)
        return true;
    player_look_in(player, LOOK_NS);
    return false;
}

static Progress interrupt(Player *player)
{
    if (probe_handles(player->pid, SIGUSR1))
        return send_signal(player, SIGUSR1);
    Progress progress = send_signal(player, SIGSTOP);
    return progress == DONE ? rest(player, STOPPED_NS) : progress;
}

/* Where cores are scarce, a stop takes hold late: what is sent meanwhile would come to a
 * program that still runs, and a SIGCONT would take the stop back. */
static bool stop_holds(Player *player)
{
    int64_t limit = (int64_t)((double)STOP_NS * clock_slow());
    if (probe_stopped(player->pid) || clock_mono_ns() - player->begun_ns >= limit)
        return true;
    player_look_in(player, LOOK_NS);
    return false;
}

Progress look_interrupt(Player *player, const Step *step)
{
    (void)step;
    if (!player->resting)
        return asleep_at_last(player) ? interrupt(player) : GOING;
    return rested(player) && stop_holds(player) ? send_signal(player, SIGCONT) : GOING;
}

Progress begin_signal(Player *player, const Step *step)
{
    Progress progress = send_signal(player, step->signal);
    return progress == DONE && step->signal == SIGSTOP ? GOING : progress;
}

Progress look_signal(Player *player, const Step *step)
{
    (void)step; /* only a stop is waited for */
    return stop_holds(player) ? DONE : GOING;
}

Progress look_exit(Player *player, const Step *step)
{
    (void)step;
    return player->gone ? DONE : GOING;
}

Progress overdue_exit(Player *player, const Step *step)
{
    char time[32];
    /* What is told of its end is that of the sandbox around it, which may want a core for that. */
    if (player->pid > 0 && probe_ended(player->pid))
        return DONE;
    return player_fail(player, "the program was still running after %s, expected it to exit",
                       blame_time(time, sizeof time, player_time_ns(step)));
}
