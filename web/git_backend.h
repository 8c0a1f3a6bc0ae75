/*
 * One `git http-backend` process and what carries its output to a connection. Shared by
 * the connection's thread and the pump's, under `lock`; freed when both have left it.
 */
#ifndef WEB_GIT_BACKEND_H
#define WEB_GIT_BACKEND_H

#include <pthread.h>
#include <sys/types.h>

#include "git_said.h"
#include "http.h"

enum { GIT_HEADER_MOST = 8192, GIT_OUT_MOST = 262144 };

typedef struct GitRequest {
    Pumped pumped;
    pthread_mutex_t lock;
    Server *server;
    Person owner;
    struct MHD_Connection *connection; /* NULL: the client has left */
    char *env_text[32];
    int spool; /* the body; -1: none */
    size_t spooled;
    int failed; /* EFBIG: too large; else what the disk said */
    bool push;  /* git-receive-pack itself */
    int64_t sender;
    bool staff; /* the sender is */
    bool started, suspended, ended, watched;
    bool whole;   /* it has ended well, so that its answer is all there; before `ended` */
    int fd;       /* the backend's stdout */
    GitSaid said; /* its stderr */
    Buf out;
    size_t taken; /* of `out` */
    int holders;  /* the connection, the pump */
    /* Under the lock of git_list.h, as `link` (NULL: not in it). */
    bool counts; /* as one that its sender has under way */
    bool runs;
    pid_t pid; /* the backend's, and its group's */
    struct GitRequest *next, **link;
} GitRequest;

GitRequest *git_request_new(Request *request, const Person *owner, int spool);
int git_request_start(GitRequest *git, Fault *fault);

/* Its client hears no more than it has: the backend has ended, or the server does. */
void git_request_end(GitRequest *git);

/* Under the lock: the connection sleeps until there is more. */
void git_request_suspend(GitRequest *git);
/* The first `len` bytes, the header; the caller frees. */
char *git_request_header(GitRequest *git, size_t len);
/* For the library: bytes, 0 (sleeps) or the end. */
ssize_t git_request_take(GitRequest *git, char *out, size_t most);

/* The connection is done with it (the request's on_end). */
void git_request_left(Request *request);

#endif
