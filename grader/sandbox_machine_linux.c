#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox_linux.h"

/* The beginning of a file below `root`, without its line end; "" if there is none. */
static void read_fact(const char *root, const char *name, char *text, size_t size)
{
    char *path = x_printf("%s/%s", root, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    text[n > 0 ? n : 0] = 0;
    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = 0;
    if (fd >= 0)
        close(fd);
    free(path);
}

static int read_setting(const char *root, const char *name)
{
    char text[32], *end;
    read_fact(root, name, text, sizeof text);
    long value = strtol(text, &end, 10);
    return end == text || value < 0 || value > 0x7fffffff ? -1 : (int)value;
}

static bool is_there(const char *root, const char *name)
{
    char *path = x_printf("%s/%s", root, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Docker and Podman leave a file; others name themselves to what starts first. */
static bool in_container(const char *root)
{
    char environment[4096];
    if (is_there(root, ".dockerenv") || is_there(root, "run/.containerenv") ||
        is_there(root, "run/systemd/container"))
        return true;
    read_fact(root, "proc/1/environ", environment, sizeof environment);
    return strncmp(environment, "container=", 10) == 0;
}

static bool has_filter(const char *root)
{
    char status[4096];
    read_fact(root, "proc/self/status", status, sizeof status);
    const char *line = strstr(status, "\nSeccomp:");
    return line && atoi(line + 9) == 2;
}

void machine_read(Machine *machine, const char *root)
{
    *machine = (Machine){.container = in_container(root), .filtered = has_filter(root)};
    read_fact(root, "proc/version", machine->kernel, sizeof machine->kernel);
    /* the second WSL is a Linux, and spells itself in small letters */
    machine->wsl1 = strstr(machine->kernel, "Microsoft") != NULL;
    machine->wsl = machine->wsl1 || strstr(machine->kernel, "microsoft");
    machine->kernel[strcspn(machine->kernel, "(\n")] = 0;
    size_t len = strlen(machine->kernel);
    if (len && machine->kernel[len - 1] == ' ')
        machine->kernel[len - 1] = 0;
    machine->apparmor_userns =
        read_setting(root, "proc/sys/kernel/apparmor_restrict_unprivileged_userns");
    machine->userns_clone = read_setting(root, "proc/sys/kernel/unprivileged_userns_clone");
    machine->user_namespaces = read_setting(root, "proc/sys/user/max_user_namespaces");
    machine->ptrace_scope = read_setting(root, "proc/sys/kernel/yama/ptrace_scope");
    read_fact(root, "sys/devices/system/clocksource/clocksource0/current_clocksource",
              machine->clocksource, sizeof machine->clocksource);
}

/* --- file systems --- */

static bool lies_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[0] == '/';
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == 0);
}

/* A line of mountinfo: id parent dev root POINT OPTIONS [tags] - TYPE source options.
 * Where mounts lie on each other the last is what is seen. */
static void look_at_mount(const char *line, const char *path, MachineMount *mount, size_t *best)
{
    char point[256], options[128], type[32];
    const char *rest = strstr(line, " - ");
    if (!rest || sscanf(line, "%*s %*s %*s %*s %255s %127s", point, options) != 2 ||
        sscanf(rest, " - %31s", type) != 1 || !lies_below(path, point) || strlen(point) < *best)
        return;
    *best = strlen(point);
    memcpy(mount->type, type, sizeof type);
    memcpy(mount->point, point, sizeof point);
    mount->noexec = strstr(options, "noexec") != NULL;
}

bool machine_mount(const char *root, const char *path, MachineMount *mount)
{
    char *real = realpath(path, NULL), *name = x_printf("%s/proc/self/mountinfo", root),
         *line = NULL;
    FILE *file = fopen(name, "re");
    size_t size = 0, best = 0;
    *mount = (MachineMount){.type = ""};
    while (file && getline(&line, &size, file) > 0)
        look_at_mount(line, real ? real : path, mount, &best);
    if (file)
        fclose(file);
    free(line);
    free(name);
    free(real);
    return best > 0;
}

bool machine_on_windows(const Machine *machine, const MachineMount *mount)
{
    static const char *const types[] = {"9p", "drvfs", "virtiofs"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (machine->wsl && strcmp(mount->type, types[i]) == 0)
            return true;
    return false;
}
