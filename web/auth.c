#include "http.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/*
 * Sessions as they were last looked up, for as long as nothing in the database has changed:
 * one that ends, a role or a view that changes is a change. For each thread, so no lock.
 */
typedef struct Known {
    char id[SECRET_TEXT], csrf[SECRET_TEXT], view_as[NAME_BYTES];
    Person person;
    int64_t expires_s; /* 0: none stands here */
    DbVersion version;
} Known;

enum { KNOWN = 64 };
static _Thread_local Known known[KNOWN];

static bool still_holds(const Known *session, const Request *request, const char *id)
{
    return session->expires_s > now_s() && db_version_equal(session->version, request->version) &&
           CRYPTO_memcmp(session->id, id, SECRET_TEXT) == 0;
}

static bool look_up(Known *session, const Request *request, const char *id)
{
    *session = (Known){.version = request->version};
    session->expires_s = session_check(request->db, id, &session->person, session->view_as);
    memcpy(session->id, id, SECRET_TEXT);
    secret_derive(id, "csrf", session->csrf);
    return session->expires_s != 0;
}

/* The ids are random: their first digits spread them. */
static Known *place_of(const char *id)
{
    char digits[] = {id[0], id[1], '\0'};
    return &known[strtoul(digits, NULL, 16) % KNOWN];
}

void auth_session(Request *request)
{
    const char *cookies = request_header(request, "Cookie");
    char id[SECRET_TEXT];
    if (!cookies || !cookie_field(cookies, "session", id, sizeof id) ||
        strlen(id) != SECRET_TEXT - 1)
        return;
    Known *session = place_of(id);
    if (!still_holds(session, request, id) && !look_up(session, request, id))
        return;
    request->person = session->person;
    memcpy(request->view_as, session->view_as, sizeof request->view_as);
    memcpy(request->session, id, sizeof id);
    memcpy(request->csrf, session->csrf, sizeof request->csrf);
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
    if (token_check(request->db, name, token, &request->person))
        return 0;
    return tries_more(&request->server->tries, TRY_TOKEN, request->address, name, now_s()) ? 401
                                                                                           : 429;
}
