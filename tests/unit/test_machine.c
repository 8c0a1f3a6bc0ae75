/* What the doctor makes of machines that are not at hand: their files, written by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sandbox_linux.h"

static char root[] = "/tmp/test_machine.XXXXXX";

static int make_root(void **state)
{
    (void)state;
    strcpy(root + sizeof root - 7, "XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    scratch_remove(root);
    return 0;
}

static void write_fact(const char *name, const char *text)
{
    char *path = x_printf("%s/%s", root, name);
    for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(path, 0755);
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static Machine read_machine(void)
{
    Machine machine;
    machine_read(&machine, root);
    return machine;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

#define UID_MAP "bwrap: setting up uid map: Permission denied"
#define NO_NS                                                                                      \
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow "     \
    "non-privileged user namespaces."
#define TRACEME "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted"

/* --- machines --- */

static void a_machine_without_files_is_plain(void **state)
{
    (void)state;
    Machine machine = read_machine();
    assert_false(machine.wsl || machine.wsl1 || machine.container || machine.filtered);
    assert_int_equal(machine.apparmor_userns, -1);
    assert_int_equal(machine.ptrace_scope, -1);
    assert_has(cure_of_sandbox(&machine, "bwrap: something new"), "--own");
    assert_has(cure_of_tracer(&machine, ""), "SYS_PTRACE");
}

static void windows_linux_is_told_by_its_kernel(void **state)
{
    (void)state;
    write_fact("proc/version",
               "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) #1\n");
    Machine machine = read_machine();
    assert_true(machine.wsl1 && machine.wsl);
    assert_string_equal(machine.kernel, "Linux version 4.4.0-19041-Microsoft");
    assert_has(cure_of_sandbox(&machine, UID_MAP), "wsl --set-version");
    assert_has(cure_of_tracer(&machine, TRACEME), "wsl --set-version");

    write_fact("proc/version",
               "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c826d3017f) (gcc)\n");
    machine = read_machine();
    assert_true(machine.wsl);
    assert_false(machine.wsl1);
}

