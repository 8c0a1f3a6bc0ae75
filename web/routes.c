#include "routes.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "git_http.h"
#include "live.h"
#include "static.h"

static enum MHD_Result healthz(Request *request)
{
    return reply_text(request, 200, "ok\n");
}

const StaticFile *static_file(const char *name)
{
    for (int i = 0; i < n_static_files; i++)
        if (strcmp(static_files[i].name, name) == 0)
            return &static_files[i];
    return NULL;
}

const char *static_url(const char *name)
{
    static _Thread_local char url[256];
    const StaticFile *file = static_file(name);
    *url = '\0';
    if (file)
        snprintf(url, sizeof url, "/static/%.100s?v=%s", file->name, file->version);
    return url;
}

static const struct {
    const char *end, *type;
} types[] = {{".css", "text/css; charset=utf-8"},
             {".js", "text/javascript; charset=utf-8"},
             {".svg", "image/svg+xml"},
             {".png", "image/png"},
             {".ico", "image/x-icon"},
             {".woff2", "font/woff2"},
             {".txt", "text/plain; charset=utf-8"}};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].end, dot) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static enum MHD_Result static_view(Request *request)
{
    const StaticFile *file = static_file(request->pieces.text[0]);
    if (!file)
        return reply_not_found(request);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        file->len, (void *)(uintptr_t)file->bytes, MHD_RESPMEM_PERSISTENT);
    response_common(response);
    MHD_add_response_header(response, "Content-Type", type_of(file->name));
    MHD_add_response_header(response, "Cache-Control", "public, max-age=31536000, immutable");
    enum MHD_Result result = MHD_queue_response(request->connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

const Route routes[] = {
    {"GET", "/healthz", ROLE_NONE, healthz, NULL, NULL},
    {"GET", "/", ROLE_STUDENT, home, NULL, NULL},
    {"GET", "/class", ROLE_TA, class_view, NULL, NULL},
    {"GET", "/grades", ROLE_TA, grades_download, NULL, NULL},
    {"GET", "/failures", ROLE_TA, failures_view, NULL, NULL},
    {"GET", "/student/*", ROLE_STUDENT, student_view, NULL, NULL},
    {"GET", "/submission/*", ROLE_STUDENT, submission_view, NULL, NULL},
    {"GET", "/submission/*/report.json", ROLE_STUDENT, report_download, NULL, NULL},
    {"GET", "/submission/*/trace/*/*", ROLE_STUDENT, trace_download, NULL, NULL},
    {"GET", "/exercise/*", ROLE_STUDENT, exercise_view, NULL, NULL},
    {"GET", "/scenario/*/*", ROLE_STUDENT, scenario_view, NULL, NULL},
    {"GET", "/activity", ROLE_TA, activity_view, NULL, NULL},
    {"GET", "/account", ROLE_STUDENT, account_page, NULL, NULL},
    {"GET", "/events", ROLE_STUDENT, live_events, NULL, NULL},
    {"GET", "/static/*", ROLE_NONE, static_view, NULL, NULL},
    {"GET", "/signin", ROLE_NONE, signin_page, NULL, NULL},
    {"GET", "/sso", ROLE_NONE, sso, NULL, NULL},
    {"GET", "/claim/*", ROLE_NONE, claim_page, NULL, NULL},
    {"POST", "/signin", ROLE_NONE, signin, NULL, NULL},
    {"POST", "/signin/link", ROLE_NONE, signin_link, NULL, NULL},
    {"POST", "/claim", ROLE_NONE, claim, NULL, NULL},
    {"POST", "/signout", ROLE_NONE, signout, NULL, NULL},
    {"POST", "/account/token", ROLE_STUDENT, account_token, NULL, NULL},
    {"POST", "/student/*/link", ROLE_TA, student_link, NULL, NULL},
    {"GET", "/student/*/link", ROLE_TA, student_again, NULL, NULL},
    {"POST", "/view-as", ROLE_TA, view_as, NULL, NULL},
    {"POST", "/activity/pause", ROLE_INSTRUCTOR, pause_grading, NULL, NULL},
    {"POST", "/activity/banner", ROLE_INSTRUCTOR, set_banner, NULL, NULL},
    {"POST", "/activity/retry", ROLE_TA, retry_job, NULL, NULL},
    {"POST", "/activity/link", ROLE_TA, link_repository, NULL, NULL},
    {"POST", "/api/results", ROLE_NONE, report_finish, report_begin, report_body},
    {"GET", "/git/*/info/refs", ROLE_NONE, git_finish, git_begin, git_body},
    {"POST", "/git/*/git-upload-pack", ROLE_NONE, git_finish, git_begin, git_body},
    {"POST", "/git/*/git-receive-pack", ROLE_NONE, git_finish, git_begin, git_body},
};
const int n_routes = sizeof routes / sizeof *routes;
