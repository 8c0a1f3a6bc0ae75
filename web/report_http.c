/* POST /api/results: a report of the grading workflow, with the job's identity token. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/version.h"
#include "digest.h"
#include "reports.h"
#include "result_json.h"
#include "result_read.h"
#include "routes.h"
#include "verdict.h"

enum { PASSED_OVER_MOST = 8 << 20 };

typedef struct ReportRequest {
    Trust trust;
    Claims claims;
    bool one_job;
    Buf body;
    size_t sent;
    /* Why it is refused; status 0: it is not, so far. */
    unsigned status;
    int retry_s;
    Fault why;
} ReportRequest;

static void left(Request *request)
{
    trust_release(&request->report->trust);
    buf_release(&request->report->body);
    free(request->report);
    request->report = NULL;
}

/* --- answers: JSON, one line, for a program that shows it to people --- */

static enum MHD_Result answer(Request *request, unsigned status, json_t *body, int retry_s)
{
    Buf text;
    char seconds[16];
    buf_init(&text, 8192);
    json_write_take(&text, body, RESULT_JSON_FLAGS | JSON_COMPACT);
    buf_char(&text, '\n');
    size_t len = text.len;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, buf_take(&text), MHD_RESPMEM_MUST_FREE);
    response_common(response);
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (status == 401)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    snprintf(seconds, sizeof seconds, "%d", retry_s);
    if (retry_s)
        MHD_add_response_header(response, "Retry-After", seconds);
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(Request *request, unsigned status, const char *why, int retry_s)
{
    return answer(request, status, json_pack("{s:o}", "error", json_text(why, 2048)), retry_s);
}

/* Ours: what failed is for our own log. */
static enum MHD_Result broke(Request *request, const Fault *fault)
{
    fprintf(stderr, "courseweb: a report: %s\n", fault->text);
    return refuse(request, 503, "something of the course server's failed; try again", 10);
}

/* --- before the body --- */

