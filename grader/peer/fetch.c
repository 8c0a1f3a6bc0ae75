/* Sockets for the connects to come, made where the program can be reached. */
#include "peer/player_parts.h"

#include "base/clock.h"

enum { SOCKETS_AT_ONCE = SCRIPT_CLIENTS };

static int connects_ahead(const Player *player)
{
    int count = 0;
    for (int i = player->at; i < player->script->n_steps; i++)
        if (player->script->steps[i].verb == VERB_CONNECT)
            count += player->script->steps[i].clients;
    return count < SOCKETS_AT_ONCE ? count : SOCKETS_AT_ONCE;
}

/* All sockets of a script in one call, since each costs a process; in
 * portions where a script connects thousands of times. What that takes is not the program's. */
static int fetch_sockets(Player *player)
{
    int count = connects_ahead(player);
    int64_t before = clock_mono_ns();
    player->fds = x_realloc(player->fds, (size_t)count * sizeof *player->fds);
    player->n_fds = player->next_fd = 0;
    if (player->hooks.sockets(player->hooks.context, count, player->fds,
                              &player->observation->fault))
        return -1;
    player->n_fds = count;
    player_give(player, clock_mono_ns() - before);
    return 0;
}

int player_socket(Player *player)
{
    if (player->next_fd == player->n_fds && fetch_sockets(player))
        return -1;
    return player->fds[player->next_fd++];
}
