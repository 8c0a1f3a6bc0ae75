/*
 * Part of launch_linux.c: processes that stay behind so that nothing else
 * does. Without them bwrap and strace leave a process behind when they are
 * killed just after their fork(2), before its child has asked to die with them.
 *
 *   grader -> stand_in -> reap -> strace -> bwrap -> ...
 *
 * stand_in is the process that the grader knows; it dies with the grader, and
 * may be killed like it. Then reap, which cares for all orphans below it,
 * hears SIGTERM and ends them. Without a sandbox a second reap, inside the
 * tracer, does what bwrap's init would do.
 *
 * Sources: prctl(2) (PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER), sigwaitinfo(2).
 */
#ifndef GRADER_SETUP_LAUNCH_INIT_LINUX_H
#define GRADER_SETUP_LAUNCH_INIT_LINUX_H

#include <dirent.h>
#include <sys/wait.h>

/* Kills what we are the parent of; what that leaves behind becomes ours. */
static void kill_children(void)
{
    char path[64], text[512];
    int parent;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
        int fd = atoi(entry->d_name) > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
        text[n > 0 ? n : 0] = 0;
        char *name_end = strrchr(text, ')');
        if (name_end && sscanf(name_end + 1, " %*c %d", &parent) == 1 && parent == getpid())
            kill(atoi(entry->d_name), SIGKILL);
        if (fd >= 0)
            close(fd);
    }
    if (proc)
        closedir(proc);
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* When the command has ended, or on SIGTERM, all that is left ends too. */
static _Noreturn void be_init(pid_t command, const sigset_t *signals)
{
    int status = 0, its_status = 128 + SIGKILL;
    bool alive = true;
    for (pid_t ended; alive;) {
        alive = sigwaitinfo(signals, NULL) != SIGTERM;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
            if (ended != command)
                continue;
            its_status = exit_status(status);
            alive = false;
        }
    }
    while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
        kill_children();
        waitpid(-1, NULL, 0);
    }
    _exit(its_status);
}

static void die_with(pid_t parent, int signal)
{
    if (prctl(PR_SET_PDEATHSIG, signal) < 0 || getppid() != parent)
        _exit(NOT_DONE);
}

/* Returns in the child, which hears SIGTERM when the parent is killed. */
static void stand_in(uint64_t parent)
{
    int status;
    sigset_t term;
    if (has(parent))
        die_with((pid_t)parent, SIGKILL);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGCHLD, SIG_DFL);
    pid_t self = getpid(), child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        die_with(self, SIGTERM);
        return;
    }
    sigprocmask(SIG_UNBLOCK, &term, NULL);
    close_from(0);
    while (waitpid(child, &status, 0) < 0)
        ;
    _exit(exit_status(status));
}

/* Stays behind as the parent, with nothing open; returns in the child, which dies with it. */
static void reap(int ready)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
        fail("prctl");
    if (ready >= 0)
        dprintf(ready, "{ \"child-pid\": %d }\n", (int)getpid());
    pid_t init = getpid(), command = fork();
    if (command < 0)
        fail("fork");
    if (command > 0) {
        close_from(0);
        be_init(command, &signals);
    }
    die_with(init, SIGKILL);
    default_signals();
}

#endif