static const char *bearer(const Request *request)
{
    const char *header = request_header(request, "Authorization");
    if (!header || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    return header + 7;
}

/* 0, or the status to refuse it with. */
static unsigned check_token(Request *request, const char *text, int *retry_s, Fault *fault)
{
    Token token;
    ReportRequest *report = request->report;
    Trust *trust = &report->trust;
    unsigned status = 401;
    EVP_PKEY *key = NULL;
    if (!token_read(&token, text, fault)) {
        key = issuer_key(&request->server->issuer, trust->issuer, trust->issuer_ca, token.key,
                         retry_s);
        if (!key) {
            fault_set(fault, "the key of this token is not here yet; it is being fetched");
            status = 503;
        } else if (!token_verify(&token, key, fault) &&
                   !token_claims(&token, &report->claims, fault) &&
                   !claims_timely(&report->claims, now_s(), fault)) {
            *retry_s = 0;
            status = trust_claims(trust, request->server->base_url, &report->claims,
                                  &report->one_job, fault)
                         ? 403
                         : 0;
        } else {
            *retry_s = 0;
        }
    }
    EVP_PKEY_free(key);
    token_release(&token);
    return status;
}

/* What it is refused for is kept and said after the body: a client that is answered in the midst of
 * sending may lose the answer. */
static int refuse_later(Request *request, unsigned status, const char *why, int retry_s)
{
    ReportRequest *report = request->report;
    report->status = status;
    report->retry_s = retry_s;
    fault_set(&report->why, "%s", why);
    return -1;
}

int report_begin(Request *request)
{
    Fault fault = {""};
    int retry_s = 0;
    const char *text = bearer(request);
    request->report = x_calloc(1, sizeof *request->report);
    request->on_end = left;
    buf_init(&request->report->body, REPORT_BYTES);
    trust_load(request->db, &request->report->trust);
    if (!request->report->trust.on)
        return refuse_later(request, 404,
                            "this course takes no reports; its staff turn them on with "
                            "`courseweb github OWNER/NAME`",
                            0);
    if (!text)
        return refuse_later(request, 401, "a report needs its job's identity token", 0);
    unsigned status = check_token(request, text, &retry_s, &fault);
    return status ? refuse_later(request, status, fault.text, retry_s) : -1;
}

bool report_body(Request *request, const char *bytes, size_t len)
{
    ReportRequest *report = request->report;
    report->sent += len;
    if (!report->status)
        buf_add(&report->body, bytes, len);
    if (report->body.full)
        refuse_later(request, 413, "a report is no larger than 256 KiB", 0);
    return report->sent <= PASSED_OVER_MOST;
}

/* --- with the body --- */

/* "async-grader/0.1.0", as `grader upload` calls itself; "" if it is another program. */
static void version_of(const Request *request, char version[32])
{
    static const char program[] = "async-grader/";
    const char *agent = request_header(request, "User-Agent");
    *version = '\0';
    if (!agent || strncmp(agent, program, strlen(program)) != 0)
        return;
    agent += strlen(program);
    if (strlen(agent) < 32 &&
        strspn(agent, "0123456789.abcdefghijklmnopqrstuvwxyz-+") == strlen(agent))
        strcpy(version, agent);
}

static enum MHD_Result stored(Request *request, const ReportTaken *taken)
{
    char *url =
        x_printf("%s/submission/%lld", request->server->base_url, (long long)taken->submission);
    json_t *body = json_pack("{s:s,s:I,s:o,s:b}", "status", "stored", "submission",
                             (json_int_t)taken->submission, "url", json_text(url, 1024), "again",
                             taken->again);
    free(url);
    return answer(request, 200, body, 0);
}

static enum MHD_Result waits(Request *request)
{
    Buf text;
    buf_init(&text, 2048);
    buf_printf(
        &text,
        "kept, and waits: the course does not know yet whose repository %s is. Its staff say "
        "so on the activity page, or by: courseweb repo link %s STUDENT",
        request->report->claims.repository, request->report->claims.repository);
    json_t *body = json_pack("{s:s,s:o}", "status", "waits", "message", json_text(text.data, 2048));
    buf_release(&text);
    return answer(request, 202, body, 0);
}

static enum MHD_Result tell(Request *request, const ReportTaken *taken)
{
    switch (taken->fate) {
    case REPORT_STORED:
        if (!taken->again) {
            digest_bring_up(request->db, NULL);
            publish_report(&request->server->hub, request->db, taken->person, taken->submission);
        }
        return stored(request, taken);
    case REPORT_WAITS:
        return waits(request);
    case REPORT_OTHER:
        return refuse(request, 409, "this run has reported another result already; that one stays",
                      0);
    case REPORT_LEFT:
        return refuse(request, 403, "the student whose repository this is has left the course", 0);
    default:
        return refuse(request, 507,
                      "too many reports wait for the course's staff to say whose they are", 0);
    }
}

/* Is it a report, of the exercises as they are here? Its author is told what is wrong. */
static int check_report(Request *request, Fault *fault)
{
    Result result;
    int status = result_read(&result, request->report->body.data, request->report->body.len, fault);
    char *list = course_setting(request->db, "exercises");
    if (status == 0 && result_listed(&result, list ? list : "", fault)) {
        size_t len = strlen(fault->text);
        snprintf(fault->text + len, sizeof fault->text - len,
                 "; the bundle of the workflow and the server's grader (%s) are not of one version",
                 grader_version);
        status = -1;
    }
    free(list);
    result_release(&result);
    return status;
}

enum MHD_Result report_finish(Request *request)
{
    Fault fault = {""};
    ReportTaken taken;
    ReportRequest *report = request->report;
    char version[32];
    if (report->status)
        return refuse(request, report->status, report->why.text, report->retry_s);
    if (check_report(request, &fault))
        return refuse(request, 422, fault.text, 0);
    version_of(request, version);
    if (report_take(&request->server->course, request->db, &report->trust,
                    &(Report){.claims = &report->claims,
                              .one_job = report->one_job,
                              .grader = version,
                              .text = report->body.data,
                              .pushed_s = text_number(request_argument(request, "pushed"))},
                    &taken, &fault))
        return broke(request, &fault);
    return tell(request, &taken);
}
