#include "build.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "build_parts.h"
#include "sandbox_watch.h"
#include "wake.h"

/* One build in progress. Freed when its last handle is closed, after `done`. */
typedef struct Job {
    uv_loop_t *loop;
    Sandbox *sandbox;
    Build *build;
    BuildDone done;
    void *context;
    char *program, *folder; /* folder: scratch */
    BuildCommand command;
    char **argv, **environment;
    uv_process_t process;
    uv_pipe_t pipes[3]; /* stdout, stderr, info */
    uv_timer_t timer;
    SandboxWatch memory;
    int open;    /* handles that are not closed yet */
    int waiting; /* exit, and the ends of stdout and stderr */
    SandboxInfo info;
    Buf text;
    size_t printed;
    int64_t status;
    int signal;
    bool spawned, timed_out, flood;
    int64_t started_ns;
} Job;

/* --- the end --- */

static void give_problem(Build *build, char *problem)
{
    build->end = BUILD_FAILED;
    free(build->report.problem);
    build->report.problem = problem;
}

static void conclude(Job *job)
{
    Build *build = job->build;
    if (!build->report.output)
        build->report.output = x_strdup("");
    build->report.compiled = build->end == BUILD_OK;
    build->wall_us = (clock_mono_ns() - job->started_ns) / NS_PER_US;
    sandbox_argv_free(job->argv);
    sandbox_argv_free(job->environment);
    build_command_release(&job->command);
    buf_release(&job->text);
    free(job->program);
    free(job->folder);
    BuildDone done = job->done;
    void *context = job->context;
    free(job);
    done(context, build);
}

static void closed(uv_handle_t *handle)
{
    Job *job = handle->data;
    if (--job->open == 0)
        conclude(job);
}

static void close_all(Job *job)
{
    uv_close((uv_handle_t *)&job->timer, closed);
    if (!job->spawned)
        return;
    uv_close((uv_handle_t *)&job->process, closed);
    uv_close((uv_handle_t *)&job->memory.timer, closed);
    for (int i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&job->pipes[i], closed);
}

/* --- what came of it --- */

static uint64_t free_space(const char *folder)
{
    struct statvfs fs;
    return statvfs(folder, &fs) < 0 ? UINT64_MAX : (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* The program, made so that the uid of any later run can use it. */
static bool take_binary(Job *job)
{
    struct stat st;
    char *path = x_printf("%s/out/%s", job->folder, job->program);
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && chmod(path, 0755) == 0) {
        job->build->binary = path;
        return true;
    }
    free(path);
    return false;
}

static char *read_includes(Job *job)
{
    char *path = x_printf("%s/out/includes", job->folder), *outside = NULL;
    char *text = x_calloc(1, BUILD_TEXT_MOST);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, BUILD_TEXT_MOST);
    if (n > 0)
        outside = build_outside(text, (size_t)n);
    if (fd >= 0)
        close(fd);
    free(text);
    free(path);
    return outside;
}

/* Before the compiler was started, and where our disk is full, it is our failure. */
static bool is_ours(Job *job)
{
    Build *build = job->build;
    if (!job->info.started || strstr(job->info.text, "\nfailed ")) {
        Buf text;
        buf_init(&text, 300);
        buf_add(&text, job->text.data, job->text.len);
        fault_set(&build->fault,
                  "the compiler can't be started in the sandbox (%.*s); `grader "
                  "doctor` tells more",
                  (int)strcspn(text.data, "\n"), text.data);
        buf_release(&text);
    } else if (free_space(job->folder) < BUILD_SPACE_LEAST / 4) {
        fault_set(&build->fault, "the disk with %s is full; free some room or set TMPDIR",
                  job->folder);
    } else {
        return false;
    }
    build->end = BUILD_BROKEN;
    return true;
}

