/* The sandbox as root and as an ordinary user: what is inside, and that nothing gets out. */
#include "spawned.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "probe.h"
#include "sandbox_linux.h"

static const SandboxCommand plain = {.core = -1};

static int open_sandbox(void **state)
{
    Fault fault = {""};
    *state = sandbox_open(false, &fault);
    if (!*state)
        fail_msg("%s", fault.text);
    return 0;
}

/* As on a machine that denies unprivileged user namespaces. */
static int open_sandbox_of_root(void **state)
{
    Fault fault = {""};
    Try try;
    Sandbox *sandbox = sandbox_open_unproved(false, &fault);
    assert_non_null(sandbox);
    if (!sandbox_mode_works(sandbox, SANDBOX_ROOT, &try))
        fail_msg("%s", try.text);
    *state = sandbox;
    return 0;
}

/* Many a PATH begins with links that lead to ccache. */
static void a_wrapper_is_no_compiler(void **state)
{
    (void)state;
    if (access("/usr/bin/ccache", X_OK) != 0)
        skip(); /* does not return */
    char folder[] = "/tmp/tools.XXXXXX", *path = getenv("PATH") ? x_strdup(getenv("PATH")) : NULL;
    assert_non_null(mkdtemp(folder));
    char *link = x_printf("%s/cc", folder);
    assert_int_equal(symlink("/usr/bin/ccache", link), 0);
    setenv("PATH", folder, 1);
    char *found = sandbox_tool("cc");
    if (path)
        setenv("PATH", path, 1);
    unlink(link);
    rmdir(folder);
    assert_non_null(found);
    assert_null(strstr(found, "ccache"));
    free(found);
    free(link);
    free(path);
}

static int close_sandbox(void **state)
{
    sandbox_close(*state);
    return 0;
}

/* Runs the guest to its end; returns what it printed (valid until the next call). */
static const char *guest_says(void **state, const char *what, int want_status)
{
    static char text[1 << 16];
    Spawned s;
    spawn_guest(&s, *state, what, plain);
    spawned_read(&s, NULL);
    assert_true(spawned_wait(&s));
    snprintf(text, sizeof text, "%s", s.text.data);
    if (!WIFEXITED(s.status) || WEXITSTATUS(s.status) != want_status || !s.info.started)
        fail_msg("status %x started %d: %s", s.status, s.info.started, text);
    spawned_release(&s);
    return text;
}

static void a_program_runs_and_its_status_comes_back(void **state)
{
    assert_string_equal(guest_says(state, "hello", 7), "hello\n");
    assert_string_equal(guest_says(state, "crash", 128 + SIGSEGV), "");
}

static void the_only_network_is_loopback(void **state)
{
    assert_string_equal(guest_says(state, "network", 0), "    lo ");
}

static void the_usual_names_are_known(void **state)
{
    assert_string_equal(guest_says(state, "names", 0), "localhost 127.0.0.1, tcp 6\n");
}

static void nothing_is_writable(void **state)
{
    const char *said = guest_says(state, "writes", 0);
    assert_null(strstr(said, "WRITTEN"));
    assert_non_null(strstr(said, "/dev/shm/x refused"));
}

static void nothing_of_the_host_is_seen(void **state)
{
    setenv("GRADER_TEST_SECRET", "hunter2", 1);
    const char *said = guest_says(state, "view", 0);
    unsetenv("GRADER_TEST_SECRET");
    assert_null(strstr(said, "hunter2"));
    assert_non_null(strstr(said, "/home:\n/root:\n/etc: "));
    assert_null(strstr(said, "passwd"));
    assert_non_null(strstr(said, "/prog: guest-"));
    assert_non_null(strstr(said, "init 0\n"));
    assert_non_null(strstr(said, "/proc/self/fd: 0 1 2 3\n")); /* 3: the listing itself */
    assert_non_null(strstr(said, "processes 2\n"));
    assert_non_null(strstr(said, "PATH=/usr/bin:/bin\n"));
}

