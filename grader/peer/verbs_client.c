/* What the clients do. A verb is done by `clients` of them, mostly one. */
#include "peer/player_parts.h"

#include <netinet/tcp.h>
#include <string.h>

#include "base/clock.h"

#define BLOCKED_NS (200 * NS_PER_MS)
#define STARVED_NS NS_PER_S
#define STALLED_NS (3 * NS_PER_S)
#define LOOK_NS    (20 * NS_PER_MS)
/* A connection that a full backlog can't take is tried again by the kernel a whole second later,
 * and 3 or 5 are what textbooks have. So a crowd comes in portions that find room, each when the
 * one before has been taken: the program sleeps again. Who never sleeps is waited for ONCE_NS each
 * time, of its own CPU time, until that is PATIENCE_NS in all. */
#define PACE_NS     NS_PER_MS
#define ONCE_NS     (4 * NS_PER_MS)
#define PATIENCE_NS (20 * NS_PER_MS)
#define FOR_EVER_NS NS_PER_S
enum { CROWD_UNKNOWN = 4, CROWD_MOST = 32 };
enum { NARROW_SEGMENT = 1460, WIDE_BUFFER = 1 << 17 };

static int end_of(const Step *step)
{
    return step->client + step->clients;
}

static const char *name_of(const Player *player, int client)
{
    return player->script->client_names[client];
}

/* --- connect --- */

/* Linux takes a queue for full when it holds more than the backlog: N has room for N + 1. */
static int crowd_of(const Player *player)
{
    int backlog = player->pid ? probe_backlog(player->pid, player->port) : -1;
    if (backlog < 0)
        return CROWD_UNKNOWN;
    return backlog < CROWD_MOST ? backlog + 1 : CROWD_MOST;
}

Progress begin_connect(Player *player, const Step *step)
{
    player->next_client = step->client;
    if (step->clients == 1)
        player->crowd_ns = 0; /* no crowd */
    else if (!player->crowd)
        player->crowd = crowd_of(player);
    return GOING;
}

/* The room on the program's side goes by the segments that its client announced. */
static void make_narrow(int fd, int buffer)
{
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &(int){NARROW_SEGMENT}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
}

static Progress start_connect(Player *player, int client)
{
    int fd = player_socket(player);
    if (fd < 0) {
        player_fail(player, "%s has no socket: %s", name_of(player, client),
                    player->observation->fault.text);
        return HOPELESS;
    }
    if (player->script->narrow)
        make_narrow(fd, player->script->narrow);
    Link *link =
        link_open(player->loop, fd, (struct sockaddr *)&player->address, player->address_len,
                  &player->observation->clients[client], player_link_moved, player);
    expected_init(&link->in, player->script, client, player->at);
    player->links[client] = link;
    return GOING;
}

static void refused(Player *player, int client)
{
    player_fail(player, "%s could not connect to %s:%d: %s", name_of(player, client),
                player->address_text, player->port, strerror(player->links[client]->connect_error));
}

/* How many of those begun are still under way; -1: one was refused. */
static int under_way(Player *player, const Step *step)
{
    int waiting = 0;
    for (int i = step->client; i < player->next_client; i++) {
        if (player->links[i]->connect_error) {
            refused(player, i);
            return -1;
        }
        waiting += !player->links[i]->connected;
    }
    return waiting;
}

static Progress start_some(Player *player, const Step *step, int most)
{
    for (int i = 0; i < most && player->next_client < end_of(step); i++) {
        if (start_connect(player, player->next_client) != GOING)
            return HOPELESS;
        player->next_client++;
    }
    player->crowd_ns = clock_mono_ns();
    player->crowd_cpu_ns = player->pid ? probe_cpu_ns(player->pid) : 0;
    return GOING;
}

