/* What the player does to the program itself, and when it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/clock.h"

#include "player_play.h"

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
    for (int64_t end = clock_mono_ns() + 20 * NS_PER_S; clock_mono_ns() < end;)
        continue;
    pause();
}

/* Has no core for two seconds, and then never sleeps. */
static void serve_starved(int listener)
{
    pid_t self = getpid();
    take(listener);
    if (!fork()) {
        usleep(2000000);
        kill(self, SIGCONT);
        _exit(0);
    }
    raise(SIGSTOP);
    for (int64_t end = clock_mono_ns() + 20 * NS_PER_S; clock_mono_ns() < end;)
        continue;
}

/* Works for 400 ms, with many short naps, and sleeps then. */
static void serve_in_pieces(int listener)
{
    take(listener);
    for (int64_t end = clock_mono_ns() + 400 * NS_PER_MS; clock_mono_ns() < end;) {
        for (int64_t piece = clock_mono_ns() + 2 * NS_PER_MS; clock_mono_ns() < piece;)
            continue;
        usleep(50);
    }
    pause();
}

/* Busy for twice as long as a client counts as blocked, then reads all. */
static void serve_late(int listener)
{
    static char bytes[65536];
    int fd = take(listener);
    for (int64_t end = clock_mono_ns() + 400 * NS_PER_MS; clock_mono_ns() < end;)
        continue;
    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
    pause();
}

/* Reads 100,000 bytes and keeps them. */
static void serve_keeper(int listener)
{
    static char bytes[100000];
    if (recv(take(listener), bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
        _exit(1);
    for (;;)
        pause();
}

static void what_the_program_keeps_is_told(void **state)
{
    (void)state;
    play_text(serve_keeper, "A connect\nA pause-reading\nA send 300000\nwatch 500ms\n", 0);
    all_well();
    assert_int_equal(play.observation.clients[0].held, 100000);
}

static void what_came_back_is_not_kept(void **state)
{
    (void)state;
    play_text(serve_echo,
              "A connect\nA send 5000\nA expect 5000\nA pause-reading\nA send 30000\nwatch 500ms\n",
              0);
    all_well();
    assert_int_equal(play.observation.clients[0].held, 0);
}

static void who_reads_is_not_looked_at(void **state)
{
    (void)state;
    play_text(serve_keeper, "A connect\nA send 300000\nwatch 10ms\n", 0);
    all_well();
    assert_int_equal(play.observation.clients[0].held, -1);
}

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

/* Who has slept meanwhile is awaited, longer than it is watched. */
static void works_off_what_came(void **state)
{
    (void)state;
    play_text(serve_in_pieces, "untraced\nA connect\nwatch 50ms\n", 0);
    all_well();
    assert_int_equal(play.observation.n_watches, 1);
    assert_true(play.observation.watches[0].settled);
}

/* What neither ran nor slept tells nothing: it is watched until it does. */
static void is_watched_until_it_tells(void **state)
{
    (void)state;
    play_text(serve_starved, "A connect\npause 1s\nwatch 20ms\n", 0); /* stopped by then */
    assert_int_equal(play.observation.n_watches, 1);
    const Watch *watch = &play.observation.watches[0];
    assert_false(watch->settled);
    assert_true(watch->after.cpu_ns + watch->after.children_ns - watch->before.cpu_ns -
                    watch->before.children_ns >=
                20 * NS_PER_MS);
    assert_true(watch->end_ns - watch->start_ns >= 150 * NS_PER_MS);
}

/* Who has not come to it yet has not refused anything. */
static void a_busy_program_blocks_nobody(void **state)
{
    (void)state;
    play_text(serve_late, "A connect\nA send 16777216\n", 0);
    all_well();
    assert_true(play.observation.clients[0].sent_total == 16777216);
}

static void stopped_is_stopped(void **state)
{
    (void)state;
    play_text(serve_silence, "A connect\nsettle\nsignal STOP\nsignal CONT\n", 0);
    all_well();
    assert_true(play.stopped_at_step == 3);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_program_keeps_is_told),
        TEST(what_came_back_is_not_kept),
        TEST(who_reads_is_not_looked_at),
        TEST(settles),
        TEST(does_not_settle),
        TEST(works_off_what_came),
        TEST(is_watched_until_it_tells),
        TEST(a_busy_program_blocks_nobody),
        TEST(stopped_is_stopped),
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
