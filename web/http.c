#include "http.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "routes.h"

/* --- the beginning of a request --- */

/* A listener for both kinds gives those of the older one as ::ffff:10.0.0.5. */
static void address_six(const struct in6_addr *address, char *text, socklen_t size)
{
    if (IN6_IS_ADDR_V4MAPPED(address))
        inet_ntop(AF_INET, &address->s6_addr[12], text, size);
    else
        inet_ntop(AF_INET6, address, text, size);
}

/* A proxy may add a header of its own behind one that the visitor sent: the last one counts. */
static enum MHD_Result take_forwarded(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    (void)kind;
    if (value && strcasecmp(name, "X-Forwarded-For") == 0)
        *(const char **)context = value;
    return MHD_YES;
}

static void peer_address(Request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;
    if (peer && peer->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)peer)->sin_addr,
                  request->peer, sizeof request->peer);
    else if (peer && peer->sa_family == AF_INET6)
        address_six(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, request->peer,
                    sizeof request->peer);
    else if (peer && peer->sa_family == AF_UNIX)
        strcpy(request->peer, "unix");
    memcpy(request->address, request->peer, sizeof request->address);
    const char *forwarded = NULL;
    if (request->server->options->trust_proxy)
        MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_forwarded, &forwarded);
    if (!forwarded)
        return;
    /* The last one is what our own proxy saw. */
    const char *last = strrchr(forwarded, ',');
    last = last ? last + 1 : forwarded;
    last += strspn(last, " ");
    if (strspn(last, "0123456789abcdefABCDEF:.") == strlen(last) && *last)
        snprintf(request->address, sizeof request->address, "%s", last);
}

static Request *request_new(Server *server, struct MHD_Connection *connection)
{
    Request *request = x_calloc(1, sizeof *request);
    request->server = server;
    request->connection = connection;
    buf_init(&request->body, BODY_MOST);
    peer_address(request);
    return request;
}

/* NULL: none; `other` is set if the address is there for another method. */
static const Route *find_route(Request *request, const char *method, const char *url, bool *other)
{
    *other = false;
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    for (int i = 0; i < n_routes && strlen(url) <= PATH_MOST; i++) {
        if (!route_matches(routes[i].pattern, url, &request->pieces))
            continue;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
        *other = true;
    }
    return NULL;
}

bool local_page(const char *path)
{
    return path[0] == '/' && path[1] != '/' && strlen(path) < LOCAL_PAGE &&
           strspn(path, "/_.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
               strlen(path);
}

static enum MHD_Result refuse(Request *request, const char *url)
{
    if (request->person.role != ROLE_NONE)
        return reply_message(request, 403, "Not for this account",
                             "This page is for the course's staff.");
    /* After it they are where they wanted to be: a verdict in the terminal names a page. */
    if (request_is_post(request) || !local_page(url))
        return reply_redirect(request, "/signin");
    char *where = x_printf("/signin?next=%s", url);
    enum MHD_Result result = reply_redirect(request, where);
    free(where);
    return result;
}

/* -1: go on with the body; else what was answered. */
static int begin(Request *request, const char *method, const char *url)
{
    Fault fault = {""};
    bool other;
    request->route = find_route(request, method, url, &other);
    if (!request->route)
        return other ? (int)reply_text(request, 405, "not this method here\n")
                     : (int)reply_not_found(request);
    request->db = course_db(&request->server->course, &fault);
    if (!request->db)
        return (int)reply_fault(request, &fault);
    if (request->route->early)
        return request->route->early(request);
    request->version = db_version(request->db);
    auth_session(request);
    if (request->person.role < request->route->least)
        return (int)refuse(request, url);
    return -1;
}

/* --- the body, and the answer --- */

static enum MHD_Result take_body(Request *request, const char *upload, size_t *upload_len)
{
    size_t len = *upload_len;
    *upload_len = 0;
    if (request->route->body)
        return request->route->body(request, upload, len) ? MHD_YES : MHD_NO;
    if (request->body.len + len > BODY_MOST)
        request->too_large = true;
    else
        buf_add(&request->body, upload, len);
    return MHD_YES;
}

bool request_is_post(const Request *request)
{
    return strcmp(request->route->method, "POST") == 0;
}

static enum MHD_Result finish(Request *request)
{
    if (request->too_large)
        return reply_message(request, 413, "Too large", "This form takes no more than 64 KiB.");
    /* Who is signed in proves with every form that it is from a page of ours. */
    if (request_is_post(request) && !request->route->early && request->person.role != ROLE_NONE &&
        !auth_csrf(request))
        return reply_message(request, 403, "This form is too old",
                             "Go back, load the page again and send it once more.");
    return request->route->handler(request);
}

enum MHD_Result http_access(void *server, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_len, void **state)
{
    (void)version;
    Request *request = *state;
    if (!request) {
        *state = request = request_new(server, connection);
        int answered = begin(request, method, url);
        return answered < 0 ? MHD_YES : (enum MHD_Result)answered;
    }
    if (*upload_len)
        return take_body(request, upload, upload_len);
    return finish(request);
}

void http_completed(void *server, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)server, (void)connection, (void)code;
    Request *request = *state;
    if (!request)
        return;
    if (request->on_end)
        request->on_end(request);
    buf_release(&request->body);
    free(request);
    *state = NULL;
}

