/* Programs that are measured: started, waited for, and none left behind. */
#include "web.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEFT_MOST = 1024, START_TRIES = 60000, PAUSE_US = 1000 };

static pid_t left[LEFT_MOST];
static int n_left;

pid_t adopt(pid_t pid)
{
    if (pid < 0 || n_left == LEFT_MOST)
        give_up("no more programs at once");
    return left[n_left++] = pid;
}

static void forget(pid_t pid)
{
    for (int i = 0; i < n_left; i++)
        if (left[i] == pid)
            left[i--] = left[--n_left];
}

pid_t start(const char *const *argv, const char *out)
{
    char *path = out ? scratch_path("%s", out) : x_strdup("/dev/null");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, (char **)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(path);
    if (error)
        give_up("%s: %s", argv[0], strerror(error));
    return adopt(pid);
}

int finish(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            give_up("a program was lost");
    forget(pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run(const char *const *argv, int most)
{
    int status = finish(start(argv, "run.log"));
    if (status < 0 || status > most)
        give_up("%s %s: status %d, see %s/run.log", argv[0], argv[1], status, bench.scratch);
}

void end_all(void)
{
    while (n_left) {
        kill(left[0], SIGKILL);
        finish(left[0]);
    }
}

const char *program(const char *name)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", bench.build, name);
    return path;
}

char *scratch_path(const char *format, ...)
{
    char name[PATH_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    return x_printf("%s/%s", bench.scratch, name);
}

/* --- the server --- */

/* The port that it says it serves at; 0: it has not said so yet. */
static int said_port(const char *path)
{
    char line[1024] = "";
    FILE *file = fopen(path, "re");
    bool said = file && fgets(line, sizeof line, file) && strchr(line, '\n');
    if (file)
        fclose(file);
    const char *colon = said ? strrchr(line, ':') : NULL;
    return colon ? atoi(colon + 1) : 0;
}

void serve_begin(Served *served, const char *course, const char *grader, int workers)
{
    char number[16], *web = x_strdup(program("web/courseweb")),
                     *real = x_strdup(program("grader/grader"));
    char *said = scratch_path("serve.log");
    snprintf(number, sizeof number, "%d", workers);
    const char *argv[] = {web,        "serve",       course,
                          "--listen", "127.0.0.1:0", "--workers",
                          number,     "--grader",    grader ? grader : real,
                          NULL};
    unlink(said);
    double began = now();
    *served = (Served){.pid = start(argv, "serve.log")};
    for (int i = 0; i < START_TRIES && (served->port = said_port(said)) == 0; i++)
        usleep(PAUSE_US);
    served->start_s = now() - began;
    if (!served->port)
        give_up("the server did not start, see %s", said);
    free(said);
    free(real);
    free(web);
}

void serve_end(Served *served)
{
    kill(served->pid, SIGTERM);
    finish(served->pid);
}
