/* Whether anybody is ever answered, and what time is given to whom nobody was. */
#include "peer/player_parts.h"

#include "base/clock.h"

#define GLANCE_NS (250 * NS_PER_MS)

static bool heard_anything(const Player *player)
{
    for (int i = 0; i < player->script->n_clients; i++)
        if (player->links[i] && player->links[i]->heard_ns)
            return true;
    return false;
}

/* Who has not answered the first that asked, in all of its time, here or in another play, and never
 * anybody since, is given a glance by the others: many clients would take minutes otherwise, and
 * tell no more. */
bool player_unanswered(const Player *player)
{
    const Answers *all = player->hooks.answers;
    bool none = player->unanswered || (all && all->none);
    return none && !(all && all->any) && !heard_anything(player);
}

int64_t player_limit_ns(const Player *player, const Step *step)
{
    bool waits =
        step->verb == VERB_EXPECT || step->verb == VERB_EXPECT_END || step->verb == VERB_SETTLE;
    int64_t time = player_time_ns(step), least = (int64_t)((double)GLANCE_NS * clock_slow());
    return waits && time > least && player_unanswered(player) ? least : time;
}

void player_note_answers(Player *player, Progress progress)
{
    Answers *all = player->hooks.answers;
    bool heard = heard_anything(player);
    if (all)
        all->any |= heard;
    if (!player->over_time || progress != FAILED ||
        player->script->steps[player->at].verb != VERB_EXPECT || heard)
        return;
    player->unanswered = true;
    if (all)
        all->none = true;
}
