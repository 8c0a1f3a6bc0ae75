#include "peer/solo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "heartbeat.h"
#include "peer/player.h"

enum { HEARD_LINES = 4, LOOK_MS = 5, TEXT_COLUMN = 36, NOT_WANTED = 1, BAD_SCRIPT = 2, OURS = 3 };

typedef struct Solo {
    FILE *out;
    uv_loop_t loop;
    uv_timer_t look;
    Script script;
    const char *text; /* of the script */
    Observation observation;
    Player *player;
    pid_t pid;
    int64_t begun_ns;
    int shown;       /* steps whose result is printed */
    uint64_t *heard; /* bytes of each client that are printed */
} Solo;

/* --- what is printed --- */

static void print_clean(Solo *solo, const char *text, size_t len)
{
    Buf clean;
    buf_init(&clean, 4096);
    text_clean(&clean, text, len);
    fputs(clean.data, solo->out);
    buf_release(&clean);
}

/* Line `line` of the script without its blanks at both ends; returns its columns. */
static int print_line(Solo *solo, int line)
{
    const char *from = solo->text;
    while (--line > 0)
        from = strchr(from, '\n') + 1;
    from += strspn(from, " \t");
    size_t len = strcspn(from, "\n");
    while (len > 0 && strchr(" \t\r", from[len - 1]))
        len--;
    print_clean(solo, from, len);
    return (int)len;
}

static void print_watch(Solo *solo)
{
    const Watch *watch = &solo->observation.watches[solo->observation.n_watches - 1];
    double s = (double)(watch->after.mono_ns - watch->before.mono_ns) / (double)NS_PER_S;
    if (s > 0)
        fprintf(solo->out, "; %.1f %% of a core and %.1f wake-ups a second",
                (double)(watch->after.cpu_ns - watch->before.cpu_ns) / 1e7 / s,
                (double)(watch->after.switches - watch->before.switches) / s);
}

static void print_result(Solo *solo, const PeerStep *step)
{
    fprintf(solo->out, "%s", step->ok ? "ok" : "FAILED");
    if (step->ok && step->end_ns - step->start_ns >= NS_PER_MS)
        fprintf(solo->out, " after %lld ms",
                (long long)((step->end_ns - step->start_ns) / NS_PER_MS));
    if (step->ok && strcmp(step->verb, "watch") == 0 && solo->observation.n_watches > 0)
        print_watch(solo);
    if (step->message) {
        fputs(step->ok ? " (" : "\n               ", solo->out);
        print_clean(solo, step->message, strlen(step->message));
        fputs(step->ok ? ")" : "", solo->out);
    }
    fputc('\n', solo->out);
}

/* What a client got since the last step; the first bytes of it where they are kept. */
static void print_heard(Solo *solo, int i)
{
    const PeerClient *client = &solo->observation.clients[i];
    uint64_t from = solo->heard[i], n = client->received_total - from;
    Buf quoted;
    buf_init(&quoted, 512);
    if (from < client->received.len)
        text_quote(&quoted, client->received.data + from, client->received.len - (size_t)from, 48);
    fprintf(solo->out, "               %s got %llu byte%s%s%s%s\n", solo->script.client_names[i],
            (unsigned long long)n, n == 1 ? "" : "s", quoted.len ? ": \"" : "", quoted.data,
            quoted.len ? "\"" : "");
    buf_release(&quoted);
    solo->heard[i] = client->received_total;
}

static void print_results(Solo *solo)
{
    const Observation *o = &solo->observation;
    for (; solo->shown < o->n_steps && o->steps[solo->shown].end_ns; solo->shown++)
        print_result(solo, &o->steps[solo->shown]);
    int lines = 0;
    for (int i = 0; i < o->n_clients; i++) {
        if (o->clients[i].received_total <= solo->heard[i])
            continue;
        if (lines++ < HEARD_LINES)
            print_heard(solo, i);
        solo->heard[i] = o->clients[i].received_total; /* or it would be told of a later step */
    }
    if (lines > HEARD_LINES)
        fprintf(solo->out, "               and %d more got something\n", lines - HEARD_LINES);
}

static void on_step(void *context, const Script *script, const Step *step)
{
    Solo *solo = context;
    (void)script;
    print_results(solo);
    fprintf(solo->out, "%4d  %7.3f  ", step->line,
            (double)(clock_mono_ns() - solo->begun_ns) / 1e9);
    int columns = print_line(solo, step->line);
    fprintf(solo->out, "%*s  ", columns < TEXT_COLUMN ? TEXT_COLUMN - columns : 0, "");
    fflush(solo->out);
}

