#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *value;
} common[] = {
    {"Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; "
                                "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
};

/* Half a year, and this name alone: what else runs below it is not ours to decide. */
static const char strict_transport[] = "max-age=15552000";
static bool strict;

void response_strict(bool on)
{
    strict = on;
}

void response_common(struct MHD_Response *response)
{
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        MHD_add_response_header(response, common[i].name, common[i].value);
    if (strict)
        MHD_add_response_header(response, "Strict-Transport-Security", strict_transport);
}

static enum MHD_Result send_response(Request *request, unsigned status,
                                     struct MHD_Response *response)
{
    response_common(response);
    if (!MHD_get_response_header(response, "Cache-Control"))
        MHD_add_response_header(response, "Cache-Control", "private, no-store");
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *taken(Buf *bytes)
{
    size_t len = bytes->len;
    return MHD_create_response_from_buffer(len, buf_take(bytes), MHD_RESPMEM_MUST_FREE);
}

enum MHD_Result reply_bytes(Request *request, unsigned status, const char *type,
                            const char *disposition, Buf *bytes)
{
    struct MHD_Response *response = taken(bytes);
    MHD_add_response_header(response, "Content-Type", type);
    if (disposition)
        MHD_add_response_header(response, "Content-Disposition", disposition);
    return send_response(request, status, response);
}

enum MHD_Result reply_html(Request *request, unsigned status, Buf *html)
{
    return reply_bytes(request, status, "text/html; charset=utf-8", NULL, html);
}

enum MHD_Result reply_text(Request *request, unsigned status, const char *text)
{
    Buf bytes;
    buf_init(&bytes, 4096);
    buf_str(&bytes, text);
    return reply_bytes(request, status, "text/plain; charset=utf-8", NULL, &bytes);
}

static struct MHD_Response *redirect(const char *where)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Location", where);
    return response;
}

enum MHD_Result reply_redirect(Request *request, const char *where)
{
    return send_response(request, 303, redirect(where));
}

enum MHD_Result reply_redirect_cookie(Request *request, const char *where, const char *id)
{
    char cookie[256];
    snprintf(cookie, sizeof cookie, "session=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
             id ? id : "", id ? SESSION_S : 0, request->server->options->secure ? "; Secure" : "");
    struct MHD_Response *response = redirect(where);
    MHD_add_response_header(response, "Set-Cookie", cookie);
    return send_response(request, 303, response);
}

enum MHD_Result reply_message(Request *request, unsigned status, const char *title,
                              const char *text)
{
    Buf html, banner;
    Frame frame;
    buf_init(&html, PAGES_HTML_MOST);
    request_frame(request, &frame, &banner);
    pages_message(&html, &frame,
                  &(MessagePage){.status = (int)status, .title = title, .text = text});
    buf_release(&banner);
    return reply_html(request, status, &html);
}

enum MHD_Result reply_not_found(Request *request)
{
    return reply_message(request, 404, "Not found", "There is nothing at this address.");
}

enum MHD_Result reply_fault(Request *request, const Fault *fault)
{
    /* What failed is for our own log; a stranger learns nothing of the machine. */
    fprintf(stderr, "courseweb: %s\n", fault->text);
    return reply_message(request, 500, "Something of ours failed",
                         "This is our failure and not yours. Try again in a minute.");
}
