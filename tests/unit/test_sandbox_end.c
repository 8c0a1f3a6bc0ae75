/* Reaching into a sandbox, and ending it: whatever is killed when, nothing of it stays. */
#include "open_sandbox.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "probe.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_reach_a_listener_inside),
        cmocka_unit_test(killing_ends_daemons_too),
        cmocka_unit_test(a_command_killed_at_any_moment_leaves_nothing),
        cmocka_unit_test(a_killed_grader_leaves_nothing_untraced),
        cmocka_unit_test(a_killed_grader_leaves_nothing_traced),
        cmocka_unit_test(own_mode_runs_kills_and_reaches),
    };
    return run_in_each(tests, sizeof tests / sizeof *tests);
}
