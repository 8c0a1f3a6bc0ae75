#include "peer/player_parts.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "heartbeat.h"
#include "wake.h"

enum { MESSAGE_MOST = 1024 };
#define GIVEN_NS   (30 * NS_PER_S) /* and that is given without a deadline's being over */
#define PUT_OFF_NS (60 * NS_PER_S) /* of a scenario, that its deadlines put off count for */

static void on_timer(uv_timer_t *timer);

const VerbPlay verb_plays[VERBS] = {
    [VERB_CONNECT] = {begin_connect, look_connect, overdue_connect, false, false},
    [VERB_SEND] = {begin_send, look_send, NULL, false, false},
    [VERB_EXPECT] = {NULL, look_expect, overdue_expect, false, false},
    [VERB_EXPECT_END] = {NULL, look_expect_end, overdue_expect_end, false, false},
    [VERB_HALF_CLOSE] = {begin_half_close, NULL, NULL, false, false},
    [VERB_CLOSE] = {begin_closing, NULL, NULL, false, false},
    [VERB_RESET] = {begin_closing, NULL, NULL, false, false},
    [VERB_PAUSE_READING] = {begin_pause_reading, NULL, NULL, false, false},
    [VERB_RESUME_READING] = {begin_pause_reading, NULL, NULL, false, false},
    [VERB_SETTLE] = {begin_settle, look_settle, overdue_settle, true, true},
    [VERB_WATCH] = {begin_settle, look_watch, NULL, true, false},
    [VERB_PAUSE] = {NULL, look_pause, NULL, false, false},
    [VERB_CRAMP] = {begin_cramp, NULL, NULL, true, true},
    [VERB_INTERRUPT] = {begin_interrupt, look_interrupt, NULL, true, true},
    [VERB_SIGNAL] = {begin_signal, look_signal, NULL, true, true},
    [VERB_EXIT] = {NULL, look_exit, overdue_exit, false, true},
};

/* --- for the verbs --- */

Progress player_fail(Player *player, const char *format, ...)
{
    char text[MESSAGE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_str(&player->message, text);
    return FAILED;
}

void player_remark(Player *player, const char *format, ...)
{
    char text[MESSAGE_MOST];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_str(&player->message, text);
}

void player_look_in(Player *player, int64_t ns)
{
    player->look_ns = clock_mono_ns() + ns;
}

int64_t player_time_ns(const Step *step)
{
    return (int64_t)((double)step->time_ns * clock_slow());
}

void player_give(Player *player, int64_t ns)
{
    int64_t left = GIVEN_NS - player->given_ns;
    ns = ns < left ? ns : left;
    if (ns <= 0)
        return;
    player->given_ns += ns;
    if (player->deadline_ns != INT64_MAX)
        player->deadline_ns += ns;
}

/* --- from step to step --- */

static const Step *current(const Player *player)
{
    return &player->script->steps[player->at];
}

static char *with_place(const Player *player, const char *text)
{
    const char *name = player->observation->scenario;
    char place[200];
    return x_printf(
        "%s: %s", script_place(place, sizeof place, name ? name : "script", current(player)->line),
        text);
}

static void sample_cpu(Player *player)
{
    int64_t cpu = player->pid && !player->gone ? probe_cpu_ns(player->pid) : -1;
    if (cpu >= 0)
        player->observation->cpu_last_ns = cpu;
}

static PeerStep *note(Player *player)
{
    return &player->observation->steps[player->at];
}

static void finish_step(Player *player, Progress progress)
{
    PeerStep *step = note(player);
    player_give_back(player);
    step->ok = progress == DONE;
    step->end_ns = clock_real_ns();
    step->late_ns = heartbeat_late_ns(step->start_ns, step->end_ns);
    if (player->message.len)
        step->message =
            step->ok ? x_strdup(player->message.data) : with_place(player, player->message.data);
    sample_cpu(player);
    player_note_answers(player, progress);
    player->begun = false;
    player->at++;
    if (progress == HOPELESS || player->at == player->script->n_steps)
        player->over = true;
}

static Progress look(Player *player)
{
    const VerbPlay *play = &verb_plays[current(player)->verb];
    player->look_ns = 0;
    if (play->needs_program && player->gone)
        return player_fail(player, "the program has ended");
    return play->look ? play->look(player, current(player)) : DONE;
}

static Progress begin_step(Player *player)
{
    const Step *step = current(player);
    const VerbPlay *play = &verb_plays[step->verb];
    player_note_held_up(player); /* first: it takes its time */
    player->begun = true;
    player->begun_ns = clock_mono_ns();
    player->limit_ns = player_limit_ns(player, step);
    player->deadline_ns = step->time_ns ? player->begun_ns + player->limit_ns : INT64_MAX;
    player->over_time = player->last_turn = false;
    player->step_cpu_ns = player_cpu_ns(player);
    player->excused_ns = 0;
    player->look_ns = 0;
    buf_clear(&player->message);
    if (player->hooks.step)
        player->hooks.step(player->hooks.context, player->script, step);
    *note(player) = (PeerStep){.verb = verb_name(step->verb),
                               .line = step->line,
                               .client = step->client,
                               .start_ns = clock_real_ns()};
    player->observation->n_steps = player->at + 1;
    if (play->needs_pid && !player->pid) {
        player_remark(player, "passed over: the program's process is not known");
        return DONE;
    }
    if (play->needs_program && player->gone)
        return player_fail(player, "the program has ended");
    Progress progress = play->begin ? play->begin(player, step) : GOING;
    return progress == GOING ? look(player) : progress;
}

/* The time is over. What the machine was late by is given once more. Then the loop has one more
 * turn: who had no core ourselves has not read yet what came in time. */
static Progress at_deadline(Player *player)
{
    const VerbPlay *play = &verb_plays[current(player)->verb];
    if (!play->overdue)
        return DONE;
    int64_t late = player_unanswered(player) ? player_own_late_ns(player) : player_late_ns(player);
    if (late > player->excused_ns) {
        player->deadline_ns += late - player->excused_ns;
        player->put_off_ns += late - player->excused_ns;
        player->excused_ns = late;
        player->last_turn = false;
        if (clock_mono_ns() < player->deadline_ns)
            return GOING;
    }
    if (!player->last_turn) {
        player->last_turn = true;
        return GOING;
    }
    player->over_time = true;
    return play->overdue(player, current(player));
}

static void arm(Player *player)
{
    if (player->last_turn) {
        if (!uv_is_active((uv_handle_t *)&player->timer))
            wake_in(&player->timer, on_timer, 0);
        return;
    }
    int64_t at = player->deadline_ns;
    if (player->look_ns && player->look_ns < at)
        at = player->look_ns;
    if (at == INT64_MAX) {
        uv_timer_stop(&player->timer);
        return;
    }
    wake_at(&player->timer, on_timer, at);
}

static void count_unplayed(Player *player)
{
    for (int i = player->at; i < player->script->n_steps; i++) {
        const Step *step = &player->script->steps[i];
        for (int client = step->client; client < step->client + step->clients; client++)
            player->observation->clients[client].unplayed++;
    }
}

static void end_play(Player *player)
{
    count_unplayed(player);
    uv_timer_stop(&player->timer);
    player->over = true;
    /* What comes later is the end of the program, not of the play. */
    for (int i = 0; i < player->script->n_clients; i++)
        if (player->links[i])
            link_leave(player->links[i]);
    if (player->hooks.done) {
        void (*done)(void *) = player->hooks.done;
        player->hooks.done = NULL;
        done(player->hooks.context);
    }
}

/* `timed`: called by the timer, which alone tells that a time is over. */
static void advance(Player *player, bool timed)
{
    while (!player->over && !player->stopped) {
        Progress progress = player->begun ? look(player) : begin_step(player);
        if (progress == GOING && timed && clock_mono_ns() >= player->deadline_ns)
            progress = at_deadline(player);
        if (progress == GOING) {
            arm(player);
            return;
        }
        finish_step(player, progress);
    }
    if (player->begun) {
        player_fail(player, "the time for the whole scenario was over");
        finish_step(player, FAILED);
    }
    end_play(player);
}

static void on_timer(uv_timer_t *timer)
{
    advance(timer->data, true);
}

void player_link_moved(void *context)
{
    Player *player = context;
    if (!player->over && player->begun)
        advance(player, false);
}

/* --- the outside --- */

static void set_address(Player *player, const char *address, int port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&player->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&player->address;
    snprintf(player->address_text, sizeof player->address_text, "%s", address);
    player->port = port;
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        player->address_len = sizeof *v6;
        return;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &v4->sin_addr) != 1)
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    player->address_len = sizeof *v4;
}

