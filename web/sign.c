/* Signing in and out, claim links, the account. */
#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"

static void page_begin(Request *request, Frame *frame, Buf *banner, Buf *html)
{
    buf_init(html, PAGES_HTML_MOST);
    request_frame(request, frame, banner);
}

/* Where somebody wanted to go who was not signed in; "" if it is no page of ours. */
static void wanted_page(const Request *request, char next[LOCAL_PAGE])
{
    *next = '\0';
    if (request_is_post(request))
        form_field(request->body.data, "next", next, LOCAL_PAGE);
    else
        snprintf(next, LOCAL_PAGE, "%s", request_argument(request, "next"));
    if (*next && !local_page(next))
        *next = '\0';
}

static enum MHD_Result show_signin(Request *request, unsigned status, const char *name,
                                   const char *error)
{
    Frame frame;
    char next[LOCAL_PAGE];
    wanted_page(request, next);
    Buf banner, html;
    page_begin(request, &frame, &banner, &html);
    pages_signin(&html, &frame,
                 &(SigninPage){.error = error,
                               .name = name,
                               .next = next,
                               .sso = request->server->options->sso_header != NULL,
                               .mail = mail_on()});
    buf_release(&banner);
    return reply_html(request, status, &html);
}

enum MHD_Result signin_page(Request *request)
{
    return request->person.role == ROLE_NONE ? show_signin(request, 200, "", "")
                                             : reply_redirect(request, "/");
}

/* A cross-site form must not sign anybody in as somebody else. */
static bool from_elsewhere(const Request *request)
{
    const char *site = request_header(request, "Sec-Fetch-Site");
    return site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static enum MHD_Result start_at(Request *request, const Person *person, const char *page)
{
    Fault fault = {""};
    char id[SECRET_TEXT];
    if (session_make(request->db, person, id, &fault))
        return reply_fault(request, &fault);
    return reply_redirect_cookie(request, page, id);
}

enum MHD_Result start_session(Request *request, const Person *person)
{
    return start_at(request, person, "/");
}

enum MHD_Result signin(Request *request)
{
    char name[128] = "", token[128] = "";
    Person person;
    form_field(request->body.data, "name", name, sizeof name);
    form_field(request->body.data, "token", token, sizeof token);
    if (from_elsewhere(request))
        return show_signin(request, 403, "", "Please sign in on this page itself.");
    token[strcspn(token, " \t\r\n")] = '\0';
    if (token_check(request->db, name, token, &person)) {
        char next[LOCAL_PAGE];
        wanted_page(request, next);
        return start_at(request, &person, *next ? next : "/");
    }
    if (!tries_more(&request->server->tries, TRY_TOKEN, request->address, name, now_s()))
        return show_signin(request, 429, name,
                           "This name and token do not belong together, and there were too many "
                           "such tries. Use a new link.");
    return show_signin(request, 401, name, "This name and token do not belong together.");
}

/* The same words whoever was named: who is in the course is nobody's business here. Each
 * ask counts, and apart from failed tokens: those must not keep a class from its mail. */
enum MHD_Result signin_link(Request *request)
{
    char name[EMAIL_BYTES] = "";
    if (!mail_on())
        return reply_not_found(request);
    form_field(request->body.data, "name", name, sizeof name);
    if (from_elsewhere(request) || !*name)
        return show_signin(request, 403, "", "Please ask for the link on this page itself.");
    if (!tries_more(&request->server->tries, TRY_MAIL, request->address, name, now_s()))
        return show_signin(request, 429, "",
                           "Too many tries. Wait a quarter of an hour, or ask the staff.");
    if (mail_ask_link(request->db, name, NULL))
        return reply_message(request, 503, "Not now", "Try again in a minute.");
    return reply_message(request, 200, "Look into your mail",
                         "If this name or address is in the course and has an address with us, a "
                         "link is on its way. It signs you in once, within an hour. At the most "
                         "three are sent to one person in an hour.");
}

enum MHD_Result signout(Request *request)
{
    if (*request->session)
        session_end(request->db, request->session);
    return reply_redirect_cookie(request, "/signin", NULL);
}

/* --- links --- */

static const char bad_link[] = "This link has been used, has expired, or was cut short.";

/* A mail scanner that opens links must not use them up: that takes the form's POST. */
enum MHD_Result claim_page(Request *request)
{
    Frame frame;
    Buf banner, html;
    Person person = {.id = 0};
    const char *secret = request->pieces.text[0];
    bool good = link_check(request->db, secret, false, &person);
    page_begin(request, &frame, &banner, &html);
    pages_claim(&html, &frame,
                &(ClaimPage){.secret = good ? secret : "",
                             .name = person.name,
                             .shown = person.shown,
                             .error = good ? "" : bad_link});
    buf_release(&banner);
    return reply_html(request, good ? 200 : 404, &html);
}

enum MHD_Result claim(Request *request)
{
    char secret[SECRET_TEXT] = "";
    Person person;
    form_field(request->body.data, "secret", secret, sizeof secret);
    if (from_elsewhere(request) || !link_check(request->db, secret, true, &person))
        return reply_message(request, 404, "This link is not good", bad_link);
    /* A student comes for a token: because there is none yet, or because it was lost. */
    return start_at(request, &person, person.role == ROLE_STUDENT ? "/account" : "/");
}

/* --- the account --- */

static enum MHD_Result show_account(Request *request, const char *token)
{
    Frame frame;
    Buf banner, html;
    Person person;
    /* A token that was made a moment ago is that of who asked, whoever they look as. */
    int64_t id = *token ? request->person.id : request_viewer(request).id;
    if (!person_by_id(request->db, id, &person))
        return reply_not_found(request);
    char *url = x_printf("%s/git/%s.git", request->server->base_url, person.name);
    bool pushed = db_number(request->db, 0, "SELECT 1 FROM web_job WHERE person = ? LIMIT 1", "i",
                            person.id) != 0;
    page_begin(request, &frame, &banner, &html);
    pages_account(&html, &frame,
                  &(AccountPage){.name = person.name,
                                 .shown = person.shown,
                                 .push_url = url,
                                 .token = token,
                                 .token_s = person.token_s,
                                 .has_repo = pushed,
                                 .seen_by_staff = id != request->person.id});
    buf_release(&banner);
    free(url);
    return reply_html(request, 200, &html);
}

enum MHD_Result account_page(Request *request)
{
    return show_account(request, "");
}

/* The old token ends with all its sessions; the one that asked goes on. */
enum MHD_Result account_token(Request *request)
{
    Fault fault = {""};
    char token[SECRET_TEXT];
    unsigned char hash[SECRET_HASH];
    secret_hash(request->session, hash);
    if (token_renew(request->db, &request->person, token, &fault) ||
        db_run(request->db, &fault,
               "INSERT INTO web_session (hash, person, expires_s) VALUES (?, ?, ?)", "bii", hash,
               sizeof hash, request->person.id, now_s() + SESSION_S))
        return reply_fault(request, &fault);
    return show_account(request, token);
}