static void calls_that_reach_out_are_refused(void **state)
{
    static const char *const want[] = {
        "ptrace EPERM",       "io_uring EPERM",       "bpf EPERM",
        "unshare EPERM",      "clone EPERM",          "untraced EPERM",
        "clone3 ENOSYS",      "mount EPERM",          "keyctl EPERM",
        "memfd EPERM",        "shmget EPERM",         "sti EPERM",
        "seccomp EPERM",      "unix ALLOWED",         "inet ALLOWED",
        "inet6 ALLOWED",      "netlink EAFNOSUPPORT", "packet EAFNOSUPPORT",
        "vsock EAFNOSUPPORT", "high EAFNOSUPPORT",    "family11 EAFNOSUPPORT",
        "raw EPERM"};
    const char *said = guest_says(state, "calls", 0);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (!strstr(said, want[i]))
            fail_msg("no \"%s\" in:\n%s", want[i], said);
}

static void limits_are_set_and_signals_are_default(void **state)
{
    signal(SIGPIPE, SIG_IGN);
    const char *said = guest_says(state, "limits", 0);
    signal(SIGPIPE, SIG_DFL);
    assert_string_equal(said, "536870912 32 2048 4194304 0 30 pipe default mask 0\n");
}

static void processes_are_bounded(void **state)
{
    Spawned s;
    spawn_guest(&s, *state, "forks", plain);
    assert_true(spawned_read(&s, "forks "));
    int forks = 0;
    assert_int_equal(sscanf(s.text.data, "forks %d", &forks), 1);
    assert_in_range(forks, 8, 32);
    spawned_release(&s);
}

static void cpu_is_burnt_before_the_program(void **state)
{
    Spawned s;
    spawn_guest(&s, *state, "cpu", (SandboxCommand){.core = 0, .burn_us = 30000});
    spawned_read(&s, NULL);
    assert_in_range(atoi(s.text.data), 30000, 3000000);
    spawned_release(&s);
}

static void memory_of_all_processes_together_is_bounded(void **state)
{
    Sandbox *sandbox = *state;
    if (!sandbox_bounds_memory(sandbox))
        skip();
    SandboxLimits limits = sandbox_program_limits;
    limits.memory = 64 << 20; /* and 128 MiB for us; the guest wants 288 */
    Spawned s;
    spawn_guest(&s, sandbox, "memory", (SandboxCommand){.core = -1, .limits = &limits});
    spawned_read(&s, "done");
    assert_true(sandbox_out_of_memory(sandbox, (const char *const *)s.argv));
    spawned_release(&s);
}

/* --- traced --- */

static void a_trace_holds_calls_signals_and_the_exit(void **state)
{
    Sandbox *sandbox = *state;
    if (!sandbox_traces(sandbox))
        skip();
    Fault fault = {""};
    char *folder = sandbox_folder(sandbox, "trace", &fault);
    char *fifo = x_printf("%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(sandbox_give(sandbox, fifo, &fault), 0);
    int log = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    Spawned s;
    spawn_guest(&s, sandbox, "crash",
                (SandboxCommand){.core = 0, .trace = fifo, .calls = "execve,write,?poll"});
    spawned_read(&s, NULL);
    assert_true(spawned_wait(&s));
    static char text[1 << 18];
    ssize_t n = read(log, text, sizeof text - 1), all = n;
    while (n > 0 && (n = read(log, text + all, sizeof text - 1 - (size_t)all)) > 0)
        all += n;
    text[all > 0 ? all : 0] = 0;
    assert_non_null(strstr(text, "execve(\"/prog/guest-"));
    assert_non_null(strstr(text, "--- SIGSEGV {"));
    assert_non_null(strstr(text, "+++ killed by SIGSEGV +++"));
    assert_null(strstr(text, "attached"));
    close(log);
    spawned_release(&s);
    free(fifo);
    free(folder);
}

/* --- reaching in, and ending it --- */

static void talk(int fd)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9000)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct pollfd ready = {fd, POLLOUT, 0};
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno == EINPROGRESS)
        poll(&ready, 1, 2000);
    assert_int_equal(write(fd, "ping", 4), 4);
    ready.events = POLLIN;
    assert_int_equal(poll(&ready, 1, 5000), 1);
    char answer[8];
    assert_int_equal(read(fd, answer, sizeof answer), 4);
    assert_memory_equal(answer, "ping", 4);
}

