/* Keys, BPF, performance counters, userfaultfd, modules, kexec, the log. */
#include "serve.h"

static void attack(void)
{
    char room[256] = "";
    must_fail(syscall(SYS_keyctl, 0, -3, 1, 0, 0), "keyctl");
    must_fail(syscall(SYS_add_key, "user", "x", "y", 1, -3), "add_key");
    must_fail(syscall(SYS_request_key, "user", "x", NULL, -3), "request_key");
    must_fail(syscall(SYS_bpf, 0, room, sizeof room), "bpf");
    must_fail(syscall(SYS_perf_event_open, room, 0, -1, -1, 0), "perf_event_open");
    must_fail(syscall(SYS_userfaultfd, 0), "userfaultfd");
    must_fail(syscall(SYS_init_module, room, sizeof room, ""), "init_module");
    must_fail(syscall(SYS_delete_module, "ext4", 0), "delete_module");
    must_fail(syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
    must_fail(syscall(SYS_syslog, 3, room, sizeof room), "syslog");
    must_fail(syscall(SYS_fanotify_init, 0, 0), "fanotify_init");
    must_fail(syscall(SYS_open_by_handle_at, 3, room, 0), "open_by_handle_at");
    must_fail(syscall(SYS_swapon, "/tmp/x", 0), "swapon");
    must_fail(syscall(SYS_acct, "/tmp/x"), "acct");
    must_fail(syscall(SYS_quotactl, 0, "/dev/vda", 0, room), "quotactl");
    tried("kernel");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
