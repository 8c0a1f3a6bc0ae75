/* The player against small servers: children of the test, on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "heartbeat.h"
#include "peer/link.h"
#include "peer/player.h"

/* --- servers: each runs in a child, with its listener --- */

typedef void (*Serve)(int listener);

static int take(int listener)
{
    return accept(listener, NULL, NULL);
}

static void put(int fd, const char *bytes, size_t len)
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
static void serve_echo(int listener)
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
static void serve_one_read(int listener)
{
    char byte;
    ssize_t n = read(take(listener), &byte, 1);
    _exit(n == 0 ? 3 : n < 0 && errno == ECONNRESET ? 4 : 5);
}

static void serve_silence(int listener)
{
    take(listener);
    for (;;)
        pause();
}

static void serve_hel(int listener)
{
    put(take(listener), "hel", 3);
    for (;;)
        pause();
}

static void serve_hel_and_end(int listener)
{
    int fd = take(listener);
    put(fd, "hel", 3);
    close(fd);
    pause();
}

static void serve_hel_and_reset(int listener)
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

static void serve_much(int listener)
{
    char bytes[65536];
    int fd = take(listener);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = "ab"[i % 2];
    for (int i = 0; i < 16; i++)
        put(fd, bytes, sizeof bytes);
    pause();
}

/* Exit status: MiB that the kernel took for a client that does not read, one begun counts. */
static void serve_until_full(int listener)
{
    static char bytes[4096];
    int fd = take(listener);
    size_t total = 0;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (int misses = 0; misses < 50;) {
        ssize_t n = write(fd, bytes, sizeof bytes);
        misses = n > 0 ? 0 : misses + 1;
        total += n > 0 ? (size_t)n : 0;
        if (n < 0)
            usleep(1000); /* what is under way has yet to arrive */
    }
    _exit((int)(total >> 20) + 1);
}

/* Reads nothing for a while, then all there is, and says so. */
static void serve_late_reader(int listener)
{
    static char bytes[65536];
    int fd = take(listener);
    usleep(400000);
    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
    put(fd, "end", 3);
}

/* Exit status as serve_one_read's; sends something first. */
static void serve_hel_and_one_read(int listener)
{
    char byte;
    int fd = take(listener);
    put(fd, "hel", 3);
    ssize_t n = read(fd, &byte, 1);
    _exit(n == 0 ? 3 : n < 0 && errno == ECONNRESET ? 4 : 5);
}

static void serve_short(int listener)
{
    take(listener);
    usleep(100000);
}

static int signalled_fd;

static void on_signal(int number)
{
    (void)number;
    if (write(signalled_fd, "usr1", 4) < 0)
        _exit(1);
}

static void serve_signals(int listener)
{
    signal(SIGUSR1, on_signal);
    signalled_fd = take(listener);
    for (;;)
        pause();
}

static void serve_spin(int listener)
{
    take(listener);
    for (int64_t end = clock_mono_ns() + 300 * NS_PER_MS; clock_mono_ns() < end;)
        continue;
    pause();
}

/* --- one play --- */

typedef struct Play {
    uv_loop_t loop;
    uv_timer_t wait, stop;
    Script script;
    Observation observation;
    Player *player;
    pid_t pid;
    int status; /* of the child, as waitpid(2); -1: still running */
    int port, done, steps_begun;
    bool pid_unknown, no_sockets;
} Play;

static Play play;