static void sockets_reach_a_listener_inside(void **state)
{
    enum { COUNT = 300 };
    Spawned s;
    int fds[COUNT];
    Fault fault = {""};
    spawn_guest(&s, *state, "listens", plain);
    assert_true(spawned_read(&s, "listening"));
    if (sandbox_sockets(*state, s.info.child, COUNT, fds, &fault) < 0)
        fail_msg("%s", fault.text);
    talk(fds[0]);
    talk(fds[COUNT - 1]);
    for (int i = 0; i < COUNT; i++) {
        assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
        close(fds[i]);
    }
    ProbeListener found[4];
    pid_t program = sandbox_process(*state, s.info.child);
    assert_true(probe_runs(program, guest_name()));
    assert_int_equal(probe_listeners(program, true, found, 4), 1);
    assert_int_equal(found[0].port, 9000);
    assert_true(found[0].loopback_only);
    spawned_release(&s);
    assert_int_equal(sandbox_sockets(*state, s.info.child, 1, fds, &fault), -1);
    assert_string_not_equal(fault.text, "");
}

/* Processes on this machine that run `name` and are more than zombies. */
static int running(const char *name)
{
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(proc));) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        ProbeSample sample;
        count += pid > 0 && probe_runs(pid, name) && probe_sample(pid, &sample) == 0 &&
                 sample.resident > 0;
    }
    closedir(proc);
    return count;
}

static int wait_for_none(const char *name)
{
    int left = running(name);
    for (int i = 0; i < 200 && left; i++) {
        usleep(20000);
        left = running(name);
    }
    return left;
}

static void killing_ends_daemons_too(void **state)
{
    Spawned s;
    spawn_guest(&s, *state, "daemons", plain);
    assert_true(spawned_read(&s, "up"));
    assert_true(running(guest_name()) > 0);
    sandbox_kill(*state, s.info.child);
    assert_true(spawned_wait(&s));
    assert_int_equal(wait_for_none(guest_name()), 0);
    spawned_release(&s);
}

/* Processes whose command line names this folder. */
static int naming(const char *folder)
{
    DIR *proc = opendir("/proc");
    static char text[1 << 16];
    int count = 0;
    for (struct dirent *entry; (entry = readdir(proc));) {
        char *path = x_printf("/proc/%s/cmdline", entry->d_name);
        int fd = atoi(entry->d_name) > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
        count += n > 0 && memmem(text, (size_t)n, folder, strlen(folder)) != NULL;
        if (fd >= 0)
            close(fd);
        free(path);
    }
    closedir(proc);
    return count;
}

/* Killed between a fork and what the child then asks for, bwrap and strace
 * would leave that child behind. */
