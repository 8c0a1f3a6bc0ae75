/*
 * A running server: the HTTP library's threads, the workers, the hub of live events,
 * the pump that carries git's answers. One for each process.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <microhttpd.h>

#include "course.h"
#include "git_pump.h"
#include "hub.h"
#include "issuer.h"
#include "limits.h"
#include "workers.h"

typedef struct ServeOptions {
    const char *listen;   /* "127.0.0.1:8080" (port 0: any free one), "unix:/path" */
    const char *base_url; /* how people reach it; NULL: http(s)://LISTEN */
    const char *grader;   /* the program */
    int workers;
    const char *tls_cert, *tls_key;    /* TLS by ourselves (tls.h); NULL: plain HTTP */
    bool secure;                       /* the cookie is Secure: people come over TLS */
    bool trust_proxy;                  /* believe X-Forwarded-For */
    const char *sso_header, *sso_from; /* sso.h; NULL: none */
    const char *mail_command;          /* mail.h; NULL: none */
} ServeOptions;

typedef struct Server {
    const ServeOptions *options;
    Course course;
    char *base_url, *title;
    struct MHD_Daemon *daemon;
    Tries tries;
    Hub hub;
    GitPump pump;
    Workers workers;
    Issuer issuer;
} Server;

/* Serves until SIGTERM or SIGINT. Prints the address on stdout once it accepts
 * connections. 0, or -1 and the fault. */
int serve(const ServeOptions *options, const char *dir, Fault *fault);

#endif
