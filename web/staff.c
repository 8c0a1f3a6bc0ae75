/* What staff may do: look as a student, pause, banner, try again. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "digest.h"
#include "reports.h"
#include "verdict.h"
#include "whose.h"

enum MHD_Result view_as(Request *request)
{
    Fault fault = {""};
    Person student;
    char name[NAME_BYTES] = "";
    form_field(request->body.data, "name", name, sizeof name);
    if (*name && (!person_find(request->db, name, &student) || student.role != ROLE_STUDENT ||
                  !person_may_see(&request->person, &student)))
        return reply_not_found(request);
    if (session_view_as(request->db, request->session, name, &fault))
        return reply_fault(request, &fault);
    if (*name || !*request->view_as)
        return reply_redirect(request, "/");
    char *back = x_printf("/student/%s", request->view_as);
    enum MHD_Result result = reply_redirect(request, back);
    free(back);
    return result;
}

static enum MHD_Result noticed(Request *request, int status, const Fault *fault)
{
    if (status)
        return reply_fault(request, fault);
    publish_notice(&request->server->hub, request->db);
    workers_kick(&request->server->workers);
    return reply_redirect(request, "/activity");
}

/* Whom it belongs to already must be theirs too, who link it: else a TA gives the work of
 * another section away. By its number alone, which is one repository's for ever. */
static bool may_link(const Request *request, const char *repository)
{
    Person owner;
    int64_t id =
        db_number(request->db, 0, "SELECT person FROM web_repo WHERE id = ?", "s", repository);
    if (!*repository || strspn(repository, "0123456789") != strlen(repository))
        return false;
    return id == 0 ||
           (person_by_id(request->db, id, &owner) && person_may_see(&request->person, &owner));
}

/* Whose a repository on GitHub is; what waited is stored at once. */
enum MHD_Result link_repository(Request *request)
{
    Fault fault = {""};
    Person student;
    char repository[24] = "", name[NAME_BYTES] = "", number[24];
    form_field(request->body.data, "repository", repository, sizeof repository);
    form_field(request->body.data, "name", name, sizeof name);
    if (!*name || !person_find(request->db, name, &student) || student.role != ROLE_STUDENT ||
        !person_may_see(&request->person, &student))
        return reply_message(request, 400, "No such student",
                             "Give the user name of a student of yours, as the class page has it.");
    if (!may_link(request, repository))
        return reply_message(request, 400, "This repository can't be linked",
                             "It is none of those that wait, or another section's.");
    if (whose_link(request->db, repository, student.name, number, &fault))
        return reply_message(request, 400, "This repository can't be linked", fault.text);
    if (reports_settle(&request->server->course, request->db, number, NULL, &fault) ||
        digest_bring_up(request->db, &fault))
        return reply_fault(request, &fault);
    publish_notice(&request->server->hub, request->db);
    return reply_redirect(request, "/activity");
}

enum MHD_Result pause_grading(Request *request)
{
    Fault fault = {""};
    char paused[4] = "";
    form_field(request->body.data, "paused", paused, sizeof paused);
    return noticed(request,
                   course_set(request->db, "paused", strcmp(paused, "1") == 0 ? "1" : "0", &fault),
                   &fault);
}

enum MHD_Result set_banner(Request *request)
{
    Fault fault = {""};
    char text[1000] = "";
    Buf clean;
    if (!form_field(request->body.data, "text", text, sizeof text))
        return reply_message(request, 400, "This banner can't be set",
                             "It takes up to 999 bytes of text.");
    for (char *at = text; *at; at++)
        if (strchr("\r\n\t", *at))
            *at = ' ';
    buf_init(&clean, 10000);
    text_clean(&clean, text, strlen(text));
    int status = course_set(request->db, "banner", clean.data, &fault);
    buf_release(&clean);
    return noticed(request, status, &fault);
}

/* All that the viewer sees. */
static enum MHD_Result retry_all(Request *request)
{
    Fault fault = {""};
    const Person *viewer = &request->person;
    const char *sections = viewer->role == ROLE_TA ? viewer->sections : "";
    return noticed(request, jobs_retry(request->db, sections, &fault) < 0, &fault);
}

enum MHD_Result retry_job(Request *request)
{
    Fault fault = {""};
    char text[24] = "";
    Job job;
    Person student;
    form_field(request->body.data, "job", text, sizeof text);
    if (strcmp(text, "all") == 0)
        return retry_all(request);
    int64_t id = strtoll(text, NULL, 10);
    if (!job_find(request->db, id, &job) || !person_by_id(request->db, job.person, &student) ||
        !person_may_see(&request->person, &student))
        return reply_not_found(request);
    if (job_retry(request->db, id, &fault))
        return reply_message(request, 409, "Not tried again", fault.text);
    publish_job(&request->server->hub, request->db, id);
    workers_kick(&request->server->workers);
    return reply_redirect(request, "/activity");
}
