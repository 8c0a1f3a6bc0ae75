/*
 * One request and the ways to answer it. A handler is called once the whole body is
 * there (at most BODY_MOST bytes of a form; git's goes to a file, git_http.h).
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <microhttpd.h>

#include "pages/pages.h"
#include "people.h"
#include "router.h"
#include "server.h"

enum {
    BODY_MOST = 65536,
    HEADER_MOST = 32768, /* memory of a connection: line and headers must fit */
    CONNECTIONS_MOST = 4096,
    OF_ONE_ADDRESS = 2048, /* so that one who keeps them open leaves half to the others */
    IDLE_S = 30,
    HTTP_THREADS = 2
};
#define HTTP_FLAGS (MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME)

typedef struct Request Request;
typedef enum MHD_Result (*Handler)(Request *request);
/* -1: go on with the body; else what was answered. */
typedef int (*Early)(Request *request);
/* A piece of the body. False: it never ends; the connection is closed. */
typedef bool (*Body)(Request *request, const char *bytes, size_t len);

typedef struct Route {
    const char *method, *pattern;
    Role least; /* who may come here; ROLE_NONE: everybody */
    Handler handler;
    /* Git and reports have their own way before the body, instead of the session, and with it; who
     * is refused may hear so after it. NULL: none. */
    Early early;
    Body body;
} Route;
extern const Route routes[];
extern const int n_routes;

struct Request {
    Server *server;
    struct MHD_Connection *connection;
    const Route *route;
    Pieces pieces;
    char peer[64];    /* the connection's other end as text; "unix" */
    char address[64]; /* the same, or what our proxy says of its own */
    Db *db;
    DbVersion version; /* at the beginning of this request */
    /* Who is signed in; person.role is ROLE_NONE if nobody is. */
    Person person;
    char session[SECRET_TEXT], csrf[SECRET_TEXT], view_as[NAME_BYTES];
    Buf body;
    bool too_large;
    int refused;                             /* 0, or the status that git is told after its body */
    const char *refused_for;                 /* static */
    size_t passed_over;                      /* bytes of that body */
    struct GitRequest *git;                  /* owned; NULL */
    struct ReportRequest *report;            /* owned; NULL */
    void (*on_end)(Request *request);        /* when the connection is done with it */
    Request *underway_next, **underway_link; /* underway.h's */
    void *live;                              /* the event stream's */
};

/* The signed-in person as they are to be treated: while staff look as a student, that
 * student. */
Person request_viewer(const Request *request);
/* The same for whoever has this session. */
Person viewer_of(Db *db, const Person *person, const char *view_as);

void request_frame(const Request *request, Frame *frame, Buf *banner);

bool request_is_post(const Request *request);
const char *request_header(const Request *request, const char *name); /* NULL: none */
/* An argument of the address; "" if it is not there. */
const char *request_argument(const Request *request, const char *name);

/* Each gives the Buf's contents away. */
enum MHD_Result reply_html(Request *request, unsigned status, Buf *html);
enum MHD_Result reply_bytes(Request *request, unsigned status, const char *type,
                            const char *disposition, Buf *bytes);
enum MHD_Result reply_text(Request *request, unsigned status, const char *text);
/* A page of ours by its path alone, shorter than LOCAL_PAGE: safe to be sent on to. */
enum { LOCAL_PAGE = 200 };
bool local_page(const char *path);
enum MHD_Result reply_redirect(Request *request, const char *where);
/* Sets the session's cookie besides; `id` NULL: takes it away. */
enum MHD_Result reply_redirect_cookie(Request *request, const char *where, const char *id);
enum MHD_Result reply_message(Request *request, unsigned status, const char *title,
                              const char *text);
enum MHD_Result reply_not_found(Request *request);
enum MHD_Result reply_fault(Request *request, const Fault *fault);
/* The headers that every response has. */
void response_common(struct MHD_Response *response);
/* Whether they tell browsers to come over TLS only; said once, before the server runs. */
void response_strict(bool strict);

/* The access handler of the library, and what it calls at the end of a request. */
enum MHD_Result http_access(void *server, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_len, void **state);
void http_completed(void *server, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code);
size_t http_unescape(void *server, struct MHD_Connection *connection, char *text);

/* Signs this person in: a session, its cookie, and home (sign.c). */
enum MHD_Result start_session(Request *request, const Person *person);

/* Who this is, by cookie (auth.c). */
void auth_session(Request *request);
/* Is the form's `csrf` the session's? */
bool auth_csrf(const Request *request);
/* Whose name and token the Authorization header has; counts failures. 0; 401, or 429 where there were too many. */
int auth_basic(Request *request);

#endif
