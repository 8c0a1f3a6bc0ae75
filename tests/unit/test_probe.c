/* What the probe sees of processes whose doings are known. */
#include <limits.h>

#include "spawned.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "probe.h"

static const SandboxCommand plain = {.core = -1};

static int open_sandbox(void **state)
{
    Fault fault = {""};
    *state = sandbox_open(false, &fault);
    if (!*state)
        fail_msg("%s", fault.text);
    return 0;
}

static int close_sandbox(void **state)
{
    sandbox_close(*state);
    return 0;
}

static pid_t start(Spawned *s, Sandbox *sandbox, const char *what)
{
    spawn_guest(s, sandbox, what, plain);
    assert_true(spawned_read(s, "up"));
    return sandbox_process(sandbox, s->info.child);
}

static bool asleep_within_2s(pid_t pid)
{
    for (int i = 0; i < 200; i++, usleep(10000))
        if (probe_asleep(pid))
            return true;
    return false;
}

static void a_sleeper_is_asleep_and_costs_nothing(void **state)
{
    Spawned s;
    pid_t pid = start(&s, *state, "sleeps");
    ProbeSample before, after;
    assert_true(asleep_within_2s(pid));
    assert_int_equal(probe_sample(pid, &before), 0);
    usleep(100000);
    assert_int_equal(probe_sample(pid, &after), 0);
    assert_int_equal(after.threads, 2);
    assert_int_equal(after.cpu_ns, before.cpu_ns);
    assert_int_equal(after.switches, before.switches);
    assert_int_equal(after.descriptors, 3);
    assert_true(after.resident > 4096 && after.resident < 1 << 28);
    assert_true(after.mono_ns > before.mono_ns && after.real_ns > before.real_ns);
    assert_true(probe_handles(pid, SIGUSR1));
    assert_false(probe_handles(pid, SIGTERM));
    assert_true(probe_runs(pid, guest_name()));
    assert_false(probe_runs(pid, "gues"));
    ProbeListener none[1];
    assert_int_equal(probe_listeners(pid, false, none, 1), 0);
    assert_int_equal(probe_listeners(pid, true, none, 1), 0);
    spawned_release(&s);
}

static void each_nap_is_a_switch(void **state)
{
    Spawned s;
    pid_t pid = start(&s, *state, "naps");
    ProbeSample before, after;
    assert_int_equal(probe_sample(pid, &before), 0);
    do {
        usleep(10000);
        assert_int_equal(probe_sample(pid, &after), 0);
    } while (after.switches < before.switches + 5);
    assert_true(after.cpu_ns >= before.cpu_ns);
    spawned_release(&s);
}

static void a_spinner_is_awake(void **state)
{
    Spawned s;
    pid_t pid = start(&s, *state, "spins");
    int64_t before = probe_cpu_ns(pid);
    assert_true(before > 0);
    while (probe_cpu_ns(pid) < before + 20 * NS_PER_MS)
        assert_false(probe_asleep(pid));
    spawned_release(&s);
    assert_int_equal(probe_cpu_ns(pid), -1);
    ProbeSample gone;
    assert_int_equal(probe_sample(pid, &gone), -1);
    assert_false(probe_asleep(pid));
    assert_false(probe_runs(pid, guest_name()));
    assert_int_equal(probe_child(pid), 0);
}

static bool stopped_within_2s(pid_t pid)
{
    for (int i = 0; i < 200; i++, usleep(10000))
        if (probe_stopped(pid))
            return true;
    return false;
}

static void who_is_held_is_stopped_with_every_thread(void **state)
{
    Spawned s;
    pid_t pid = start(&s, *state, "sleeps");
    assert_true(asleep_within_2s(pid));
    assert_false(probe_stopped(pid));
    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_true(stopped_within_2s(pid));
    assert_false(probe_asleep(pid));
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_true(asleep_within_2s(pid));
    assert_false(probe_stopped(pid));
    spawned_release(&s);
    assert_false(probe_stopped(pid));
}