static void make_notes(const Script *script, Observation *observation)
{
    size_t watches = 0;
    for (int i = 0; i < script->n_steps; i++)
        watches += script->steps[i].verb == VERB_WATCH;
    observation->steps = x_calloc((size_t)script->n_steps, sizeof *observation->steps);
    observation->watches = x_calloc(watches, sizeof *observation->watches);
    observation->clients = x_calloc((size_t)script->n_clients, sizeof *observation->clients);
    observation->n_clients = script->n_clients;
    for (int i = 0; i < script->n_clients; i++) {
        buf_init(&observation->clients[i].sent, LINK_KEPT);
        buf_init(&observation->clients[i].received, LINK_KEPT);
        observation->clients[i].held = -1;
    }
}

Player *player_start(uv_loop_t *loop, const Script *script, const char *address, int port,
                     pid_t pid, Observation *observation, const PlayerHooks *hooks)
{
    Player *player = x_calloc(1, sizeof *player);
    *player = (Player){
        .loop = loop, .script = script, .observation = observation, .hooks = *hooks, .pid = pid};
    player->links = x_calloc((size_t)script->n_clients, sizeof *player->links);
    buf_init(&player->message, MESSAGE_MOST);
    set_address(player, address, port);
    make_notes(script, observation);
    player->timer.data = player;
    uv_timer_init(loop, &player->timer);
    uv_timer_start(&player->timer, on_timer, 0, 0);
    return player;
}

static void wake(Player *player)
{
    if (!player->over)
        uv_timer_start(&player->timer, on_timer, 0, 0);
}

void player_program_ended(Player *player)
{
    player->gone = true;
    wake(player);
}

/* The step that goes on just now has a deadline of its own, which is put off in the same way when it
 * comes: what that will be, as it looks now, is in it. */
int64_t player_given_ns(Player *player)
{
    int64_t most = (int64_t)((double)PUT_OFF_NS * clock_slow());
    int64_t put_off = player->put_off_ns;
    if (player->begun && !player->over) {
        int64_t late = player_late_ns(player) - player->excused_ns;
        put_off += late > 0 ? late : 0;
    }
    return player->given_ns + (put_off < most ? put_off : most);
}

void player_stop(Player *player)
{
    player->stopped = true;
    wake(player);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void player_free(Player *player)
{
    if (!player)
        return;
    for (int i = 0; i < player->script->n_clients; i++)
        if (player->links[i])
            link_close(player->links[i], false);
    while (player->next_fd < player->n_fds)
        close(player->fds[player->next_fd++]);
    free(player->fds);
    free(player->links);
    buf_release(&player->message);
    player->over = true;
    uv_close((uv_handle_t *)&player->timer, on_closed);
}
