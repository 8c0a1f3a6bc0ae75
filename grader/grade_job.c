#include "grade_parts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"

int64_t job_length(const Job *job)
{
    const Script *script = &job->work->scripts[job->scenario];
    return script_length_ns(script) + (job->other == OTHER_NONE ? script->burn_ns : 0);
}

static char *trace_path(const Grading *grading, const Work *work, int scenario, int attempt)
{
    if (!grading->options->trace_dir || work->scripts[scenario].untraced)
        return NULL;
    char repeat[16] = "";
    if (attempt)
        snprintf(repeat, sizeof repeat, ".%d", attempt + 1);
    return x_printf("%s/%s.%s%s.strace", grading->options->trace_dir, work->course->exercise->id,
                    work->course->scenarios[scenario].name, repeat);
}

Job *job_new(Grading *grading, Work *work, Other other, int scenario, int attempt)
{
    Job *job = x_calloc(1, sizeof *job);
    job->grading = grading;
    job->work = work;
    job->other = other;
    job->scenario = scenario;
    job->attempt = attempt;
    job->stacks = attempt > 0 && !work->scripts[scenario].untraced;
    if (other == OTHER_NONE) {
        job->keep_trace = trace_path(grading, work, scenario, attempt);
        job->binary = x_strdup(work->build.binary);
    }
    return job;
}

void job_free(Job *job)
{
    run_free(job->run);
    free(job->keep_trace);
    free(job->binary);
    free(job->steps);
    free(job);
}

Observation *job_observation(Job *job)
{
    if (job->other != OTHER_NONE) {
        Compared *compared = &job->work->others[job->other];
        return job->work->scripts[job->scenario].untraced ? &compared->idle : &compared->data;
    }
    return &job->work->tries[job->attempt].runs[job->scenario];
}

/* Without a sandbox all programs share one network: no two may be told the same port. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &len) == 0;
    if (fd >= 0)
        close(fd);
    return ok ? ntohs(address.sin_port) : 0;
}

/* Programs of ours may lie where the sandbox's user can't look (/root, a home):
 * a copy in scratch is run. NULL if there is no such program. */
char *job_lend(Grading *grading, const char *path)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return NULL;
    char *folder = sandbox_folder(grading->sandbox, "ours", NULL);
    char *copy = folder ? x_printf("%s/%s", folder, strrchr(path, '/') + 1) : NULL;
    int to = copy ? open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755) : -1;
    /* Whatever the umask: another user runs it. */
    bool ok = to >= 0 && fchmod(to, 0755) == 0 && fd_copy(from, to);
    close(from);
    if (to >= 0 && close(to) != 0)
        ok = false;
    free(folder);
    if (!ok) {
        free(copy);
        return NULL;
    }
    return copy;
}

/* In a report the spinner only lends its figures: for those a moment of its full
 * core is enough. The picture shows it over the same wait as the others. */
#define MOMENT_NS (40 * NS_PER_MS)

static void shorten(Job *job)
{
    size_t size = (size_t)job->script.n_steps * sizeof *job->script.steps;
    job->steps = x_calloc(1, size);
    memcpy(job->steps, job->script.steps, size);
    for (int i = 0; i < job->script.n_steps; i++)
        if (job->steps[i].verb == VERB_WATCH && job->steps[i].time_ns > MOMENT_NS)
            job->steps[i].time_ns = MOMENT_NS;
    job->script.steps = job->steps;
}

const Script *job_script(Job *job)
{
    job->script = job->work->scripts[job->scenario];
    /* CPU time burnt before main begins tells an invented cpu_us; nobody asks ours. */
    if (job->other != OTHER_NONE)
        job->script.burn_ns = 0;
    const GradeOptions *options = job->grading->options;
    if (job->other == OTHER_SPINNER && !options->picture && !options->baseline)
        shorten(job);
    if (job->grading->options->own && job->script.port > 0)
        job->script.port = free_port();
    return &job->script;
}
