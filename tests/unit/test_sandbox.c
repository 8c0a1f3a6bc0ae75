/* The sandbox as root and as an ordinary user: what is inside, and that nothing gets out. */
#include "open_sandbox.h"

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
    assert_string_equal(said, "536870912 33 2048 4194304 0 30 pipe default mask 0\n");
}

static void processes_are_bounded(void **state)
{
    Spawned s;
    spawn_guest(&s, *state, "forks", plain);
    assert_true(spawned_read(&s, "forks "));
    int forks = 0;
    assert_int_equal(sscanf(s.text.data, "forks %d", &forks), 1);
    assert_in_range(forks, 31, 32); /* with the program itself, or where bwrap is not counted */
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
        cmocka_unit_test(every_ability_has_a_detail_or_a_cure),
    };
    return run_in_each(tests, sizeof tests / sizeof *tests);
}
