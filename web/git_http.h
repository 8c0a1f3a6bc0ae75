/*
 * git over HTTP: /git/NAME.git/... through `git http-backend` as CGI. The body goes to
 * an unlinked file of at most PUSH_BYTES; then the connection sleeps, and the backend's
 * answer is carried to it piece by piece as it comes, so that `remote:` lines are live.
 *
 * A push is refused, its body unkept, when the disk is low, its repository has grown too
 * large, or its sender has PUSHES_AT_ONCE of them under way.
 *
 * Who leaves in the middle of an answer ends nothing: the backend's output is read to
 * its end and thrown away. Its push may be moving a branch by then; what bounds it is the
 * processor time that each of git's processes may take.
 */
#ifndef WEB_GIT_HTTP_H
#define WEB_GIT_HTTP_H

#include "http.h"

enum {
    PUSH_BYTES = 64 << 20,
    REFUSED_BYTES = PUSH_BYTES + (16 << 20), /* of a refused body: read, so that the answer is */
    FETCH_BYTES = 2 << 20,    /* what a fetch asks: some 50 bytes for each commit it names; ... */
    FETCH_PACKED = 256 << 10, /* ... compressed, for it may become 1,000 times as much */
    BACKENDS_MOST = 512,
    REPO_MB = 512 /* of a repository that still takes pushes; the setting `repo_mb` */
};

/* Before the body. -1: go on, also with one that is refused; else what was answered. */
int git_begin(Request *request);
bool git_body(Request *request, const char *bytes, size_t len);
enum MHD_Result git_finish(Request *request);

#endif
