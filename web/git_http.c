#include "git_http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert.h"
#include "child.h"
#include "git_backend.h"
#include "git_list.h"
#include "git_repo.h"
#include "health.h"

static const char too_large_push[] = "A push takes no more than 64 MiB.\n";
static const char too_much[] = "You have too much under way at once. Try again in a minute.\n";

/* --- who may do what --- */

static enum MHD_Result ask_for_token(Request *request)
{
    const char *text = request->refused_for;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    response_common(response);
    MHD_add_response_header(response, "WWW-Authenticate", "Basic realm=\"course\"");
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(request->connection, 401, response);
    MHD_destroy_response(response);
    return result;
}

static bool wants_push(const Request *request)
{
    const char *pattern = request->route->pattern;
    return strstr(pattern, "git-receive-pack") ||
           strcmp(request_argument(request, "service"), "git-receive-pack") == 0;
}

/* 0: allowed, and `owner` is whose repository it is; else a status. */
static int allowed(Request *request, Person *owner)
{
    char *name = request->pieces.text[0];
    size_t len = strlen(name);
    if (len < 5 || strcmp(name + len - 4, ".git") != 0)
        return 404;
    name[len - 4] = '\0';
    int refused = auth_basic(request);
    if (refused)
        return refused;
    if (!name_valid(name) || !person_find(request->db, name, owner))
        return 404;
    if (owner->id == request->person.id)
        return 0;
    if (!person_may_see(&request->person, owner))
        return 404; /* whether the name exists is nobody else's business */
    return wants_push(request) ? 403 : 0;
}

static const char *refusal(int status)
{
    switch (status) {
    case 401:
        return "Sign in with your account's name, and your token as the password.\n";
    case 403:
        return "Only its owner pushes here.\n";
    case 429:
        return "Too many failed tries. Wait a quarter of an hour.\n";
    default:
        return "No such repository.\n";
    }
}

/* --- before the body --- */

/* What `refused` and `refused_for` are, as git understands it. */
static enum MHD_Result say_refused(Request *request)
{
    return request->refused == 401
               ? ask_for_token(request)
               : reply_text(request, (unsigned)request->refused, request->refused_for);
}

/* A client that is answered in the midst of sending may lose the answer, and a proxy before
 * us makes a 502 of it: what has a body is refused after it, unless its client waits to hear
 * whether to send it. */
static int refuse(Request *request, int status, const char *text)
{
    request->refused = status;
    request->refused_for = text;
    if (request_is_post(request) && !request_header(request, "Expect"))
        return -1;
    return (int)say_refused(request);
}

