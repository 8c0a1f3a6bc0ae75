/* The clients of the player against small servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/clock.h"
#include "peer/link.h"

#include "player_play.h"

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

/* Exit status: how many KiB the kernel took at the most of one write to the second client. */
static void serve_a_second(int listener)
{
    static char bytes[65536];
    int first = take(listener), second = take(listener);
    put(first, "hel", 3);
    fcntl(second, F_SETFL, O_NONBLOCK);
    ssize_t n = write(second, bytes, sizeof bytes);
    _exit(n < 0 ? 255 : (int)(n / 1024));
}

static void connections_are_cramped(void **state)
{
    (void)state;
    play_text(serve_a_second,
              "narrow\nA connect\ncramp\nB connect\nB pause-reading\nA expect \"hel\"\nexit 5s\n",
              0);
    all_well();
    assert_null(play.observation.steps[1].message);
    assert_in_range(WEXITSTATUS(play.status), 0, 8);
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

/* Exit status: 6 if the end of the connection has come by when the first byte is there. */
static void serve_looks_for_the_end(int listener)
{
    int fd = take(listener), queue = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
    epoll_wait(queue, &event, 1, -1);
    _exit(event.events & EPOLLRDHUP ? 6 : 5);
}

static void the_end_comes_with_the_last_bytes(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        if (i)
            assert_int_equal(end(state) + begin(state), 0);
        play_text(serve_looks_for_the_end, "A connect\nA send \"x\"\nA close\nexit 2s\n", 0);
        all_well();
        assert_int_equal(WEXITSTATUS(play.status), 6);
    }
}

static void data_and_close_together(void **state)
{
    (void)state;
    play_text(serve_one_read, "A connect\nA send \"x\"\nA close\nexit 2s\n", 0);
    all_well();
    assert_int_equal(WEXITSTATUS(play.status), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(echo),
        TEST(connections_are_cramped),
        TEST(thousand_clients),
        TEST(connects_again),
        TEST(long_payload),
        TEST(who_does_not_read_blocks_nobody),
        TEST(paused_reading),
        TEST(narrow_clients_take_little),
        TEST(other_clients_take_much),
        TEST(what_was_taken_is_counted),
        TEST(close_is_an_end),
        TEST(close_with_bytes_unread_is_an_end),
        TEST(half_close_waits_for_what_is_sent),
        TEST(reset_is_a_reset),
        TEST(reset_behind_a_half_close),
        TEST(data_and_close_together),
        TEST(the_end_comes_with_the_last_bytes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
