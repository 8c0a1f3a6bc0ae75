#include "git_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"
#include "git_http.h"
#include "git_list.h"
#include "git_repo.h"
#include "verdict.h"

/* Of each of git's processes. A small push may unpack to gigabytes: that fails in git. */
static const long long GIT_MEMORY = 1LL << 30;
/* The same. A push of 64 MiB of sources takes some seconds; 40 KB of deltas, each on 30 MiB of zeros, took
 * minutes, also when nobody waited for them any more. */
enum { GIT_CPU_MS = 120000 };

/* --- one request's life --- */

static void output_ready(Pumped *pumped);

static void add_env(GitRequest *git, int *n, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

GitRequest *git_request_new(Request *request, const Person *owner, int spool)
{
    GitRequest *git = x_calloc(1, sizeof *git);
    *git = (GitRequest){.pumped.ready = output_ready,
                        .server = request->server,
                        .owner = *owner,
                        .sender = request->person.id,
                        .staff = request->person.role >= ROLE_TA,
                        .connection = request->connection,
                        .spool = spool,
                        .fd = -1,
                        .holders = 1};
    pthread_mutex_init(&git->lock, NULL);
    buf_init(&git->out, GIT_OUT_MOST);
    git->push = strstr(request->route->pattern, "git-receive-pack") != NULL;

    const char *type = request_header(request, "Content-Type");
    const char *encoding = request_header(request, "Content-Encoding");
    const char *protocol = request_header(request, "Git-Protocol");
    const char *service = request_argument(request, "service");
    const char *tail = strrchr(request->route->pattern, '*') + 1;
    bool known = !strcmp(service, "git-upload-pack") || !strcmp(service, "git-receive-pack");
    int n = 0;
    add_env(git, &n, "PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    add_env(git, &n, "HOME=%s", git->server->course.work);
    add_env(git, &n, "GIT_CONFIG_NOSYSTEM=1");
    add_env(git, &n, "GIT_PROJECT_ROOT=%s", git->server->course.repos);
    add_env(git, &n, "GIT_HTTP_EXPORT_ALL=1");
    add_env(git, &n, "REQUEST_METHOD=%s", request->route->method);
    add_env(git, &n, "PATH_INFO=/%s.git%s", owner->name, tail);
    add_env(git, &n, "QUERY_STRING=%s%s", known ? "service=" : "", known ? service : "");
    add_env(git, &n, "REMOTE_USER=%s", request->person.name);
    add_env(git, &n, "REMOTE_ADDR=%s", request->address);
    add_env(git, &n, "CONTENT_TYPE=%.100s", type ? type : "");
    if (encoding && strcmp(encoding, "gzip") == 0)
        add_env(git, &n, "HTTP_CONTENT_ENCODING=gzip");
    if (protocol && strlen(protocol) < 100 &&
        strspn(protocol, "abcdefghijklmnopqrstuvwxyz0123456789=:") == strlen(protocol))
        add_env(git, &n, "GIT_PROTOCOL=%s", protocol);
    add_env(git, &n, "COURSEWEB_DIR=%s", git->server->course.dir);
    add_env(git, &n, "COURSEWEB_PERSON=%lld", (long long)owner->id);
    add_env(git, &n, "COURSEWEB_SERVER=%d", (int)getpid());
    if (getenv("COURSEWEB_STOP_AT"))
        add_env(git, &n, "COURSEWEB_STOP_AT=%s", getenv("COURSEWEB_STOP_AT"));
    return git;
}

static void add_env(GitRequest *git, int *n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    git->env_text[(*n)++] = text;
}

static void leave(GitRequest *git)
{
    pthread_mutex_lock(&git->lock);
    bool last = --git->holders == 0;
    pthread_mutex_unlock(&git->lock);
    if (!last)
        return;
    git_list_leave(git);
    if (git->spool >= 0)
        close(git->spool);
    for (size_t i = 0; i < sizeof git->env_text / sizeof *git->env_text; i++)
        free(git->env_text[i]);
    buf_release(&git->out);
    pthread_mutex_destroy(&git->lock);
    free(git);
}

/* --- starting --- */

static pid_t spawn(const GitRequest *git, int out, int err, Fault *fault)
{
    enum { SETTINGS = 20 };
    const char *env[32 + 2 * SETTINGS + 4] = {NULL};
    char *texts[2 * SETTINGS + 4];
    int n = 0, n_texts = 0;
    for (size_t i = 0; git->env_text[i]; i++)
        env[n++] = git->env_text[i];
    texts[n_texts++] = x_printf("GIT_CONFIG_COUNT=%d", n_git_settings + 1);
    texts[n_texts++] = x_strdup("GIT_CONFIG_KEY_0=core.hooksPath");
    texts[n_texts++] = x_printf("GIT_CONFIG_VALUE_0=%s", git->server->course.hooks);
    for (int i = 0; i < n_git_settings; i++) {
        texts[n_texts++] = x_printf("GIT_CONFIG_KEY_%d=%s", i + 1, git_settings[i][0]);
        texts[n_texts++] = x_printf("GIT_CONFIG_VALUE_%d=%s", i + 1, git_settings[i][1]);
    }
    char *length = x_printf("CONTENT_LENGTH=%zu", git->spooled);
    for (int i = 0; i < n_texts; i++)
        env[n++] = texts[i];
    env[n++] = length;
    env[n] = NULL;
    const char *argv[] = {"git", "http-backend", NULL};
    /* A push that is under way when the server dies is not cut off with it. */
    pid_t pid = child_start(&(ChildOptions){.argv = argv,
                                            .env = env,
                                            .in = git->spool,
                                            .out = out,
                                            .err = err,
                                            .nice = WORKER_NICE,
                                            .memory = GIT_MEMORY,
                                            .cpu_s = (int)(clock_limit_ms(GIT_CPU_MS) / 1000),
                                            .outlives = true},
                            fault);
    for (int i = 0; i < n_texts; i++)
        free(texts[i]);
    free(length);
    return pid;
}

int git_request_start(GitRequest *git, Fault *fault)
{
    int ends[2], err;
    if (git_stopping())
        return fault_set(fault, "the server is being restarted");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fault_errno(fault, "can't make a pipe");
    if (git_said_open(&git->said, git->owner.name, &err, fault)) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    if (git->spool >= 0)
        lseek(git->spool, 0, SEEK_SET);
    pid_t pid = spawn(git, ends[1], err, fault);
    close(ends[1]);
    close(err);
    if (pid < 0) {
        git_said_close(&git->said);
        close(ends[0]);
        return -1;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    git->fd = ends[0];
    git->started = git->watched = true;
    git->holders++;
    git_list_runs(git, pid);
    git_said_watch(&git->said, &git->server->pump);
    pump_add(&git->server->pump, git->fd, &git->pumped); /* last: now it may end */
    return 0;
}

/* --- carrying --- */

void git_request_suspend(GitRequest *git)
{
    git->suspended = true;
    MHD_suspend_connection(git->connection);
}

static void wake(GitRequest *git)
{
    if (git->suspended) {
        git->suspended = false;
        MHD_resume_connection(git->connection);
    }
}

/* The connection does not take it now: the pipe fills up, and git waits. */
static void watch(GitRequest *git, bool on)
{
    if (git->watched != on && !git->ended)
        pump_watch(&git->server->pump, git->fd, &git->pumped, on);
    git->watched = on;
}

static void compact(GitRequest *git)
{
    memmove(git->out.data, git->out.data + git->taken, git->out.len - git->taken);
    git->out.len -= git->taken;
    git->out.data[git->out.len] = '\0';
    git->taken = 0;
}

char *git_request_header(GitRequest *git, size_t len)
{
    pthread_mutex_lock(&git->lock);
    char *header = x_strndup(git->out.data, len);
    git->taken = len;
    compact(git);
    pthread_mutex_unlock(&git->lock);
    return header;
}

ssize_t git_request_take(GitRequest *git, char *out, size_t most)
{
    ssize_t result;
    pthread_mutex_lock(&git->lock);
    size_t have = git->out.len - git->taken;
    if (have) {
        result = (ssize_t)(have < most ? have : most);
        memcpy(out, git->out.data + git->taken, (size_t)result);
        git->taken += (size_t)result;
        if (git->taken == git->out.len || git->taken > GIT_OUT_MOST / 2)
            compact(git);
        if (git->out.len < GIT_OUT_MOST / 2)
            watch(git, true);
    } else if (git->ended) {
        /* What looks whole and is not, git's client waits behind for ever. */
        result = git->whole ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
    } else {
        result = 0;
        git_request_suspend(git);
    }
    pthread_mutex_unlock(&git->lock);
    return result;
}

/* What a push left undone in the queue (a hook that was killed) is made good, and the
 * workers look. */
static void settle(const GitRequest *git)
{
    Fault fault = {""};
    Db *db = course_db(&git->server->course, &fault);
    if (!db || jobs_settle(&git->server->course, db, git->owner.name, &fault))
        fprintf(stderr, "courseweb: %s\n", fault.text);
    else
        publish_superseded(&git->server->hub, db, git->owner.id);
    workers_kick(&git->server->workers);
}

void git_request_end(GitRequest *git)
{
    pthread_mutex_lock(&git->lock);
    git->ended = true;
    wake(git);
    pthread_mutex_unlock(&git->lock);
}

static void ended(GitRequest *git)
{
    bool late;
    pump_remove(&git->server->pump, git->fd);
    close(git->fd);
    bool whole = child_wait(git->pid, 2000, &late) == 0;
    git_said_close(&git->said);
    if (git->push)
        settle(git);
    git_list_settled(git); /* before the client hears the end, and comes again */
    pthread_mutex_lock(&git->lock);
    git->whole = whole;
    pthread_mutex_unlock(&git->lock);
    git_request_end(git);
    git_list_over(git);
    leave(git);
}

static void output_ready(Pumped *pumped)
{
    GitRequest *git = (GitRequest *)pumped;
    char piece[32768];
    ssize_t n = read(git->fd, piece, sizeof piece);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        ended(git);
        return;
    }
    pthread_mutex_lock(&git->lock);
    if (git->connection) {
        buf_add(&git->out, piece, (size_t)n);
        if (git->out.len + sizeof piece > GIT_OUT_MOST)
            watch(git, false);
        wake(git);
    }
    pthread_mutex_unlock(&git->lock);
}

void git_request_left(Request *request)
{
    GitRequest *git = request->git;
    if (!git)
        return;
    pthread_mutex_lock(&git->lock);
    git->connection = NULL;
    git->suspended = false;
    if (git->started)
        watch(git, true);
    pthread_mutex_unlock(&git->lock);
    request->git = NULL;
    leave(git);
}