static void print_head(Solo *solo, int port)
{
    print_clean(solo, solo->script.title, strlen(solo->script.title));
    fprintf(solo->out, "\n");
    if (solo->pid)
        fprintf(solo->out, "process %d listens on port %d\n", (int)solo->pid, port);
    else
        fprintf(solo->out,
                "no process is seen to listen on port %d: settle, watch, interrupt, signal "
                "and exit are passed over\n",
                port);
    if (solo->script.has_second_argument)
        fprintf(solo->out, "it is meant for a program that was started with the arguments %d %d\n",
                port, solo->script.second_argument);
    if (solo->script.burn_ns || solo->script.descriptors)
        fprintf(solo->out, "burn and limit are done by grader run alone\n");
    fprintf(solo->out, "\n");
}

static int print_end(Solo *solo)
{
    const PeerStep *failed = observation_failed_step(&solo->observation);
    print_results(solo);
    if (!failed) {
        fprintf(solo->out,
                "\nall %d steps went as the script wants; what the grader judges besides (exit "
                "status,\nsystem calls, CPU time, what is owed) is not looked at here\n",
                solo->script.n_steps);
        return 0;
    }
    if (strcmp(failed->verb, "connect") == 0 && !solo->pid) {
        fprintf(solo->out, "\nis the program running? start it in another terminal first\n");
        return OURS;
    }
    fprintf(solo->out, "\nnot as the script wants, first at line %d\n", failed->line);
    return NOT_WANTED;
}

/* --- playing --- */

static int make_sockets(void *context, int count, int *fds, Fault *fault)
{
    (void)context;
    for (int i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (fds[i] >= 0 && fcntl(fds[i], F_SETFD, FD_CLOEXEC) == 0)
            continue;
        fault_errno(fault, "no socket number %d can be had", i + 1);
        while (i >= 0)
            close(fds[i--]);
        return -1;
    }
    return 0;
}

static void on_done(void *context)
{
    Solo *solo = context;
    uv_close((uv_handle_t *)&solo->look, NULL);
    uv_stop(&solo->loop); /* clients are still connected */
}

static void on_look(uv_timer_t *timer)
{
    Solo *solo = timer->data;
    if (solo->pid && probe_ended(solo->pid)) {
        player_program_ended(solo->player);
        uv_timer_stop(timer);
    }
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int play(Solo *solo, int port, FILE *err)
{
    PlayerHooks hooks = {
        .sockets = make_sockets, .done = on_done, .step = on_step, .context = solo};
    Fault fault = {{0}};
    if (heartbeat_start(&fault) || uv_loop_init(&solo->loop) < 0) {
        fprintf(err, "%s\n", fault.text[0] ? fault.text : "no event loop can be had");
        return OURS;
    }
    raise_descriptors();
    solo->heard = x_calloc((size_t)solo->script.n_clients, sizeof *solo->heard);
    solo->pid = probe_who_listens(port);
    print_head(solo, port);
    solo->begun_ns = clock_mono_ns();
    uv_timer_init(&solo->loop, &solo->look);
    solo->look.data = solo;
    uv_timer_start(&solo->look, on_look, LOOK_MS, LOOK_MS);
    solo->player = player_start(&solo->loop, &solo->script, "127.0.0.1", port, solo->pid,
                                &solo->observation, &hooks);
    uv_run(&solo->loop, UV_RUN_DEFAULT);
    int status = print_end(solo);
    if (solo->observation.fault.text[0]) {
        fprintf(err, "%s\n", solo->observation.fault.text);
        status = OURS;
    }
    player_free(solo->player);
    uv_run(&solo->loop, UV_RUN_DEFAULT);
    uv_loop_close(&solo->loop);
    free(solo->heard);
    return status;
}

static int read_script(const char *path, Buf *text, Fault *fault)
{
    FILE *file = fopen(path, "re");
    char piece[4096];
    size_t n;
    if (!file)
        return fault_errno(fault, "%s", path);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(text, piece, n);
    int error = ferror(file);
    fclose(file);
    return error ? fault_errno(fault, "%s", path) : 0;
}

int solo_play(const char *path, int port, FILE *out, FILE *err)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    Solo solo = {.out = out};
    Fault fault = {{0}};
    Buf text;
    buf_init(&text, SCRIPT_BYTES + 1);
    int status = BAD_SCRIPT;
    if (read_script(path, &text, &fault) == 0 &&
        script_parse(&solo.script, name, text.data, text.len, &fault) == 0) {
        solo.text = text.data;
        observation_init(&solo.observation, name);
        status = play(&solo, port, err);
        observation_release(&solo.observation);
        script_release(&solo.script);
    } else {
        fprintf(err, "%s\n", fault.text);
    }
    buf_release(&text);
    return status;
}