static void judge(Job *job)
{
    Build *build = job->build;
    bool failed = job->status != 0 || job->signal || job->timed_out || job->flood;
    char *outside = read_includes(job);
    if (failed && is_ours(job)) {
        free(outside);
        return;
    }
    Messages messages = {.text = outside ? "" : job->text.data,
                         .len = outside ? 0 : job->text.len,
                         .source = build->folder,
                         .timed_out = job->timed_out,
                         .flood = job->flood,
                         .out_of_memory =
                             failed &&
                             (job->memory.killed ||
                              sandbox_out_of_memory(job->sandbox, (const char *const *)job->argv)),
                         .seconds = job->command.seconds,
                         .status = failed ? job->status ? (int)job->status : 128 + job->signal : 0};
    build_messages(&messages, &build->report);
    build->end = BUILD_OK;
    if (outside)
        give_problem(build, outside);
    else if (failed)
        build->end = BUILD_FAILED;
    else if (!take_binary(job))
        give_problem(build, x_strdup("the compiler made no program"));
}

/* --- the compiler at work --- */

static void part_ended(Job *job)
{
    if (--job->waiting > 0)
        return;
    judge(job);
    close_all(job);
}

static void end_it(Job *job)
{
    if (job->info.child)
        sandbox_kill(job->sandbox, job->info.child);
    else
        uv_process_kill(&job->process, SIGKILL);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
    Job *job = process->data;
    uv_timer_stop(&job->memory.timer);
    job->status = status;
    job->signal = signal;
    job->info.child = 0; /* from here on the number may be someone else's */
    part_ended(job);
}

static void too_late(uv_timer_t *timer)
{
    Job *job = timer->data;
    job->timed_out = true;
    if (job->waiting > 0 && uv_is_active((uv_handle_t *)&job->process))
        end_it(job);
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char bytes[65536]; /* one loop, and what is read is used before the next read */
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof bytes);
}

static void printed(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    Job *job = stream->data;
    if (n < 0) {
        uv_read_stop(stream);
        part_ended(job);
        return;
    }
    buf_add(&job->text, buf->base, (size_t)n);
    job->printed += (size_t)n;
    if (job->printed > BUILD_OUTPUT_MOST && !job->flood) {
        job->flood = true;
        end_it(job);
    }
}

static void informed(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    Job *job = stream->data;
    if (n > 0)
        sandbox_info_feed(&job->info, buf->base, (size_t)n);
    else if (n < 0)
        uv_read_stop(stream);
}

/* --- the beginning --- */

static void open_handles(Job *job)
{
    for (int i = 0; i < 3; i++) {
        uv_pipe_init(job->loop, &job->pipes[i], 0);
        job->pipes[i].data = job;
    }
    job->process.data = job;
    sandbox_watch_start(&job->memory, job->loop, job->sandbox, &job->info,
                        job->command.limits.memory, job);
    job->open += 5;
    job->spawned = true;
}

static int spawn(Job *job, int seccomp)
{
    open_handles(job);
    uv_stdio_container_t stdio[SANDBOX_FDS] = {[SANDBOX_STDIN] = {.flags = UV_IGNORE}};
    static const int places[] = {SANDBOX_STDOUT, SANDBOX_STDERR, SANDBOX_INFO};
    for (int i = 0; i < 3; i++) {
        stdio[places[i]].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
        stdio[places[i]].data.stream = (uv_stream_t *)&job->pipes[i];
    }
    stdio[SANDBOX_SECCOMP].flags = UV_INHERIT_FD;
    stdio[SANDBOX_SECCOMP].data.fd = seccomp;
    uv_process_options_t options = {.file = job->argv[0],
                                    .args = job->argv,
                                    .env = job->environment,
                                    .exit_cb = exited,
                                    .stdio_count = SANDBOX_FDS,
                                    .stdio = stdio};
    int rc = uv_spawn(job->loop, &job->process, &options);
    if (rc < 0)
        return fault_set(&job->build->fault, "can't start %s: %s", job->argv[0], uv_strerror(rc));
    job->waiting = 3;
    uv_read_start((uv_stream_t *)&job->pipes[0], room, printed);
    uv_read_start((uv_stream_t *)&job->pipes[1], room, printed);
    uv_read_start((uv_stream_t *)&job->pipes[2], room, informed);
    return 0;
}

