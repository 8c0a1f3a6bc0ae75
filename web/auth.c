#include "http.h"

#include <string.h>

void auth_session(Request *request)
{
    const char *cookies = request_header(request, "Cookie");
    char id[SECRET_TEXT];
    if (!cookies || !cookie_field(cookies, "session", id, sizeof id) ||
        strlen(id) != SECRET_TEXT - 1)
        return;
    Person person;
    if (!session_check(request->db, id, &person, request->view_as))
        return;
    request->person = person;
    memcpy(request->session, id, sizeof id);
    secret_derive(id, "csrf", request->csrf);
}

bool auth_csrf(const Request *request)
{
    char given[SECRET_TEXT];
    return form_field(request->body.data, "csrf", given, sizeof given) &&
           secret_equal(given, request->csrf);
}

int auth_basic(Request *request)
{
    char name[128], token[128];
    const char *header = request_header(request, "Authorization");
    if (!basic_auth(header, name, sizeof name, token, sizeof token))
        return 401;
    if (!tries_allowed(&request->server->tries, request->address, name, now_s()))
        return 429;
    if (token_check(request->db, name, token, &request->person))
        return 0;
    tries_failed(&request->server->tries, request->address, name, now_s());
    return 401;
}
