/* The pages: who may see them, their questions, their answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cache.h"
#include "live.h"
#include "query.h"
#include "routes.h"
#include "underway.h"

typedef struct View {
    Request *request;
    Query query;
    Frame frame;
    Buf html, banner;
} View;

/* All of a page's questions see one and the same state of the database. */
static void view_init(View *view, Request *request)
{
    Person viewer = request_viewer(request);
    db_run(request->db, NULL, "BEGIN", "");
    view->request = request;
    buf_init(&view->html, PAGES_HTML_MOST);
    request_frame(request, &view->frame, &view->banner);
    query_init(&view->query, &request->server->course, request->db, &viewer);
}

static void view_release(View *view)
{
    db_run(view->request->db, NULL, "COMMIT", "");
    query_release(&view->query);
    buf_release(&view->banner);
    buf_release(&view->html);
}

static enum MHD_Result view_done(View *view, int status)
{
    enum MHD_Result result;
    if (status == 0) {
        result = reply_html(view->request, 200, &view->html);
    } else {
        result = reply_fault(view->request, &view->query.fault);
    }
    view_release(view);
    return result;
}

/* What the address asks for, if the viewer (as they look now) may see it. */
static bool may_see(const View *view, const Person *student)
{
    return person_may_see(&view->query.viewer, student);
}

static enum MHD_Result view_hidden(View *view)
{
    Request *request = view->request;
    view_release(view);
    return reply_not_found(request);
}

/* `link`: made a moment ago; "". */
static enum MHD_Result show_student(Request *request, const char *name, const char *link)
{
    View view;
    Person student;
    StudentPage page;
    view_init(&view, request);
    /* Staff hand nothing in, and have a page for what is theirs: the account. */
    bool theirs = person_find(request->db, name, &student) &&
                  (student.role == ROLE_STUDENT || student.left_s > 0);
    if (!theirs || !may_see(&view, &student))
        return view_hidden(&view);
    int status = query_student(&view.query, &student, request->server->base_url, &page);
    if (status == 0) {
        page.signin_link = link;
        pages_student(&view.html, &view.frame, &page);
    }
    return view_done(&view, status);
}

enum MHD_Result home(Request *request)
{
    Person viewer = request_viewer(request);
    return viewer.role == ROLE_STUDENT ? show_student(request, viewer.name, "")
                                       : reply_redirect(request, "/class");
}

enum MHD_Result student_view(Request *request)
{
    return show_student(request, request->pieces.text[0], "");
}

/* The page that answers the form below, asked for anew: the link was shown once. */
enum MHD_Result student_again(Request *request)
{
    char *page = x_printf("/student/%.100s", request->pieces.text[0]);
    enum MHD_Result result =
        local_page(page) ? reply_redirect(request, page) : reply_not_found(request);
    free(page);
    return result;
}

/* For who has lost their token. */
enum MHD_Result student_link(Request *request)
{
    Fault fault = {""};
    Person student, viewer = request_viewer(request);
    char secret[SECRET_TEXT];
    if (viewer.role < ROLE_TA || !person_find(request->db, request->pieces.text[0], &student) ||
        student.role != ROLE_STUDENT || !person_may_see(&viewer, &student))
        return reply_not_found(request);
    if (link_make(request->db, &student, STAFF_LINK_S, secret, &fault))
        return reply_fault(request, &fault);
    fprintf(stderr, "courseweb: %s made a sign-in link for %s\n", viewer.name, student.name);
    char *link = x_printf("%s/claim/%s", request->server->base_url, secret);
    enum MHD_Result result = show_student(request, student.name, link);
    free(link);
    return result;
}

/* While staff look as a student, the pages of staff are as far as they are for them. */
static bool for_staff(const Request *request)
{
    return request_viewer(request).role >= ROLE_TA;
}

/* Whoever looks as a student in another tab wonders where the class has gone. */
static enum MHD_Result not_for_them(Request *request)
{
    if (!*request->view_as)
        return reply_not_found(request);
    return reply_message(request, 404, "Not while you see what a student sees",
                         "This page is for staff. \"Back to your own view\" above ends looking as "
                         "the student, in all your tabs.");
}

static const char *bounded(const Request *request, const char *argument)
{
    const char *text = request_argument(request, argument);
    return strlen(text) <= 200 ? text : "";
}