/* Has the program had the time to take those who came last? */
static bool taken(Player *player, int64_t waited_ns)
{
    if (!player->crowd_ns)
        return true;
    if (player->pid && probe_asleep(player->pid)) {
        player_give(player, waited_ns - PACE_NS); /* for so long it had no core */
        return true;
    }
    bool patient = player->pid && player->waited_ns < PATIENCE_NS && waited_ns < FOR_EVER_NS;
    int64_t used_ns = patient ? probe_cpu_ns(player->pid) - player->crowd_cpu_ns : 0;
    if (waited_ns < PACE_NS || (patient && used_ns < ONCE_NS))
        return false;
    player->waited_ns += used_ns;
    return true;
}

/* How many may come now; 0: it must be asked again. */
static int due(Player *player, int waiting)
{
    int room = CROWD_MOST - waiting;
    if (room <= 0 || !taken(player, clock_mono_ns() - player->crowd_ns))
        return 0;
    int crowd = player->crowd ? player->crowd : 1;
    return crowd < room ? crowd : room;
}

Progress look_connect(Player *player, const Step *step)
{
    int waiting, most;
    while ((waiting = under_way(player, step)) >= 0 && player->next_client < end_of(step) &&
           (most = due(player, waiting)) > 0)
        if (start_some(player, step, most) != GOING)
            return HOPELESS;
    if (waiting < 0)
        return HOPELESS;
    if (player->next_client < end_of(step))
        player_look_in(player, PACE_NS);
    else if (waiting == 0)
        return DONE;
    return GOING;
}

Progress overdue_connect(Player *player, const Step *step)
{
    int first = -1, others = -1;
    char time[32];
    for (int i = step->client; i < end_of(step); i++) {
        if (player->links[i] && player->links[i]->connected)
            continue;
        first = first < 0 ? i : first;
        others++;
    }
    blame_who(player, first, others);
    player_fail(player, " could not connect within %s",
                blame_time(time, sizeof time, player_time_ns(step)));
    return HOPELESS;
}

/* --- send --- */

static void sample_before_data(Player *player)
{
    Observation *observation = player->observation;
    for (int i = 0; i < player->at; i++)
        if (player->script->steps[i].verb == VERB_SEND)
            return;
    if (player->pid)
        observation->cpu_before_data_ns = probe_cpu_ns(player->pid);
}

/* The end of the connection then travels in the segment of the last bytes: who looks for it first
 * sees both at once, each time, and not only when the two come while it was not looking. */
static bool closes_next(const Player *player, const Step *step)
{
    const Step *next = step + 1;
    return player->at + 1 < player->script->n_steps && next->verb == VERB_CLOSE &&
           next->client == step->client && next->clients == step->clients;
}

Progress begin_send(Player *player, const Step *step)
{
    bool more = closes_next(player, step);
    sample_before_data(player);
    for (int i = step->client; i < end_of(step); i++) {
        Payload payload;
        payload_init(&payload, step, i - step->client + 1);
        if (link_send_take(player->links[i], &payload, more)) {
            payload_release(&payload);
            return player_fail(player,
                               "%s could not send: it is still blocked by what it sent before",
                               name_of(player, i));
        }
    }
    return GOING;
}

/* The program sleeps because nothing has arrived: TCP itself has come to a stop between two small
 * buffers that are full, and goes on when one of its timers does. */
static bool is_stalled(const Player *player, const Link *link)
{
    return player->pid && probe_unread_bytes(player->pid, player->port, link_port(link)) == 0;
}

int64_t player_unsent(const Player *player)
{
    int64_t all = 0;
    for (int i = 0; i < player->script->n_clients; i++) {
        const Link *link = player->links[i];
        int64_t unsent = link && link->connected && link->paused ? probe_unsent_bytes(link->fd) : 0;
        all += unsent > 0 ? unsent : 0;
    }
    return all;
}

bool player_more_comes(const Player *player)
{
    for (int i = 0; i < player->script->n_clients; i++) {
        const Link *link = player->links[i];
        if (!link || !link->connected || !link->paused)
            continue;
        if ((link->sending && link_takes(link)) ||
            (probe_unsent_bytes(link->fd) > 0 && is_stalled(player, link)))
            return true;
    }
    return false;
}