/* What can't be decoded becomes an address that no route has. */
size_t http_unescape(void *server, struct MHD_Connection *connection, char *text)
{
    (void)server, (void)connection;
    if (!address_decode(text)) {
        text[0] = '\0';
        return 0;
    }
    return strlen(text);
}

/* --- asking --- */

const char *request_header(const Request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_argument(const Request *request, const char *name)
{
    const char *value =
        MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
    return value ? value : "";
}

Person viewer_of(Db *db, const Person *person, const char *view_as)
{
    Person student;
    if (person->role >= ROLE_TA && *view_as && person_find(db, view_as, &student) &&
        student.role == ROLE_STUDENT && person_may_see(person, &student))
        return student;
    return *person;
}

Person request_viewer(const Request *request)
{
    return viewer_of(request->db, &request->person, request->view_as);
}

/* Staff's word about our own failures stands in the same Buf, behind the banner's end: where
 * it begins, 0: none. */
static size_t trouble_behind(const Request *request, const Person *viewer, Buf *banner)
{
    size_t begin = banner->len + 1;
    Buf text;
    if (!request->db || viewer->role < ROLE_TA)
        return 0;
    buf_init(&text, 1000);
    alert_text(&request->server->course, request->db, &text);
    if (text.len) {
        buf_add(banner, "", 1);
        buf_str(banner, text.data);
    }
    bool any = text.len > 0;
    buf_release(&text);
    return any ? begin : 0;
}

void request_frame(const Request *request, Frame *frame, Buf *banner)
{
    Person viewer = request_viewer(request);
    buf_init(banner, 4096);
    char *text = request->db ? course_setting(request->db, "banner") : NULL;
    buf_str(banner, text ? text : "");
    free(text);
    size_t trouble = trouble_behind(request, &viewer, banner), title = 0;
    text = request->db ? course_setting(request->db, "title") : NULL;
    if (text && *text && !banner->full) { /* behind the others, each of which ends with a NUL */
        buf_add(banner, "", 1);
        title = banner->len;
        buf_str(banner, text);
    }
    free(text);
    *frame = (Frame){
        .course = title ? banner->data + title : request->server->title,
        .base_url = request->server->base_url,
        .role = viewer.role,
        .viewer = request->person.name,
        .view_as = viewer.id != request->person.id ? request->view_as : "",
        .csrf = request->csrf,
        .banner = banner->data,
        .trouble = trouble ? banner->data + trouble : "",
        .paused = request->db && course_setting_number(request->db, "paused", 0) != 0,
        .now_s = now_s(),
    };
}