static int open_spool(const Request *request)
{
    return open(request->server->course.work, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static bool announced_too_large(const Request *request)
{
    const char *length = request_header(request, "Content-Length");
    return length && strtoll(length, NULL, 10) > PUSH_BYTES;
}

/* NULL: there is; else a sentence for who pushes. */
static const char *no_room(const Request *request, const Person *owner)
{
    const Course *course = &request->server->course;
    int64_t mb, most = course_setting_number(request->db, "repo_mb", REPO_MB) << 20;
    if (!wants_push(request))
        return NULL;
    if (disk_low(course, request->db, &mb)) {
        alert_look(course, request->db, false); /* no attempt would end that could tell staff */
        return "The server's disk is nearly full: tell your staff, then push again.\n";
    }
    if (git_repo_bytes(course, owner->name, most) > most)
        return "Your repository here has grown too large to take more: ask your staff.\n";
    return NULL;
}

static int expect_body(Request *request, const Person *owner)
{
    Fault fault = {""};
    int spool = open_spool(request);
    if (spool < 0) {
        fault_errno(&fault, "can't write below work/");
        return (int)reply_fault(request, &fault);
    }
    request->git = git_request_new(request, owner, spool);
    if (git_list_expect(request->git))
        return -1;
    git_request_left(request);
    return refuse(request, 503, too_much);
}

int git_begin(Request *request)
{
    Fault fault = {""};
    Person owner;
    int status = allowed(request, &owner);
    if (status)
        return refuse(request, status, refusal(status));
    if (announced_too_large(request))
        return refuse(request, 413, too_large_push);
    if (wants_push(request) && request_header(request, "Content-Encoding"))
        return refuse(request, 415, "A push comes as it is, not compressed once more.\n");
    if (git_running_of(request->person.id) >= OF_ONE_SENDER)
        return refuse(request, 503, too_much);
    if (git_running() >= BACKENDS_MOST)
        return refuse(request, 503, "Too many pushes at once. Try again in a minute.\n");
    git_repo_sweep(&request->server->course, owner.name); /* first: it may make room */
    const char *full = no_room(request, &owner);
    if (full)
        return refuse(request, 507, full);
    if (git_repo_ready(&request->server->course, owner.name, &fault))
        return (int)reply_fault(request, &fault);
    request->on_end = git_request_left;
    if (request_is_post(request))
        return expect_body(request, &owner);
    request->git = git_request_new(request, &owner, -1);
    return -1;
}

static size_t body_most(const Request *request, bool push)
{
    return push                                          ? PUSH_BYTES
           : request_header(request, "Content-Encoding") ? FETCH_PACKED
                                                         : FETCH_BYTES;
}

bool git_body(Request *request, const char *bytes, size_t len)
{
    GitRequest *git = request->git;
    if (request->refused) {
        request->passed_over += len;
        return request->passed_over <= REFUSED_BYTES;
    }
    if (!git->failed && git->spooled + len > body_most(request, git->push))
        git->failed = EFBIG;
    while (len && !git->failed) {
        ssize_t n = write(git->spool, bytes, len);
        if (n == 0 || (n < 0 && errno != EINTR))
            git->failed = n < 0 ? errno : ENOSPC;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
        git->spooled += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* --- the answer --- */

static ssize_t read_answer(void *context, uint64_t at, char *out, size_t most)
{
    (void)at;
    return git_request_take(context, out, most);
}

static bool header_end(const Buf *out, size_t *len)
{
    const char *end = memmem(out->data, out->len, "\r\n\r\n", 4);
    *len = end ? (size_t)(end - out->data) + 4 : 0;
    return end != NULL;
}

/* One header line of the backend; Status is the response's. */
static void copy_header(struct MHD_Response *response, char *line, unsigned *status)
{
    char *colon = strchr(line, ':');
    if (!colon)
        return;
    *colon = '\0';
    const char *value = colon + 1 + strspn(colon + 1, " ");
    if (strcasecmp(line, "Status") == 0)
        *status = (unsigned)atoi(value);
    else if (strcasecmp(line, "Content-Length") != 0)
        MHD_add_response_header(response, line, value);
}

static enum MHD_Result answer(Request *request, size_t header_len)
{
    GitRequest *git = request->git;
    unsigned status = 200;
    char *header = git_request_header(git, header_len), *rest = NULL;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32768, read_answer, git, NULL);
    for (char *line = strtok_r(header, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
        copy_header(response, line, &status);
    free(header);
    enum MHD_Result result = MHD_queue_response(
        request->connection, status >= 200 && status < 600 ? status : 502, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse_body(Request *request)
{
    const GitRequest *git = request->git;
    if (git->failed != EFBIG)
        return reply_text(request, 507, "The server can't keep this push: tell your staff.\n");
    return reply_text(request, 413,
                      git->push ? too_large_push : "A fetch asks in no more than 2 MiB.\n");
}

enum MHD_Result git_finish(Request *request)
{
    GitRequest *git = request->git;
    Fault fault = {""};
    size_t header_len;
    if (request->refused)
        return say_refused(request);
    if (git->failed)
        return refuse_body(request);
    if (!git->started && git_request_start(git, &fault))
        return reply_fault(request, &fault);
    pthread_mutex_lock(&git->lock);
    bool whole = header_end(&git->out, &header_len);
    bool wait = !whole && !git->ended && git->out.len < GIT_HEADER_MOST;
    if (wait)
        git_request_suspend(git);
    pthread_mutex_unlock(&git->lock);
    if (wait)
        return MHD_YES;
    return whole ? answer(request, header_len) : reply_text(request, 502, "git did not answer\n");
}