/* Two who want the same core all the time: each is in the queue while the other runs. */
static void who_waits_for_a_core_is_queued(void **state)
{
    const SandboxCommand pinned = {.core = 0};
    Spawned one, other;
    spawn_guest(&one, *state, "spins", pinned);
    spawn_guest(&other, *state, "spins", pinned);
    assert_true(spawned_read(&one, "up"));
    assert_true(spawned_read(&other, "up"));
    pid_t pid = sandbox_process(*state, one.info.child);
    ProbeSample before, after;
    assert_int_equal(probe_sample(pid, &before), 0);
    if (before.queued_ns == 0) /* this kernel does not tell */
        skip();
    do {
        usleep(10000);
        assert_int_equal(probe_sample(pid, &after), 0);
    } while (after.cpu_ns < before.cpu_ns + 50 * NS_PER_MS);
    assert_true(after.queued_ns > before.queued_ns + 5 * NS_PER_MS);
    spawned_release(&one);
    spawned_release(&other);
}

/* A family of five that wants one core. */
static pid_t start_crowd(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    pid_t pid = fork();
    if (pid > 0)
        return pid;
    sched_setaffinity(0, sizeof one, &one);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            break;
        }
    for (;;)
        continue;
}

/* All its waiting together is three times as long as it lasted, and was for itself. */
static void a_crowd_does_not_hold_itself_up(void **state)
{
    (void)state;
    int64_t began = clock_mono_ns();
    pid_t pid = start_crowd();
    ProbeSample sample;
    do {
        usleep(20000);
        assert_int_equal(probe_sample(pid, &sample), 0);
    } while (sample.cpu_ns < 60 * NS_PER_MS);
    int64_t as_ours = probe_held_up_ns(pid, 0), as_theirs = probe_held_up_ns(pid, pid);
    int64_t lasted = clock_mono_ns() - began;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (sample.queued_ns == 0) /* this kernel does not tell */
        skip();
    if (as_ours < lasted || as_theirs >= lasted)
        fail_msg("in %lld: %lld, and %lld as a submission", (long long)lasted, (long long)as_ours,
                 (long long)as_theirs);
}

/* Whose children burn and end has used that time, and was not without a core meanwhile. */
static void children_that_have_ended_count(void **state)
{
    (void)state;
    enum { BURN_MS = 80, TOLD_MS = 60 };
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() == 0) {
            struct timespec used;
            do
                clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
            while (used.tv_sec == 0 && used.tv_nsec < BURN_MS * NS_PER_MS);
            _exit(0);
        }
        wait(NULL);
        for (;;)
            pause();
    }
    int64_t used = 0, until = clock_mono_ns() + 10 * NS_PER_S;
    while (used < TOLD_MS * NS_PER_MS && clock_mono_ns() < until) {
        usleep(5000);
        used = probe_child(pid) ? 0 : probe_family_cpu_ns(pid);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(used >= TOLD_MS * NS_PER_MS);
}

static void children_are_found(void **state)
{
    Spawned s;
    pid_t pid = start(&s, *state, "daemons"), family[16];
    assert_int_equal(probe_child(s.info.child), pid);
    assert_true(probe_family(s.info.child, family, 16) >= 4);
    assert_int_equal(family[0], s.info.child);
    assert_int_equal(probe_family(s.info.child, family, 2), 2);
    /* One of them is pinned; a number that is another process's by now is not. */
    for (int i = 0; i < 4; i++) {
        int pidfd = probe_pin(s.info.child, family[i]);
        assert_true(pidfd >= 0);
        close(pidfd);
    }
    pid_t process, parent;
    int number;
    assert_int_equal(probe_origin(pid, &process, &parent, &number), 0);
    assert_int_equal(process, pid);
    assert_int_equal(parent, s.info.child);
    assert_int_equal(number, 2); /* behind the sandbox's own first process */
    assert_int_equal(probe_origin(INT_MAX, &process, &parent, &number), -1);
    assert_int_equal(probe_pin(s.info.child, getpid()), -1);
    assert_int_equal(probe_pin(family[1], family[0]), -1);
    spawned_release(&s);
}

