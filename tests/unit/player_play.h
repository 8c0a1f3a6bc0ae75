/*
 * One play of a script against a small server: a child of the test, on
 * loopback. The servers that several tests need stand here, too.
 */
#ifndef TESTS_UNIT_PLAYER_PLAY_H
#define TESTS_UNIT_PLAYER_PLAY_H

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heartbeat.h"
#include "peer/player.h"
#include "probe.h"

/* --- servers: each runs in a child, with its listener --- */

typedef void (*Serve)(int listener);

static inline int take(int listener)
{
    return accept(listener, NULL, NULL);
}

static inline void put(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

/* Any number of clients; what a client sends comes back; ends with its last client. */
static inline void serve_echo(int listener)
{
    static char bytes[65536];
    int queue = epoll_create1(0), clients = 0, seen = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event);
    while (!seen || clients > 0) {
        epoll_wait(queue, &event, 1, -1);
        if (event.data.fd == listener) {
            event.data.fd = take(listener);
            epoll_ctl(queue, EPOLL_CTL_ADD, event.data.fd, &event);
            clients++, seen++;
            continue;
        }
        ssize_t n = read(event.data.fd, bytes, sizeof bytes);
        if (n > 0) {
            put(event.data.fd, bytes, (size_t)n);
        } else {
            close(event.data.fd);
            clients--;
        }
    }
}

/* Exit status: 3 the peer closed, 4 it reset, 5 it sent something. */
static inline void serve_one_read(int listener)
{
    char byte;
    ssize_t n = read(take(listener), &byte, 1);
    _exit(n == 0 ? 3 : n < 0 && errno == ECONNRESET ? 4 : 5);
}

static inline void serve_silence(int listener)
{
    take(listener);
    for (;;)
        pause();
}

static inline void serve_hel(int listener)
{
    put(take(listener), "hel", 3);
    for (;;)
        pause();
}

static inline void serve_hel_and_reset(int listener)
{
    int fd = take(listener);
    char byte;
    put(fd, "hel", 3);
    if (read(fd, &byte, 1) < 0) /* so that the bytes are there before the reset */
        _exit(1);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(fd);
    pause();
}

/* --- one play --- */

typedef struct Play {
    Answers answers;
    int64_t held_up_ns; /* what the machine is said to have taken from the program ... */
    bool held_up;       /* ... since it was asked for the first time, or before already */
    uv_loop_t loop;
    uv_timer_t wait, stop;
    uv_check_t busy;
    int busy_ms; /* for which the loop is away once, behind a turn of the first step that waits */
    Script script;
    Observation observation;
    Player *player;
    pid_t pid;
    int status; /* of the child, as waitpid(2); -1: still running */
    int port, done, steps_begun;
    int stopped_at_step; /* the first that began while it was stopped */
    bool pid_unknown, no_sockets;
} Play;

static Play play;

static inline int sockets(void *context, int count, int *fds, Fault *fault)
{
    (void)context;
    if (play.no_sockets)
        return fault_set(fault, "none today");
    for (int i = 0; i < count; i++)
        if ((fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
            return fault_errno(fault, "socket");
    return 0;
}

static inline void on_done(void *context)
{
    (void)context;
    play.done++;
    uv_close((uv_handle_t *)&play.wait, NULL);
    uv_close((uv_handle_t *)&play.stop, NULL);
    uv_close((uv_handle_t *)&play.busy, NULL);
    uv_stop(&play.loop); /* clients are still connected */
}

static inline void on_step(void *context, const Script *script, const Step *step)
{
    (void)context;
    assert_ptr_equal(&script->steps[play.steps_begun], step);
    if (!play.stopped_at_step && probe_stopped(play.pid))
        play.stopped_at_step = play.steps_begun;
    play.steps_begun++;
}

static inline void on_wait(uv_timer_t *timer)
{
    if (waitpid(play.pid, &play.status, WNOHANG) == play.pid) {
        player_program_ended(play.player);
        uv_timer_stop(timer);
    }
}

static inline int64_t held_up_ns(void *context)
{
    (void)context;
    bool before = !play.held_up;
    play.held_up = true;
    return before ? 0 : play.held_up_ns;
}

static inline void on_busy(uv_check_t *check)
{
    if (play.steps_begun < 2)
        return;
    usleep((useconds_t)play.busy_ms * 1000);
    uv_check_stop(check);
}

static inline void on_stop(uv_timer_t *timer)
{
    (void)timer;
    player_stop(play.player);
}

static inline void start_server(Serve serve)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    if (serve)
        assert_int_equal(listen(listener, 128), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    play.port = ntohs(address.sin_port);
    play.status = -1;
    play.pid = fork();
    if (play.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (serve)
            serve(listener);
        else
            pause();
        _exit(0);
    }
    close(listener);
}

static inline void play_text(Serve serve, const char *text, int stop_ms)
{
    PlayerHooks hooks = {.sockets = sockets,
                         .done = on_done,
                         .step = on_step,
                         .held_up_ns = play.held_up_ns ? held_up_ns : NULL,
                         .answers = &play.answers};
    Fault fault;
    if (script_parse(&play.script, "try", text, strlen(text), &fault))
        fail_msg("%s", fault.text);
    start_server(serve);
    observation_init(&play.observation, "try");
    uv_loop_init(&play.loop);
    uv_timer_init(&play.loop, &play.wait);
    uv_timer_init(&play.loop, &play.stop);
    uv_check_init(&play.loop, &play.busy);
    if (play.busy_ms)
        uv_check_start(&play.busy, on_busy);
    uv_timer_start(&play.wait, on_wait, 2, 2);
    if (stop_ms)
        uv_timer_start(&play.stop, on_stop, (uint64_t)stop_ms, 0);
    play.player = player_start(&play.loop, &play.script, "127.0.0.1", play.port,
                               play.pid_unknown ? 0 : play.pid, &play.observation, &hooks);
    assert_int_equal(play.done, 0);
    uv_run(&play.loop, UV_RUN_DEFAULT);
    assert_int_equal(play.done, 1);
    player_free(play.player);
    uv_run(&play.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&play.loop), 0);
    if (play.status < 0) {
        kill(play.pid, SIGKILL);
        waitpid(play.pid, NULL, 0);
    }
}

static inline int begin(void **state)
{
    (void)state;
    play = (Play){.status = -1};
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    observation_release(&play.observation);
    observation_release(&play.observation);
    script_release(&play.script);
    return 0;
}

static inline void all_well(void)
{
    const Observation *o = &play.observation;
    const PeerStep *failed = observation_failed_step(o);
    if (failed)
        fail_msg("%s", failed->message ? failed->message : "a step failed without a word");
    assert_int_equal(o->n_steps, play.script.n_steps);
    assert_int_equal(play.steps_begun, play.script.n_steps);
    for (int i = 0; i < o->n_steps; i++) {
        assert_true(o->steps[i].end_ns >= o->steps[i].start_ns);
        assert_true(i == 0 || o->steps[i].start_ns >= o->steps[i - 1].end_ns);
    }
}

static inline void failed_with(const char *message)
{
    const PeerStep *failed = observation_failed_step(&play.observation);
    assert_non_null(failed);
    assert_non_null(failed->message);
    assert_string_equal(failed->message, message);
}

static inline int64_t lasted(int step)
{
    return play.observation.steps[step].end_ns - play.observation.steps[step].start_ns;
}

/* --- of the whole group --- */

static inline int set_up(void **state)
{
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return heartbeat_start(NULL);
}

static inline int tear_down(void **state)
{
    (void)state;
    heartbeat_stop();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