static void a_command_killed_at_any_moment_leaves_nothing(void **state)
{
    Sandbox *sandbox = *state;
    Fault fault = {""};
    char *folder = sandbox_folder(sandbox, "early", &fault);
    char *log = x_printf("%s/log", folder);
    close(open(log, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(sandbox_give(sandbox, log, &fault), 0);
    for (int i = 0; i < 40; i++) {
        Spawned s;
        bool traced = i % 2 && sandbox_traces(sandbox);
        spawn_guest(&s, sandbox, "daemons",
                    (SandboxCommand){.core = -1, .trace = traced ? log : NULL, .calls = "execve"});
        usleep((useconds_t)i * 700);
        kill(s.pid, SIGKILL);
        assert_true(spawned_wait(&s));
        spawned_release(&s);
    }
    int left = naming(sandbox->scratch);
    for (int i = 0; i < 200 && left; i++, left = naming(sandbox->scratch))
        usleep(20000);
    assert_int_equal(left, 0);
    free(log);
    free(folder);
}

/* In a process of its own: a grader with a run in progress, until it is killed.
 * Tells its scratch folder and the run's first cgroup ("-": none). */
static _Noreturn void be_a_grader(bool traced, int tell)
{
    Fault fault = {""};
    Sandbox *own = sandbox_open(false, &fault);
    Spawned s;
    char *folder = sandbox_folder(own, "f", &fault);
    char *log = x_printf("%s/log", folder);
    close(open(log, O_CREAT | O_WRONLY, 0600));
    sandbox_give(own, log, &fault);
    spawn_guest(&s, own, "daemons",
                (SandboxCommand){.core = -1, .trace = traced ? log : NULL, .calls = "execve"});
    const char *cgroup = "-";
    for (char **word = s.argv; *word; word++)
        if (strncmp(*word, "cgroup=", 7) == 0 && *cgroup == '-')
            cgroup = *word + 7;
    if (spawned_read(&s, "up"))
        dprintf(tell, "%s %s", folder, cgroup);
    pause();
    _exit(0);
}

/* After kill -9 its run ends, and the next grader removes what it left; in a
 * folder of its own, or any other grader on this machine would do that. */
static void a_killed_grader_leaves_nothing(bool traced)
{
    int ready[2];
    char tmp[] = "/tmp/test-sandbox-XXXXXX";
    assert_int_equal(pipe(ready), 0);
    assert_non_null(mkdtemp(tmp));
    assert_int_equal(chmod(tmp, 0755), 0);
    setenv("TMPDIR", tmp, 1);
    guest_name(); /* the same for both processes */
    pid_t grader = fork();
    if (grader == 0)
        be_a_grader(traced, ready[1]);
    char line[4096] = "", folder[2048], cgroup[2048];
    assert_true(read(ready[0], line, sizeof line - 1) > 1);
    assert_int_equal(sscanf(line, "%2047s %2047s", folder, cgroup), 2);
    assert_true(running(guest_name()) > 0);
    kill(grader, SIGKILL);
    waitpid(grader, NULL, 0);
    assert_int_equal(wait_for_none(guest_name()), 0);
    assert_int_equal(access(folder, F_OK), 0);
    Fault fault = {""};
    sandbox_close(sandbox_open(false, &fault));
    assert_int_equal(access(folder, F_OK), -1);
    if (cgroup[0] == '/')
        assert_int_equal(access(cgroup, F_OK), -1);
    close(ready[0]);
    close(ready[1]);
    unsetenv("TMPDIR");
    assert_int_equal(rmdir(tmp), 0);
}

static void a_killed_grader_leaves_nothing_untraced(void **state)
{
    (void)state;
    a_killed_grader_leaves_nothing(false);
}

static void a_killed_grader_leaves_nothing_traced(void **state)
{
    if (!sandbox_traces(*state))
        skip();
    a_killed_grader_leaves_nothing(true);
}

/* --- without a sandbox --- */

static void own_mode_runs_kills_and_reaches(void **state)
{
    (void)state;
    Fault fault = {""};
    Sandbox *own = sandbox_open(true, &fault);
    assert_non_null(own);
    assert_int_equal(sandbox_mode(own), SANDBOX_OWN);
    Spawned s;
    spawn_guest(&s, own, "hello", plain);
    spawned_read(&s, NULL);
    assert_true(spawned_wait(&s));
    assert_int_equal(WEXITSTATUS(s.status), 7);
    assert_string_equal(s.text.data, "hello\n");
    assert_true(s.info.started);
    spawned_release(&s);

    spawn_guest(&s, own, "daemons", plain);
    assert_true(spawned_read(&s, "up"));
    assert_true(probe_runs(sandbox_process(own, s.info.child), guest_name()));
    sandbox_kill(own, s.info.child);
    assert_true(spawned_wait(&s));
    int fd;
    assert_int_equal(sandbox_sockets(own, 0, 1, &fd, &fault), 0);
    close(fd);
    spawned_release(&s);
    assert_int_equal(wait_for_none(guest_name()), 0);
    sandbox_close(own);
}

static void info_is_read_in_pieces(void **state)
{
    (void)state;
    SandboxInfo info = {0};
    const char *text = "{\n    \"child-pid\": 4711,\n    \"x\": 1\n}\nexec\n";
    for (const char *p = text; *p; p++) {
        if (p < text + 22)
            assert_int_equal(info.child, 0);
        assert_false(info.started);
        sandbox_info_feed(&info, p, 1);
    }
    assert_int_equal(info.child, 4711);
    assert_true(info.started);
    char flood[5000];
    memset(flood, 'x', sizeof flood);
    sandbox_info_feed(&info, flood, sizeof flood);
    assert_true(info.len < sizeof info.text);
}

static void every_ability_has_a_detail_or_a_cure(void **state)
{
    SandboxAbility abilities[16];
    int n = sandbox_abilities("tests", abilities, 16);
    assert_in_range(n, 8, 16);
    for (int i = 0; i < n; i++) {
        SandboxAbility *a = &abilities[i];
        assert_string_not_equal(a->detail, "");
        assert_int_equal(a->cure[0] == 0, a->ok);
        if (a->needed && !a->ok && sandbox_traces(*state))
            fail_msg("%s: %s (%s)", a->name, a->detail, a->cure);
        print_message("  %-14s %-4s %s%s%s\n", a->name, a->ok ? "ok" : "NO", a->detail,
                      a->ok ? "" : " -> ", a->cure);
    }
    assert_int_equal(sandbox_abilities(NULL, abilities, 2), 2);
}

/* A link called cc goes first in PATH. ccache may not be here: any file below /usr whose real
 * name is another than a wrapper's is taken. */
static void a_wrapper_of_the_compiler_is_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *real;
        bool taken;
    } links[] = {{"/usr/bin/env", true}, {"/usr/bin/ccache", false}};
    char folder[] = "/tmp/test-sandbox-XXXXXX";
    char *path = x_strdup(getenv("PATH"));
    assert_non_null(mkdtemp(folder));
    char *link = x_printf("%s/cc", folder), *longer = x_printf("%s:%s", folder, path);
    setenv("PATH", longer, 1);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        assert_int_equal(symlink(links[i].real, link), 0);
        char *tool = sandbox_tool("cc");
        assert_non_null(tool);
        assert_int_equal(strcmp(tool, links[i].real) == 0, links[i].taken);
        free(tool);
        unlink(link);
    }
    setenv("PATH", path, 1);
    rmdir(folder);
    free(link);
    free(longer);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrapper_is_no_compiler),
        cmocka_unit_test(info_is_read_in_pieces),
        cmocka_unit_test(a_wrapper_of_the_compiler_is_passed_over),
        cmocka_unit_test(a_program_runs_and_its_status_comes_back),
        cmocka_unit_test(the_only_network_is_loopback),
        cmocka_unit_test(the_usual_names_are_known),
        cmocka_unit_test(nothing_is_writable),
        cmocka_unit_test(nothing_of_the_host_is_seen),
        cmocka_unit_test(calls_that_reach_out_are_refused),
        cmocka_unit_test(limits_are_set_and_signals_are_default),
        cmocka_unit_test(processes_are_bounded),
        cmocka_unit_test(cpu_is_burnt_before_the_program),
        cmocka_unit_test(memory_of_all_processes_together_is_bounded),
        cmocka_unit_test(a_trace_holds_calls_signals_and_the_exit),
        cmocka_unit_test(sockets_reach_a_listener_inside),
        cmocka_unit_test(killing_ends_daemons_too),
        cmocka_unit_test(a_command_killed_at_any_moment_leaves_nothing),
        cmocka_unit_test(a_killed_grader_leaves_nothing_untraced),
        cmocka_unit_test(a_killed_grader_leaves_nothing_traced),
        cmocka_unit_test(own_mode_runs_kills_and_reaches),
        cmocka_unit_test(every_ability_has_a_detail_or_a_cure),
    };
    int failed = cmocka_run_group_tests_name("the usual mode", tests, open_sandbox, close_sandbox);
    if (geteuid() == 0)
        failed += cmocka_run_group_tests_name("without user namespaces", tests,
                                              open_sandbox_of_root, close_sandbox);
    return failed;
}