static void counts_apart(void **state, const char *guest)
{
    Spawned s;
    pid_t pid = start(&s, *state, guest);
    ProbeSample before, after;
    int looks = 0;
    do { /* a child that is just beginning has still those of the parent */
        usleep(10000);
        assert_int_equal(probe_tree(pid, &before), 0);
    } while (before.descriptors != 6 && ++looks < 500);
    assert_int_equal(before.descriptors, 6);
    do {
        usleep(10000);
        assert_int_equal(probe_tree(pid, &after), 0);
    } while (after.children_ns < before.children_ns + 20 * NS_PER_MS);
    assert_true(after.cpu_ns - before.cpu_ns < 20 * NS_PER_MS);
    assert_int_equal(probe_sample(pid, &after), 0);
    assert_int_equal(after.children_ns, 0);
    spawned_release(&s);
}

static void what_children_use_counts_apart(void **state)
{
    counts_apart(state, "breeds");
}

/* Its parent is gone, and the sandbox's first process has it. */
static void what_an_orphan_uses_counts_too(void **state)
{
    counts_apart(state, "orphans");
}

static void listeners_of_this_machine_are_found(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    ProbeListener found[4];
    assert_int_equal(probe_listeners(getpid(), true, found, 4), 0);
    assert_int_equal(probe_backlog(getpid(), ntohs(at.sin_port)), -1);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(probe_backlog(getpid(), ntohs(at.sin_port)), 1);
    assert_int_equal(probe_listeners(getpid(), true, found, 4), 1);
    assert_int_equal(found[0].port, ntohs(at.sin_port));
    assert_string_equal(found[0].address, "127.0.0.1");
    assert_true(found[0].loopback_only);
    assert_int_equal(probe_who_listens(found[0].port), getpid());
    int port = found[0].port;
    close(fd);
    assert_int_equal(probe_who_listens(port), 0);
}

static void what_a_program_has_not_read_is_known(void **state)
{
    (void)state;
    char bytes[100] = "";
    struct sockaddr_in at = {.sin_family = AF_INET}, from;
    socklen_t len = sizeof at, from_len = sizeof from;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof at), 0);
    int server = accept(listener, (struct sockaddr *)&from, &from_len);
    int port = ntohs(at.sin_port), peer = ntohs(from.sin_port);
    assert_int_equal(probe_unread_bytes(getpid(), port, peer), 0);
    assert_int_equal(write(client, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(probe_unread_bytes(getpid(), port, peer), sizeof bytes);
    assert_int_equal(probe_unread_bytes(getpid(), peer, port), 0); /* the other end */
    assert_true(probe_kernel_bytes(getpid(), port, peer) >= (int64_t)sizeof bytes);
    assert_int_equal(read(server, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(probe_unread_bytes(getpid(), port, peer), 0);
    close(client);
    close(server);
    close(listener);
    assert_int_equal(probe_unread_bytes(getpid(), port, port), -1);
}

static void every_address_is_told_from_loopback(void **state)
{
    (void)state;
    ProbeListener found[4];
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0)
        skip();
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(probe_listeners(getpid(), true, found, 4), 1);
    assert_string_equal(found[0].address, "::");
    assert_false(found[0].loopback_only);
    close(fd);
}

static void loopback_of_the_other_family_is_loopback(void **state)
{
    (void)state;
    ProbeListener found[4];
    struct sockaddr_in6 at = {.sin6_family = AF_INET6};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &at.sin6_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
        skip();
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(probe_listeners(getpid(), true, found, 4), 1);
    assert_string_equal(found[0].address, "127.0.0.1");
    assert_true(found[0].loopback_only);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sleeper_is_asleep_and_costs_nothing),
        cmocka_unit_test(each_nap_is_a_switch),
        cmocka_unit_test(a_spinner_is_awake),
        cmocka_unit_test(who_is_held_is_stopped_with_every_thread),
        cmocka_unit_test(who_waits_for_a_core_is_queued),
        cmocka_unit_test(a_crowd_does_not_hold_itself_up),
        cmocka_unit_test(children_that_have_ended_count),
        cmocka_unit_test(children_are_found),
        cmocka_unit_test(listeners_of_this_machine_are_found),
        cmocka_unit_test(what_children_use_counts_apart),
        cmocka_unit_test(what_an_orphan_uses_counts_too),
        cmocka_unit_test(what_a_program_has_not_read_is_known),
        cmocka_unit_test(every_address_is_told_from_loopback),
        cmocka_unit_test(loopback_of_the_other_family_is_loopback),
    };
    return cmocka_run_group_tests(tests, open_sandbox, close_sandbox);
}