static void ubuntu_restricts_user_namespaces(void **state)
{
    (void)state;
    write_fact("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
    Machine machine = read_machine();
    assert_int_equal(machine.apparmor_userns, 1);
    assert_has(cure_of_sandbox(&machine, UID_MAP), "apparmor_restrict_unprivileged_userns=0");
    assert_has(cure_of_sandbox(&machine, NO_NS), "apparmor_restrict_unprivileged_userns=0");

    write_fact(".dockerenv", "");
    machine = read_machine();
    const char *cure = cure_of_sandbox(&machine, NO_NS);
    assert_has(cure, "on the host");
    assert_has(cure, "apparmor_restrict_unprivileged_userns=0");
    assert_has(cure, "seccomp=unconfined");

    write_fact("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
    machine = read_machine();
    assert_null(strstr(cure_of_sandbox(&machine, NO_NS), "on the host"));
}

static void containers_are_known_by_their_files(void **state)
{
    (void)state;
    static const char *const files[] = {".dockerenv", "run/.containerenv", "run/systemd/container"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_fact(files[i], "");
        Machine machine = read_machine();
        assert_true(machine.container);
        assert_has(cure_of_sandbox(&machine, NO_NS), "docker run");
        assert_has(cure_of_tracer(&machine, TRACEME), "SYS_PTRACE");
        char *path = x_printf("%s/%s", root, files[i]);
        unlink(path);
        free(path);
    }
    Machine machine = read_machine();
    assert_false(machine.container);
    write_fact("proc/1/environ", "container=lxc");
    machine = read_machine();
    assert_true(machine.container);
}

static void kernels_without_user_namespaces(void **state)
{
    (void)state;
    write_fact("proc/sys/kernel/unprivileged_userns_clone", "0\n");
    Machine machine = read_machine();
    assert_has(cure_of_sandbox(&machine, NO_NS), "kernel.unprivileged_userns_clone=1");
    write_fact("proc/sys/kernel/unprivileged_userns_clone", "1\n");
    write_fact("proc/sys/user/max_user_namespaces", "0\n");
    machine = read_machine();
    assert_has(
        cure_of_sandbox(&machine, "bwrap: Creating new namespace failed: No space left on device"),
        "user.max_user_namespaces=10000,");
    assert_has(cure_of_sandbox(&machine, NO_NS), "user.max_user_namespaces=10000");
}

static void yama_has_its_cures(void **state)
{
    (void)state;
    static const struct {
        const char *scope, *cure;
    } cases[] = {{"2\n", "sudo sysctl -w kernel.yama.ptrace_scope=1"}, {"3\n", "restart"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_fact("proc/sys/kernel/yama/ptrace_scope", cases[i].scope);
        Machine machine = read_machine();
        assert_has(cure_of_tracer(&machine, TRACEME), cases[i].cure);
    }
    write_fact("proc/sys/kernel/yama/ptrace_scope", "1\n");
    write_fact("proc/self/status", "Name:\tx\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n");
    Machine machine = read_machine();
    assert_true(machine.filtered);
    assert_has(cure_of_tracer(&machine, TRACEME), "seccomp=unconfined");
    assert_has(cure_of_tracer(&machine, "strace: unrecognized option '--syscall-times=ns'"),
               "5.16");
}

static void a_scratch_folder_must_run_programs(void **state)
{
    (void)state;
    Machine machine = read_machine();
    assert_has(cure_of_sandbox(&machine, "bwrap: execvp /launch: Permission denied"), "noexec");
}

/* --- file systems --- */

static const char mounts[] =
    "24 1 8:32 / / rw,relatime - ext4 /dev/sdc rw,discard\n"
    "61 24 0:50 / /mnt/c rw,noatime - 9p drvfs rw,dirsync,aname=drvfs;path=C:\\;uid=1000\n"
    "70 24 0:60 / /tmp rw,nosuid,nodev,noexec,relatime shared:30 - tmpfs tmpfs rw\n"
    "71 24 0:61 / /tmpo rw - xfs /dev/sdd rw\n"
    "a line that is none\n"
    "80 24 0:70 / /over rw - ext4 /dev/sda rw\n"
    "81 80 0:71 / /over rw - drvfs D: rw\n";

static void a_path_lies_on_the_nearest_mount(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type, *point;
        bool windows, noexec;
    } cases[] = {{"/home/ada/no such", "ext4", "/", false, false},
                 {"/mnt/c/Users/ada/no such", "9p", "/mnt/c", true, false},
                 {"/mnt/c", "9p", "/mnt/c", true, false},
                 {"/mnt/cc", "ext4", "/", false, false},
                 {"/tmp/no such/deeper", "tmpfs", "/tmp", false, true},
                 {"/tmpo/no such", "xfs", "/tmpo", false, false},
                 {"/over/no such", "drvfs", "/over", true, false}};
    write_fact("proc/version", "Linux version 5.15.167.4-microsoft-standard-WSL2 (x)\n");
    write_fact("proc/self/mountinfo", mounts);
    Machine machine = read_machine();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        MachineMount mount;
        assert_true(machine_mount(root, cases[i].path, &mount));
        assert_string_equal(mount.type, cases[i].type);
        assert_string_equal(mount.point, cases[i].point);
        assert_int_equal(mount.noexec, cases[i].noexec);
        assert_int_equal(machine_on_windows(&machine, &mount), cases[i].windows);
    }
}

/* A virtual machine of another kind has 9p folders, too. */
static void only_windows_linux_has_windows_drives(void **state)
{
    (void)state;
    write_fact("proc/version", "Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n");
    write_fact("proc/self/mountinfo", mounts);
    Machine machine = read_machine();
    MachineMount mount;
    assert_true(machine_mount(root, "/mnt/c/x", &mount));
    assert_false(machine_on_windows(&machine, &mount));
    write_fact("proc/self/mountinfo", "");
    assert_false(machine_mount(root, "/mnt/c/x", &mount));
}

/* --- the multiplier for slow machines --- */

static void a_wrong_multiplier_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"abc", "-3", "0",  "0.5",       "1e9", "101",
                                        "nan", "3x", "x3", "\033[31m2", " ",   "3,5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("GRADER_SLOW", wrong[i], 1);
        assert_non_null(clock_slow_wrong());
        assert_null(strchr(clock_slow_wrong(), '\033'));
        assert_true(clock_slow() == 1);
    }
    static const char *const right[] = {"", "1", "3", "2.5", "100"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        setenv("GRADER_SLOW", right[i], 1);
        assert_null(clock_slow_wrong());
        assert_true(clock_slow() == (*right[i] ? atof(right[i]) : 1));
    }
    unsetenv("GRADER_SLOW");
    assert_null(clock_slow_wrong());
}

#define IN_A_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_ROOT(a_machine_without_files_is_plain),
        IN_A_ROOT(windows_linux_is_told_by_its_kernel),
        IN_A_ROOT(ubuntu_restricts_user_namespaces),
        IN_A_ROOT(containers_are_known_by_their_files),
        IN_A_ROOT(kernels_without_user_namespaces),
        IN_A_ROOT(yama_has_its_cures),
        IN_A_ROOT(a_scratch_folder_must_run_programs),
        IN_A_ROOT(a_path_lies_on_the_nearest_mount),
        IN_A_ROOT(only_windows_linux_has_windows_drives),
        IN_A_ROOT(a_wrong_multiplier_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