/* Sends what was made and keeps it (cache.h). */
static enum MHD_Result view_kept(View *view, int status, const char *key)
{
    if (status)
        return view_done(view, status);
    enum MHD_Result result = cache_keep(view->request, key, &view->html);
    view_release(view);
    return result;
}

enum MHD_Result class_view(Request *request)
{
    View view;
    ClassPage page;
    enum MHD_Result result;
    char key[CACHE_KEY];
    bool descending = strcmp(request_argument(request, "desc"), "1") == 0;
    const char *sort = bounded(request, "sort"), *search = bounded(request, "q");
    const char *section = bounded(request, "section");
    bool left = strcmp(request_argument(request, "left"), "1") == 0;
    if (!for_staff(request))
        return not_for_them(request);
    snprintf(key, sizeof key, "class %d%d\n%s\n%s\n%s", descending, left, sort, search, section);
    if (cache_reply(request, key, &result))
        return result;
    view_init(&view, request);
    int status = query_class(&view.query, sort, descending, search, section, left, &page);
    if (status == 0)
        pages_class(&view.html, &view.frame, &page);
    return view_kept(&view, status, key);
}

enum MHD_Result failures_view(Request *request)
{
    View view;
    FailuresPage page;
    enum MHD_Result result;
    char key[CACHE_KEY];
    const char *section = bounded(request, "section");
    if (!for_staff(request))
        return not_for_them(request);
    snprintf(key, sizeof key, "failures %s", section);
    if (cache_reply(request, key, &result))
        return result;
    view_init(&view, request);
    int status = query_failures(&view.query, section, &page);
    if (status == 0)
        pages_failures(&view.html, &view.frame, &page);
    return view_kept(&view, status, key);
}

enum MHD_Result submission_view(Request *request)
{
    View view;
    Person owner;
    SubmissionPage page;
    int64_t id = text_number(request->pieces.text[0]);
    if (!underway_begin(request))
        return underway_refuse(request);
    view_init(&view, request);
    if (!query_owner(&view.query, id, &owner) || !may_see(&view, &owner))
        return view_hidden(&view);
    int status = query_submission(&view.query, id, &owner, &page);
    if (status == 0)
        pages_submission(&view.html, &view.frame, &page);
    return view_done(&view, status);
}

enum MHD_Result exercise_view(Request *request)
{
    View view;
    ExercisePage page;
    view_init(&view, request);
    if (query_exercise(&view.query, request->pieces.text[0]) < 0)
        return view_hidden(&view);
    int status = query_exercise_page(&view.query, request->pieces.text[0], &page);
    if (status == 0)
        pages_exercise(&view.html, &view.frame, &page);
    return view_done(&view, status);
}

enum MHD_Result scenario_view(Request *request)
{
    View view;
    ScenarioPage page;
    view_init(&view, request);
    if (!query_scenario(&view.query, request->pieces.text[0], request->pieces.text[1], &page))
        return view_hidden(&view);
    pages_scenario(&view.html, &view.frame, &page);
    return view_done(&view, 0);
}

static void read_workers(View *view, ActivityPage *page)
{
    Workers *workers = &view->request->server->workers;
    WorkerLine *lines = query_keep(&view->query, WORKERS_MOST * sizeof *lines);
    pthread_mutex_lock(&workers->lock);
    for (int i = 0; i < workers->n; i++) {
        const Worker *worker = &workers->worker[i];
        lines[i] = (WorkerLine){.number = worker->number,
                                .job = worker->job.id,
                                .student = query_text(&view->query, worker->job.name),
                                .since_s = worker->since_s};
    }
    page->workers = lines;
    page->n_workers = workers->n;
    pthread_mutex_unlock(&workers->lock);
    for (int i = 0; i < page->n_workers; i++)
        if (lines[i].job && query_hides(&view->query, lines[i].student))
            lines[i].student = "";
}

enum MHD_Result activity_view(Request *request)
{
    View view;
    ActivityPage page;
    if (!for_staff(request))
        return not_for_them(request);
    view_init(&view, request);
    int status = query_activity(&view.query, &page);
    if (status == 0) {
        read_workers(&view, &page);
        page.live = live_count();
        pages_activity(&view.html, &view.frame, &page);
    }
    return view_done(&view, status);
}
