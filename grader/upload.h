/*
 * Sends a report to a course's server with the identity token of the job that runs this (GitHub
 * Actions): no secret is set up anywhere. The token is asked for with what the runner puts into
 * the environment of a job that may have one, for the server's address as its audience; it is
 * neither printed nor written to disk.
 *
 * What may pass by itself is tried again: no connection, a server that is busy or restarts, keys
 * that it has yet to fetch. UPLOAD_TRIES times, within UPLOAD_MOST_S in all.
 */
#ifndef GRADER_UPLOAD_H
#define GRADER_UPLOAD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

enum { UPLOAD_TRIES = 8, UPLOAD_MOST_S = 200 };

typedef struct Upload {
    const char *server; /* "https://course.example", no slash at the end */
    int64_t pushed_s;   /* when the push came to GitHub, Unix time; 0: not known */
    const char *token_url, *token_password; /* ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN */
    /* Each failed try that is followed by another; NULL: silent. */
    void (*again)(void *context, const char *why, int wait_s);
    void *context;
} Upload;

typedef enum UploadFate {
    UPLOAD_TAKEN,   /* `said`: where it is, or that it waits */
    UPLOAD_REFUSED, /* `said`: the server's reason */
    UPLOAD_FAILED   /* the fault: it could not be asked, or not now */
} UploadFate;

/* Is it an address that a token may be sent to: https, or this machine? */
int upload_address(const char *server, Fault *fault);

/* `said` is one clean line. */
UploadFate upload_report(const Upload *upload, const Buf *report, Buf *said, Fault *fault);

/* --- what it stands on (upload_curl.c) --- */

typedef struct HttpAnswer {
    long status;  /* of HTTP; 0: no answer */
    long retry_s; /* Retry-After; 0: none */
    Buf body;
} HttpAnswer;

/* A GET, or with `body` a POST of JSON, with `authorization` as that header's value. libcurl is
 * loaded at the first call: the grader starts without it. -1 and the fault: no answer;
 * `hopeless` says that another try will not help. Release answer->body whatever comes back. */
int upload_http(const char *url, const char *authorization, const Buf *body, HttpAnswer *answer,
                int *hopeless, Fault *fault);

#endif