static int sockets(void *context, int count, int *fds, Fault *fault)
{
    (void)context;
    if (play.no_sockets)
        return fault_set(fault, "none today");
    for (int i = 0; i < count; i++)
        if ((fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
            return fault_errno(fault, "socket");
    return 0;
}

static void on_done(void *context)
{
    (void)context;
    play.done++;
    uv_close((uv_handle_t *)&play.wait, NULL);
    uv_close((uv_handle_t *)&play.stop, NULL);
    uv_stop(&play.loop); /* clients are still connected */
}

static void on_step(void *context, const Script *script, const Step *step)
{
    (void)context;
    assert_ptr_equal(&script->steps[play.steps_begun], step);
    play.steps_begun++;
}

static void on_wait(uv_timer_t *timer)
{
    if (waitpid(play.pid, &play.status, WNOHANG) == play.pid) {
        player_program_ended(play.player);
        uv_timer_stop(timer);
    }
}

static void on_stop(uv_timer_t *timer)
{
    (void)timer;
    player_stop(play.player);
}

static void start_server(Serve serve)
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

static void play_text(Serve serve, const char *text, int stop_ms)
{
    PlayerHooks hooks = {sockets, on_done, on_step, NULL};
    Fault fault;
    if (script_parse(&play.script, "try", text, strlen(text), &fault))
        fail_msg("%s", fault.text);
    start_server(serve);
    observation_init(&play.observation, "try");
    uv_loop_init(&play.loop);
    uv_timer_init(&play.loop, &play.wait);
    uv_timer_init(&play.loop, &play.stop);
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

static int begin(void **state)
{
    (void)state;
    play = (Play){.status = -1};
    return 0;
}

static int end(void **state)
{
    (void)state;
    observation_release(&play.observation);
    observation_release(&play.observation);
    script_release(&play.script);
    return 0;
}

static void all_well(void)
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

static void failed_with(const char *message)
{
    const PeerStep *failed = observation_failed_step(&play.observation);
    assert_non_null(failed);
    assert_non_null(failed->message);
    assert_string_equal(failed->message, message);
}

static int64_t lasted(int step)
{
    return play.observation.steps[step].end_ns - play.observation.steps[step].start_ns;
}

/* --- clients --- */

static void echo(void **state)
{
    (void)state;
    play_text(serve_echo,
              "A connect\nA send \"hel\"\npause 20ms\nA send \"lo\\n\"\nA expect \"hello\\n\"\n"
              "A half-close\nA expect-end\nA close\nexit 2s\n",
              0);
    all_well();
    assert_true(lasted(2) >= 20 * NS_PER_MS);
    const PeerClient *a = &play.observation.clients[0];
    assert_int_equal(play.observation.n_clients, 1);
    assert_string_equal(a->sent.data, "hello\n");
    assert_string_equal(a->received.data, "hello\n");
    assert_int_equal(a->received_total, 6);
    assert_true(a->connected && a->ended && !a->reset);
    assert_true(play.observation.cpu_before_data_ns >= 0);
    assert_true(play.observation.cpu_last_ns >= play.observation.cpu_before_data_ns);
    assert_string_equal(observation_step(&play.observation, "send", 2)->verb, "send");
    assert_int_equal(observation_step(&play.observation, "send", 2)->line, 4);
    assert_null(observation_step(&play.observation, "send", 3));
}

static void thousand_clients(void **state)
{
    (void)state;
    play_text(serve_echo,
              "1100 clients connect 9s\n1100 clients send \"number %d\\n\"\n"
              "1100 clients expect \"number %d\\n\" 5s\n1100 clients close\n",
              0);
    all_well();
    assert_string_equal(play.observation.clients[1099].received.data, "number 1100\n");
}

static void connects_again(void **state)
{
    (void)state;
    Buf text;
    buf_init(&text, SCRIPT_BYTES);
    buf_str(&text, "B connect\n");
    for (int i = 0; i < 20; i++)
        buf_printf(&text,
                   "50 clients connect 5s\n50 clients send \"%d:%%d\"\n"
                   "50 clients expect \"%d:%%d\"\n50 clients close\n",
                   i, i);
    play_text(serve_echo, text.data, 0);
    all_well();
    assert_int_equal(play.observation.clients[play.script.n_clients - 2].received_total > 0, 1);
    buf_release(&text);
}

static void long_payload(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send 8388608\nA expect 8388608 9s\n", 0);
    all_well();
    assert_int_equal(play.observation.clients[0].received_total, 8388608);
    assert_true(play.observation.clients[0].received.len <= 8192);
}

static void who_does_not_read_blocks_nobody(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nA send 67108864\npause 10ms\nA send \"more\"\nA reset\n",
              0);
    assert_true(play.observation.steps[1].ok);
    assert_true(lasted(1) >= 200 * NS_PER_MS);
    failed_with("try.peer:4: A could not send: it is still blocked by what it sent before");
    assert_true(play.observation.steps[4].ok);
}

static void paused_reading(void **state)
{
    (void)state;
    play_text(serve_much,
              "A connect\nA pause-reading\npause 100ms\nA resume-reading\n"
              "A expect \"ab\" x 524288 5s\n",
              0);
    all_well();
    assert_true(play.observation.clients[0].received_total == 1048576);
}

static void narrow_clients_take_little(void **state)
{
    (void)state;
    play_text(serve_until_full, "narrow\nA connect\nA pause-reading\nexit 5s\n", 0);
    all_well();
    assert_int_equal(WEXITSTATUS(play.status), 1);
}

static void other_clients_take_much(void **state)
{
    (void)state;
    play_text(serve_until_full, "A connect\nA pause-reading\nexit 5s\n", 0);
    all_well();
    assert_true(WEXITSTATUS(play.status) > 1);
}

static void what_was_taken_is_counted(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send 100000\nA send \"abc\"\nA expect 100000\n", 0);
    all_well();
    assert_true(play.observation.clients[0].sent_total == 100003);
}

static void who_came_to_nothing_is_known(void **state)
{
    (void)state;
    play_text(NULL, "B connect\nA connect\nA send \"a\"\n2 clients connect\n", 0);
    assert_int_equal(play.observation.n_steps, 1);
    assert_int_equal(play.observation.clients[0].unplayed, 1);
    assert_int_equal(play.observation.clients[1].unplayed, 1);
    assert_int_equal(play.observation.clients[2].unplayed, 0);
    assert_int_equal(play.observation.clients[3].unplayed, 2);
}

static void all_came_to_their_end(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send \"a\"\nA expect \"a\"\n", 0);
    assert_int_equal(play.observation.clients[0].unplayed, 0);
}

