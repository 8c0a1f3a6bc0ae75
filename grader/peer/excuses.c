/* For what a step may take longer than its time: the machine, and what is on its way. */
#include "peer/player_parts.h"

#include "base/clock.h"
#include "heartbeat.h"

enum { EXCUSES_MOST = 10 };             /* times the step's own time */
#define GIVEN_BACK_NS (50 * NS_PER_MS)  /* a step that is worth the look at what held it up */
#define NOTED_NS      (100 * NS_PER_MS) /* for so long a look at that is good enough */

static const Step *step_of(const Player *player)
{
    return &player->script->steps[player->at];
}

/* No excuse is longer than so many times the step. */
static int64_t bounded(const Player *player, int64_t ns)
{
    int64_t most = EXCUSES_MOST * player_time_ns(step_of(player));
    return ns < 0 ? 0 : ns < most ? ns : most;
}

/* An expect's time is that of a silence: for how long something has come on, at most twice as long
 * as that. Many small parts, each of which needs both sides to have a core, take their time. */
static int64_t moving_ns(const Player *player)
{
    const Step *step = step_of(player);
    int64_t heard = 0, most = 2 * player_time_ns(step);
    for (int i = step->client; step->verb == VERB_EXPECT && i < step->client + step->clients; i++)
        if (player->links[i] && player->links[i]->heard_ns > heard)
            heard = player->links[i]->heard_ns;
    heard -= player->begun_ns;
    return heard < 0 ? 0 : heard < most ? heard : most;
}

/* With its tracer, for which a program that makes many calls waits more than for a core. */
int64_t player_cpu_ns(const Player *player)
{
    if (!player->pid || player->gone)
        return -1;
    return player->hooks.used_ns ? player->hooks.used_ns(player->hooks.context)
                                 : probe_cpu_ns(player->pid);
}

/* A program that is awake at the last moment and had no core for most of the step: that much of
 * it. Whoever sleeps has had its time, and who spins on a machine that is free has had a core. */
static int64_t starved_ns(const Player *player)
{
    int64_t cpu = player_cpu_ns(player);
    if (cpu < 0 || player->step_cpu_ns < 0 || probe_asleep(player->pid))
        return 0;
    return bounded(player, clock_mono_ns() - player->begun_ns - (cpu - player->step_cpu_ns));
}

/* Does it take our part, too: clients that come, bytes that go to and fro? What was sent before it
 * began is on its way without us, and what has come of it is read before its time is over. */
static bool takes_both(const Player *player)
{
    const Step *step = step_of(player);
    for (int i = step->client; i < step->client + step->clients; i++) {
        const Link *link = player->links[i];
        if (step->verb == VERB_CONNECT ||
            (link && (link->heard_ns > player->begun_ns || link->progress_ns > player->begun_ns)))
            return true;
    }
    return false;
}

static int64_t start_of(const Player *player)
{
    return player->observation->steps[player->at].start_ns;
}

/* How long we had no core ourselves, who send what is to be answered and read what was. */
static int64_t own_wait_ns(const Player *player)
{
    if (!takes_both(player))
        return 0;
    return bounded(player, heartbeat_starved_ns(start_of(player), clock_real_ns()));
}

static int64_t beat_late_ns(const Player *player)
{
    return heartbeat_late_ns(start_of(player), clock_real_ns());
}

int64_t player_own_late_ns(const Player *player)
{
    return beat_late_ns(player) + own_wait_ns(player);
}

int64_t player_step_late_ns(Player *player)
{
    int64_t late = beat_late_ns(player), starved = starved_ns(player);
    return (late > starved ? late : starved) + own_wait_ns(player);
}

static int64_t held_up_so_far(Player *player)
{
    return player->hooks.held_up_ns ? player->hooks.held_up_ns(player->hooks.context) : 0;
}

/* A look into some twenty files, for steps that mostly take no time: not at each of them. */
void player_note_held_up(Player *player)
{
    int64_t now = clock_mono_ns();
    if (player->held_up_noted_ns && now - player->held_up_noted_ns < NOTED_NS)
        return;
    player->held_up_noted_ns = now;
    player->held_up_ns = held_up_so_far(player);
}

int64_t player_late_ns(Player *player)
{
    int64_t late = player_step_late_ns(player), moving = moving_ns(player);
    int64_t held_up = bounded(player, held_up_so_far(player) - player->held_up_ns);
    late = late > moving ? late : moving;
    held_up += own_wait_ns(player);
    return late > held_up ? late : held_up;
}

/* A scenario of many short steps, none of which is over its time, is late by all of them. */
void player_give_back(Player *player)
{
    if (clock_mono_ns() - player->begun_ns < GIVEN_BACK_NS)
        return;
    int64_t late = player_step_late_ns(player);
    if (late > player->excused_ns)
        player->put_off_ns += late - player->excused_ns;
}
