#include "grade_parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "heartbeat.h"

/* Scenarios wait more than they work: more of them than cores may go on. */
enum { JOBS_PER_CORE = 6 };

static int open_works(Grading *grading, Fault *fault)
{
    const GradeOptions *options = grading->options;
    for (int i = 0; i < course_len && grading->n_works < WORKS_MOST; i++) {
        if (options->chosen && !options->chosen[i])
            continue;
        int n = grading->n_works++;
        if (work_open(&grading->works[n], &course[i], &grading->result->exercises[n], options,
                      fault) != 0)
            return -1;
    }
    return 0;
}

static void result_open(Result *result, const GradeOptions *options)
{
    int n = 0;
    for (int i = 0; i < course_len; i++)
        n += !options->chosen || options->chosen[i];
    result->exercises = x_calloc((size_t)n, sizeof *result->exercises);
    result->n_exercises = n;
    result->practice = options->own;
    result->version = x_strdup(grader_version);
    result->started_s = clock_real_ns() / NS_PER_S;
    const char *dir = options->dir ? options->dir : "";
    char *path = realpath(dir, NULL);
    const char *base = path && strrchr(path, '/') ? strrchr(path, '/') + 1 : dir;
    Buf name;
    buf_init(&name, 1000);
    text_quote(&name, base, strlen(base), 200);
    result->submission = buf_take(&name);
    free(path);
}

/* SHA-256 over the names of the exercises and the digests of their files. */
static void hash_tree(const Grading *grading, Result *result)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    for (int i = 0; i < grading->n_works; i++) {
        const Work *work = &grading->works[i];
        const char *id = work->course->exercise->id;
        EVP_DigestUpdate(md, id, strlen(id) + 1);
        EVP_DigestUpdate(md, work->build.digest, sizeof work->build.digest);
    }
    EVP_DigestFinal_ex(md, digest, &len);
    EVP_MD_CTX_free(md);
    result->tree_hash = x_calloc(2, len + 1);
    text_hex(result->tree_hash, digest, len);
}

/* Nothing could be graded at all: every exercise says so. */
static void all_broken(const GradeOptions *options, Result *result, const char *why)
{
    int n = 0;
    for (int i = 0; i < course_len; i++)
        if (!options->chosen || options->chosen[i])
            rubric_error(course[i].exercise, why, &result->exercises[n++]);
}

static int first_error(const Result *result, Fault *fault)
{
    for (int i = 0; i < result->n_exercises; i++)
        if (result->exercises[i].status == EX_ERROR)
            return fault_set(fault, "%s", result->exercises[i].error);
    return 0;
}

/* Without a sandbox the machine's own port 9000 is the one that a program is to take
 * which is told none. Somebody else on it would be put down to the submission. */
static int default_port_free(Fault *fault)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(9000), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool free_now = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                    bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return free_now ? 0
                    : fault_set(fault, "port 9000 is in use on this machine, and --own needs it: "
                                       "stop what listens there (ss -ltnp), then grade again");
}

static int grade_all(Grading *grading, Fault *fault)
{
    grading->sandbox = sandbox_open(grading->options->own, fault);
    if (!grading->sandbox || heartbeat_start(fault) != 0 || open_works(grading, fault) != 0)
        return -1;
    if (grading->options->own && default_port_free(fault) != 0)
        return -1;
    int jobs = grading->options->jobs;
    grading->jobs = jobs > 0 ? jobs : JOBS_PER_CORE * sandbox_cores(grading->sandbox);
    grading_go(grading);
    hash_tree(grading, grading->result);
    if (grading->interrupted)
        return fault_set(fault, "interrupted: nothing was graded");
    return 0;
}

int grade(const GradeOptions *options, Result *result, Fault *fault)
{
    int64_t began = clock_mono_ns();
    Grading *grading = x_calloc(1, sizeof *grading);
    grading->options = options;
    grading->result = result;
    result_open(result, options);
    int status = grade_all(grading, fault);
    if (status != 0)
        all_broken(options, result, fault->text);
    for (int i = 0; i < grading->n_works; i++) {
        work_keep_traces(&grading->works[i], result);
        work_release(&grading->works[i]);
    }
    sandbox_close(grading->sandbox);
    free(grading);
    result_total(result);
    result->wall_us = (clock_mono_ns() - began) / NS_PER_US;
    return status != 0 ? status : first_error(result, fault);
}
