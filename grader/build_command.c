#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_parts.h"

static const char *const flags[] = {"-std=gnu11", "-Wall",    "-Wextra", "-g",
                                    "-O1",        "-pthread", NULL};

/* --- C --- */

static char **c_argv(const Sandbox *sandbox, const char *program, const Copied *copied,
                     BuildCommand *command)
{
    size_t n = 0;
    char **argv = x_calloc((size_t)copied->n_sources + 20, sizeof *argv);
    argv[n++] = x_strdup(command->tool);
    for (size_t i = 0; flags[i]; i++)
        argv[n++] = x_strdup(flags[i]);
    /* Relative, so that they are the same where there is no inside. */
    argv[n++] = x_strdup("-I../course");
    if (sandbox_mode(sandbox) == SANDBOX_OWN)
        argv[n++] = x_printf("-ffile-prefix-map=%s/src=/src", command->folder);
    argv[n++] = x_strdup("-o");
    argv[n++] = x_printf("../out/%s", program);
    for (int i = 0; i < copied->n_sources; i++)
        argv[n++] = x_printf("./%s", copied->sources[i]);
    argv[n++] = x_strdup("-lm");
    return argv;
}

static char **c_environment(const Sandbox *sandbox, const BuildCommand *command)
{
    char **environment = x_calloc(8, sizeof *environment);
    bool own = sandbox_mode(sandbox) == SANDBOX_OWN;
    environment[0] = x_strdup("PATH=/usr/bin:/bin:/usr/local/bin");
    environment[1] = x_strdup("LC_ALL=C.UTF-8");
    environment[2] = x_strdup("TMPDIR=/tmp");
    environment[3] = x_strdup("HOME=/tmp");
    environment[4] = x_printf("DEPENDENCIES_OUTPUT=%s/out/includes", own ? command->folder : "");
    return environment;
}

void build_bind(BuildCommand *command, const char *outside, const char *inside, bool writable)
{
    command->binds[command->sandbox.n_binds++] =
        (SandboxBind){x_strdup(outside), x_strdup(inside), writable};
}

static void add_folders(BuildCommand *command)
{
    static const char *const folders[] = {"src", "course", "out"};
    for (size_t i = 0; i < 3; i++) {
        char *outside = x_printf("%s/%s", command->folder, folders[i]);
        char *inside = x_printf("/%s", folders[i]);
        build_bind(command, outside, inside, strcmp(folders[i], "out") == 0);
        free(outside);
        free(inside);
    }
}

int build_command(Sandbox *sandbox, const char *folder, const char *program, const Copied *copied,
                  BuildCommand *command, char **problem, Fault *fault)
{
    *command = (BuildCommand){.folder = x_strdup(folder), .limits = sandbox_build_limits};
    command->sandbox = (SandboxCommand){.folder = "/src", .build = true, .core = -1};
    command->seconds = BUILD_SECONDS;
    if (copied->n_sources == 0) {
        int rc = build_cargo_command(sandbox, program, command, problem, fault);
        if (rc != 0)
            return rc;
    } else {
        add_folders(command);
        command->tool = sandbox_tool("cc");
        if (!command->tool)
            return fault_set(fault, "no C compiler: apt install gcc libc6-dev");
        command->argv = c_argv(sandbox, program, copied, command);
        command->environment = c_environment(sandbox, command);
    }
    command->sandbox.binds = command->binds;
    command->sandbox.argv = (const char *const *)command->argv;
    command->sandbox.environment = (const char *const *)command->environment;
    command->sandbox.limits = &command->limits;
    return 0;
}

static void free_all(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

void build_command_release(BuildCommand *command)
{
    for (size_t i = 0; i < command->sandbox.n_binds; i++) {
        free((char *)command->binds[i].outside);
        free((char *)command->binds[i].inside);
    }
    free_all(command->argv);
    free_all(command->environment);
    free(command->folder);
    free(command->tool);
    *command = (BuildCommand){0};
}