static void close_is_an_end(void **state)
{
    (void)state;
    play_text(serve_one_read, "A connect\nsettle\nA close\nexit 2s\n", 0);
    all_well();
    assert_int_equal(WEXITSTATUS(play.status), 3);
}

static void nothing_moved(void *context)
{
    (void)context;
}

/* What has come and is not read yet would turn the close into a reset. */
static void close_with_bytes_unread_is_an_end(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    PeerClient peer = {.ended = false};
    start_server(serve_hel_and_one_read);
    address.sin_port = htons((uint16_t)play.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(script_parse(&play.script, "try", "A connect", 9, NULL), 0);
    buf_init(&peer.sent, 16);
    buf_init(&peer.received, 16);
    uv_loop_init(&play.loop);
    Link *link = link_open(&play.loop, socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address,
                           sizeof address, &peer, nothing_moved, NULL);
    expected_init(&link->in, &play.script, 0, 0);
    while (!link->connected)
        uv_run(&play.loop, UV_RUN_ONCE);
    usleep(100000); /* the loop sees nothing of what comes now */
    link_close(link, false);
    uv_run(&play.loop, UV_RUN_DEFAULT);
    uv_loop_close(&play.loop);
    assert_int_equal(waitpid(play.pid, &play.status, 0), play.pid);
    assert_int_equal(WEXITSTATUS(play.status), 3);
    buf_release(&peer.received);
}

static void half_close_waits_for_what_is_sent(void **state)
{
    (void)state;
    play_text(serve_late_reader, "A connect\nA send 16777216\nA half-close\nA expect \"end\" 5s\n",
              0);
    all_well();
    assert_true(play.observation.clients[0].sent_total == 16777216);
}

static void reset_is_a_reset(void **state)
{
    (void)state;
    play_text(serve_one_read, "A connect\nsettle\nA reset\nexit 2s\n", 0);
    all_well();
    assert_int_equal(WEXITSTATUS(play.status), 4);
}

static void reset_behind_a_half_close(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nA half-close\nA reset\n", 0);
    all_well();
}

static void data_and_close_together(void **state)
{
    (void)state;
    play_text(serve_one_read, "A connect\nA send \"x\"\nA close\nexit 2s\n", 0);
    all_well();
    assert_int_equal(WEXITSTATUS(play.status), 5);
}

/* --- what is said of a failure --- */

static void got_nothing_more(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"hello\\n\" 100ms\npause 1ms\n", 0);
    failed_with("try.peer:2: A expected \"hello\\n\" within 100 ms, got \"hel\" and then nothing");
    assert_true(lasted(1) >= 100 * NS_PER_MS);
    assert_int_equal(play.observation.n_steps, 3); /* it goes on */
}

static void got_nothing(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nA expect \"\\xff\" 50ms\n", 0);
    failed_with("try.peer:2: A expected \"\\xff\" within 50 ms, got nothing");
}

static void got_too_few_of_many(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"help\" x 2 50ms\n", 0);
    failed_with("try.peer:2: A expected \"help\" x 2 within 50 ms, got \"hel\" and then nothing");
}

