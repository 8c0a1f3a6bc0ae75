#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_parts.h"

/* Cargo writes beside the source, and a build.rs wherever it can: both get the
 * bounded /tmp, and of /out only the one file. */
static const char script[] =
    "set -e; cp -r \"$1\" \"$2/src\"; cd \"$2/src\"; "
    "cargo build --offline --quiet --message-format short --target-dir \"$2/target\"; "
    "f=$2/target/debug/$3; [ -f \"$f\" ] || "
    "f=$(find \"$2/target/debug\" -maxdepth 1 -type f -perm -1 | head -n 1); "
    "cat \"$f\" > \"$4\"";

static const SandboxLimits limits = {
    .memory = UINT64_C(4) << 30,
    .processes = 128,
    .descriptors = 1024,
    .file_size = 48 << 20,
    .cpu_s = 60,
};

static char **list_of(const char *const *words)
{
    size_t n = 0;
    while (words[n])
        n++;
    char **list = x_calloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = x_strdup(words[i]);
    return list;
}

static void give_environment(BuildCommand *command, const char *rust, const char *tmp)
{
    char *path = x_printf("PATH=%s/bin:/usr/bin:/bin", rust);
    char *libraries = x_printf("LD_LIBRARY_PATH=%s/lib", rust); /* $ORIGIN wants a /proc */
    char *home = x_printf("CARGO_HOME=%s/cargo", tmp), *tmpdir = x_printf("TMPDIR=%s", tmp);
    char *cc = sandbox_tool("cc"); /* "cc" itself may be a link by way of /etc */
    char *map =
        x_printf("RUSTFLAGS=--remap-path-prefix=%s/src=/src -Clinker=%s", tmp, cc ? cc : "cc");
    const char *words[] = {path,   libraries,        home,        map,
                           tmpdir, "LC_ALL=C.UTF-8", "HOME=/tmp", "CARGO_BUILD_JOBS=2",
                           NULL};
    command->environment = list_of(words);
    free(path);
    free(libraries);
    free(home);
    free(map);
    free(cc);
    free(tmpdir);
}

/* Binds in place of those of a C build: the source, the toolchain, one file of out/. */
static int give_binds(Sandbox *sandbox, BuildCommand *command, const char *program,
                      const char *rust)
{
    char *file = x_printf("%s/out/%s", command->folder, program);
    char *inside = x_printf("/out/%s", program), *source = x_printf("%s/src", command->folder);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : sandbox_give(sandbox, file, NULL);
    if (fd >= 0)
        close(fd);
    build_bind(command, source, "/src", false);
    build_bind(command, file, inside, true);
    if (strcmp(rust, "/usr") != 0)
        build_bind(command, rust, "/rust", false);
    free(file);
    free(inside);
    free(source);
    return rc;
}

int build_cargo_command(Sandbox *sandbox, const char *program, BuildCommand *command,
                        char **problem, Fault *fault)
{
    char *rust = sandbox_rust();
    if (!rust) {
        *problem = x_strdup("the folder has a Cargo.toml and no .c file, and this machine has no "
                            "cargo");
        return 1;
    }
    bool own = sandbox_mode(sandbox) == SANDBOX_OWN, bound = strcmp(rust, "/usr") != 0;
    char *tmp = own ? x_printf("%s/out/tmp", command->folder) : x_strdup("/tmp");
    char *out =
        own ? x_printf("%s/out/%s", command->folder, program) : x_printf("/out/%s", program);
    char *source = own ? x_printf("%s/src", command->folder) : x_strdup("/src");
    int rc = give_binds(sandbox, command, program, rust);
    if (rc == 0 && own)
        rc = mkdir(tmp, 0700);
    const char *argv[] = {"/bin/sh", "-c", script, "sh", source, tmp, program, out, NULL};
    command->argv = list_of(argv);
    give_environment(command, bound && !own ? "/rust" : rust, tmp);
    command->sandbox.by_root = bound;
    command->limits = limits;
    command->seconds = BUILD_CARGO_SECONDS;
    free(source);
    free(out);
    free(tmp);
    free(rust);
    return rc < 0 ? fault_errno(fault, "can't prepare a build with cargo") : 0;
}