static int start_compiler(Job *job)
{
    Fault *fault = &job->build->fault;
    job->argv = sandbox_argv(job->sandbox, &job->command.sandbox, fault);
    job->environment = sandbox_environment(&job->command.sandbox);
    int seccomp = job->argv ? sandbox_seccomp_fd(job->sandbox, fault) : -1;
    if (seccomp < 0)
        return -1;
    int rc = spawn(job, seccomp);
    close(seccomp);
    if (rc == 0)
        wake_in(&job->timer, too_late,
                clock_limit_ms(job->command.seconds * INT64_C(1000)) * NS_PER_MS);
    return rc;
}

/* src/, course/ and out/ in a scratch folder of this build's own. */
static int make_folders(Job *job, const char *exercise)
{
    Fault *fault = &job->build->fault;
    job->folder = sandbox_folder(job->sandbox, exercise, fault);
    if (!job->folder)
        return -1;
    if (free_space(job->folder) < BUILD_SPACE_LEAST)
        return fault_set(fault, "under %d MB are free in %s; free some room or set TMPDIR",
                         BUILD_SPACE_LEAST >> 20, job->folder);
    static const char *const names[] = {"src", "course", "out"};
    char *paths[3];
    int rc = 0;
    for (int i = 0; i < 3; i++) {
        paths[i] = x_printf("%s/%s", job->folder, names[i]);
        if (rc == 0 && (mkdir(paths[i], 0755) < 0 || chmod(paths[i], 0755) < 0))
            rc = fault_errno(fault, "can't make %s", paths[i]);
    }
    if (rc == 0)
        rc = build_write_course(paths[1], fault) || sandbox_give(job->sandbox, paths[2], fault);
    job->build->folder = paths[0];
    free(paths[1]);
    free(paths[2]);
    return rc ? -1 : 0;
}

/* true: the compiler runs. Otherwise the end is already known. */
static bool begin(Job *job, const char *source, const char *exercise)
{
    Build *build = job->build;
    Copied copied = {0};
    bool running = false;
    build->end = BUILD_BROKEN;
    if (make_folders(job, exercise) < 0)
        return false;
    switch (build_copy(source, build->folder, &copied, &build->fault)) {
    case COPY_MISSING:
        build->end = BUILD_MISSING;
        build->report.problem = x_printf("there is no folder %s", exercise);
        break;
    case COPY_REFUSED:
        give_problem(build, copied.problem);
        copied.problem = NULL;
        break;
    case COPY_BROKEN:
        break;
    case COPY_OK:
        memcpy(build->digest, copied.digest, sizeof build->digest);
        char *problem = NULL;
        int rc = build_command(job->sandbox, job->folder, job->program, &copied, &job->command,
                               &problem, &build->fault);
        if (rc > 0)
            give_problem(build, problem);
        running = rc == 0 && start_compiler(job) == 0;
        break;
    }
    copied_release(&copied);
    return running;
}

static void known_already(uv_timer_t *timer)
{
    close_all(timer->data);
}

void build_start(uv_loop_t *loop, Sandbox *sandbox, const char *source, const char *exercise,
                 const char *program, Build *build, BuildDone done, void *context)
{
    Job *job = x_calloc(1, sizeof *job);
    *job = (Job){.loop = loop,
                 .sandbox = sandbox,
                 .build = build,
                 .done = done,
                 .context = context,
                 .program = x_strdup(program),
                 .started_ns = clock_mono_ns()};
    buf_init(&job->text, BUILD_TEXT_MOST);
    uv_timer_init(loop, &job->timer);
    job->timer.data = job;
    job->open = 1;
    if (!begin(job, source, exercise))
        uv_timer_start(&job->timer, known_already, 0, 0);
}

void build_release(Build *build)
{
    BuildReport *report = &build->report;
    for (int i = 0; i < report->n_notes; i++) {
        free(report->notes[i].file);
        free(report->notes[i].text);
        free(report->notes[i].source);
    }
    free(report->notes);
    free(report->output);
    free(report->problem);
    free(build->folder);
    free(build->binary);
    *build = (Build){0};
}