static void got_wrong_bytes(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect \"hat\" 5s\nA expect \"x\"\n", 0);
    failed_with("try.peer:2: A expected \"hat\", got \"hel\"");
    assert_true(lasted(1) < 5 * NS_PER_S);
    assert_string_equal(play.observation.steps[2].message,
                        "try.peer:3: A expected \"x\" (still waiting for the bytes of line 2), "
                        "got \"hel\"");
}

static void got_a_wrong_byte_far_in(void **state)
{
    (void)state;
    play_text(serve_echo, "A connect\nA send \"ab\" x 50\nA send \"aaab\"\nA expect \"ab\" x 60\n",
              0);
    failed_with("try.peer:4: A expected \"ab\" x 60, but byte 102 of it is wrong: expected "
                "\"bababababababababab\", got \"aab\"");
}

static void got_the_end(void **state)
{
    (void)state;
    play_text(serve_hel_and_end, "A connect\nA expect \"hello\" 5s\n", 0);
    failed_with("try.peer:2: A expected \"hello\", got \"hel\" and then the end of the connection");
}

static void got_a_reset(void **state)
{
    (void)state;
    play_text(serve_hel_and_reset,
              "A connect\nA expect \"hel\"\nA send \"x\"\nA expect \"lo\" 5s\nA expect-end\n", 0);
    failed_with("try.peer:4: A expected \"lo\", got a reset");
    assert_true(play.observation.clients[0].reset);
    assert_string_equal(play.observation.steps[4].message,
                        "try.peer:5: A expected the end of the connection, got a reset");
}

static void no_end_comes(void **state)
{
    (void)state;
    play_text(serve_hel, "A connect\nA expect-end 50ms\n", 0);
    failed_with("try.peer:2: A expected the end of the connection within 50 ms, "
                "and it is still open");
}

static void several_are_named(void **state)
{
    (void)state;
    play_text(serve_hel, "3 clients connect\n3 clients expect \"hel\" 50ms\n", 0);
    failed_with("try.peer:2: C2 (and 1 more) expected \"hel\" within 50 ms, got nothing");
}

static void nobody_listens(void **state)
{
    (void)state;
    play_text(NULL, "A connect\nA send \"x\"\nexit 5s\n", 0);
    char want[128];
    snprintf(want, sizeof want,
             "try.peer:1: A could not connect to 127.0.0.1:%d: Connection refused", play.port);
    failed_with(want);
    assert_int_equal(play.observation.n_steps, 1); /* there is no sense in going on */
}

static void sends_to_nobody(void **state)
{
    (void)state;
    play_text(serve_hel_and_reset,
              "A connect\nA expect \"hel\"\nA send \"x\"\nA expect-end\nA send \"y\"\n"
              "pause 1ms\n",
              0);
    assert_false(play.observation.steps[4].ok);
    assert_non_null(strstr(play.observation.steps[4].message, "A could not send: "));
    assert_true(play.observation.steps[5].ok);
}

static void our_failure_is_a_fault(void **state)
{
    (void)state;
    play.no_sockets = true;
    play_text(serve_echo, "A connect\nexit\n", 0);
    assert_string_equal(play.observation.fault.text, "none today");
    assert_int_equal(play.observation.n_steps, 1);
}

/* --- the program --- */

static void settles(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nsettle 5s\nwatch 50ms\n", 0);
    all_well();
    assert_null(play.observation.steps[1].message);
    assert_true(lasted(1) >= 6 * NS_PER_MS);
    assert_int_equal(play.observation.n_watches, 1);
    const Watch *watch = &play.observation.watches[0];
    assert_true(watch->settled);
    assert_true(watch->end_ns - watch->start_ns >= 50 * NS_PER_MS);
    assert_true(watch->after.mono_ns - watch->before.mono_ns >= 50 * NS_PER_MS);
    assert_true(watch->before.threads == 1 && watch->after.cpu_ns >= watch->before.cpu_ns);
}

static void does_not_settle(void **state)
{
    (void)state;
    play_text(serve_spin, "A connect\nsettle 50ms\nwatch 20ms\n", 0);
    all_well();
    assert_string_equal(play.observation.steps[1].message, "not asleep within 50 ms");
    assert_int_equal(play.observation.n_watches, 1);
    assert_false(play.observation.watches[0].settled);
}

static void interrupts_a_handler(void **state)
{
    (void)state;
    play_text(serve_signals, "A connect\nsettle\ninterrupt\nA expect \"usr1\"\n", 0);
    all_well();
}

