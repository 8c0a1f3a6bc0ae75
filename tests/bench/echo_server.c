#include "echo_server.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void pin_to_core(bool first)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(first ? 0 : (size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
    sched_setaffinity(0, sizeof set, &set); /* a container may forbid it: then as it comes */
}

static _Noreturn void become(const char *command, int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin_to_core(false);
    dup2(out, STDOUT_FILENO);
    close(out);
    execl(command, command, "0", NULL);
    give_up(command);
}

static int port_from(int in, const char *command)
{
    char line[128];
    FILE *stream = fdopen(in, "r");
    int port = 0;
    if (!stream || !fgets(line, sizeof line, stream) ||
        sscanf(line, "listening on 127.0.0.1:%d", &port) != 1)
        give_up(command);
    fclose(stream);
    return port;
}

EchoServer echo_server_start(const char *command)
{
    int ends[2];
    if (pipe(ends) != 0)
        give_up("pipe");
    EchoServer server = {.pid = fork()};
    if (server.pid == 0) {
        close(ends[0]);
        become(command, ends[1]);
    }
    close(ends[1]);
    server.port = port_from(ends[0], command);
    return server;
}

void echo_server_stop(const EchoServer *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

double echo_server_cpu(const EchoServer *server)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(server->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        give_up("the server's CPU time");
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The number behind NAME in its status file. */
static long status_of(const EchoServer *server, const char *name)
{
    char path[64], line[256];
    long value = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "r");
    while (file && value < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    if (!file || value < 0)
        give_up(path);
    fclose(file);
    return value;
}

long echo_server_switches(const EchoServer *server)
{
    return status_of(server, "voluntary_ctxt_switches:");
}

long echo_server_resident(const EchoServer *server)
{
    return status_of(server, "VmRSS:") * 1024;
}