/* Nothing went for a while, and not because we, the program or TCP could not move it on. */
static bool is_blocked(const Player *player, const Link *link)
{
    int64_t still_ns = clock_mono_ns() - link->progress_ns;
    bool idle = !player->pid || probe_asleep(player->pid);
    if (still_ns < BLOCKED_NS)
        return false;
    if (still_ns >= (int64_t)((double)(idle ? STALLED_NS : STARVED_NS) * clock_slow()))
        return true;
    return idle && !link_takes(link) && !is_stalled(player, link);
}

Progress look_send(Player *player, const Step *step)
{
    int first = -1, others = -1;
    bool waiting = false;
    for (int i = step->client; i < end_of(step); i++) {
        Link *link = player->links[i];
        waiting |= link->sending && !is_blocked(player, link);
        if (link->send_error) {
            first = first < 0 ? i : first;
            others++;
        }
    }
    if (first >= 0) {
        const Link *link = player->links[first];
        blame_who(player, first, others);
        return player_fail(player, " could not send: %s (%llu bytes had gone)",
                           strerror(link->send_error), (unsigned long long)link->sent);
    }
    player_look_in(player, LOOK_NS);
    return waiting ? GOING : DONE;
}

/* --- expect --- */

/* Nothing more can come for this step. */
static bool in_vain(const Player *player, int client)
{
    const Link *link = player->links[client];
    return expected_failed(&link->in, player->at) ||
           (link->ended && !expected_met(&link->in, player->at));
}

static void blame_all(Player *player, const Step *step, bool vain_only)
{
    int first = -1, others = -1;
    for (int i = step->client; i < end_of(step); i++) {
        if (expected_met(&player->links[i]->in, player->at) || (vain_only && !in_vain(player, i)))
            continue;
        first = first < 0 ? i : first;
        others++;
    }
    blame_expect(player, step, first, others);
}

Progress look_expect(Player *player, const Step *step)
{
    bool all = true;
    for (int i = step->client; i < end_of(step); i++) {
        all &= expected_met(&player->links[i]->in, player->at);
        if (in_vain(player, i)) {
            blame_all(player, step, true);
            return FAILED;
        }
    }
    return all ? DONE : GOING;
}

Progress overdue_expect(Player *player, const Step *step)
{
    blame_all(player, step, false);
    return FAILED;
}

Progress look_expect_end(Player *player, const Step *step)
{
    bool all = true;
    for (int i = step->client; i < end_of(step); i++) {
        if (player->links[i]->reset)
            return player_fail(player, "%s expected the end of the connection, got a reset",
                               name_of(player, i));
        all &= player->links[i]->ended;
    }
    return all ? DONE : GOING;
}

Progress overdue_expect_end(Player *player, const Step *step)
{
    int first = -1, others = -1;
    char time[32];
    for (int i = step->client; i < end_of(step); i++) {
        if (player->links[i]->ended)
            continue;
        first = first < 0 ? i : first;
        others++;
    }
    blame_who(player, first, others);
    return player_fail(player,
                       " expected the end of the connection within %s, and it is still open",
                       blame_time(time, sizeof time, player->limit_ns));
}

/* --- the rest --- */

Progress begin_half_close(Player *player, const Step *step)
{
    for (int i = step->client; i < end_of(step); i++)
        link_half_close(player->links[i]);
    return DONE;
}

Progress begin_closing(Player *player, const Step *step)
{
    for (int i = step->client; i < end_of(step); i++) {
        link_close(player->links[i], step->verb == VERB_RESET);
        player->links[i] = NULL;
    }
    return DONE;
}

Progress begin_pause_reading(Player *player, const Step *step)
{
    bool pause = step->verb == VERB_PAUSE_READING;
    for (int i = step->client; i < end_of(step); i++) {
        /* What piled up shall not come in a thousand round trips. */
        if (!pause && player->script->narrow && !player->cramped)
            setsockopt(player->links[i]->fd, SOL_SOCKET, SO_RCVBUF, &(int){WIDE_BUFFER},
                       sizeof(int));
        link_pause(player->links[i], pause);
    }
    return DONE;
}