static void interrupts_without_a_handler(void **state)
{
    (void)state;
    play_text(serve_echo,
              "A connect\nsettle\ninterrupt\nA send \"x\"\nA expect \"x\" 5s\nsignal STOP\n"
              "A send \"y\"\npause 20ms\nsignal CONT\nA expect \"y\" 5s\n",
              0);
    all_well();
    assert_true(lasted(2) >= 20 * NS_PER_MS);
}

static void ends_by_a_signal(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nsettle\nsignal TERM\nexit 5s\n", 0);
    all_well();
    assert_true(WIFSIGNALED(play.status) && WTERMSIG(play.status) == SIGTERM);
}

static void does_not_exit(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nexit 50ms\n", 0);
    failed_with("try.peer:2: the program was still running after 50 ms, expected it to exit");
    assert_true(lasted(1) >= 50 * NS_PER_MS);
}

static void program_goes_early(void **state)
{
    (void)state;
    play_text(serve_one_read,
              "A connect\nA send \"x\"\nA expect-end\npause 5s\nwatch 5s\nsettle 5s\ninterrupt\n"
              "signal TERM\nexit 5s\n",
              0);
    static const bool ok[] = {true, true, true, true, false, false, false, false, true};
    assert_int_equal(play.observation.n_steps, 9);
    for (int i = 0; i < 9; i++)
        assert_int_equal(play.observation.steps[i].ok, ok[i]);
    assert_true(lasted(3) < 5 * NS_PER_S);
    failed_with("try.peer:5: the program has ended");
    assert_int_equal(play.observation.n_watches, 0);
}

static void program_goes_while_it_is_watched(void **state)
{
    (void)state;
    play_text(serve_short, "A connect\nwatch 5s\n", 0);
    failed_with("try.peer:2: the program has ended");
    assert_true(lasted(1) < 5 * NS_PER_S);
    assert_int_equal(play.observation.n_watches, 0);
}

static void pid_not_known(void **state)
{
    (void)state;
    play.pid_unknown = true;
    play_text(serve_echo, "A connect\nsettle\nwatch 20ms\ninterrupt\nA send \"x\"\nexit\n", 0);
    all_well();
    assert_string_equal(play.observation.steps[1].message,
                        "passed over: the program's process is not known");
    assert_true(lasted(2) >= 20 * NS_PER_MS);
    assert_int_equal(play.observation.n_watches, 0);
    assert_int_equal(play.observation.cpu_before_data_ns, -1);
}

static void stopped_early(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\npause 30s\nA close\n", 50);
    failed_with("try.peer:2: the time for the whole scenario was over");
    assert_int_equal(play.observation.n_steps, 2);
}

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void nothing_stays_open(void **state)
{
    (void)state;
    int before = open_descriptors();
    play_text(serve_silence, "A connect\nB connect\npause 30s\nD connect\n3 clients connect\n", 50);
    assert_int_equal(open_descriptors(), before);
}

static int set_up(void **state)
{
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return heartbeat_start(NULL);
}

static int tear_down(void **state)
{
    (void)state;
    heartbeat_stop();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(echo),
        TEST(thousand_clients),
        TEST(connects_again),
        TEST(long_payload),
        TEST(who_does_not_read_blocks_nobody),
        TEST(paused_reading),
        TEST(narrow_clients_take_little),
        TEST(other_clients_take_much),
        TEST(what_was_taken_is_counted),
        TEST(who_came_to_nothing_is_known),
        TEST(all_came_to_their_end),
        TEST(close_is_an_end),
        TEST(close_with_bytes_unread_is_an_end),
        TEST(half_close_waits_for_what_is_sent),
        TEST(reset_is_a_reset),
        TEST(reset_behind_a_half_close),
        TEST(data_and_close_together),
        TEST(got_nothing_more),
        TEST(got_nothing),
        TEST(got_too_few_of_many),
        TEST(got_wrong_bytes),
        TEST(got_a_wrong_byte_far_in),
        TEST(got_the_end),
        TEST(got_a_reset),
        TEST(no_end_comes),
        TEST(several_are_named),
        TEST(nobody_listens),
        TEST(sends_to_nobody),
        TEST(our_failure_is_a_fault),
        TEST(settles),
        TEST(does_not_settle),
        TEST(interrupts_a_handler),
        TEST(interrupts_without_a_handler),
        TEST(ends_by_a_signal),
        TEST(does_not_exit),
        TEST(program_goes_early),
        TEST(program_goes_while_it_is_watched),
        TEST(pid_not_known),
        TEST(stopped_early),
        TEST(nothing_stays_open),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
