/*
 * Whose git is under way: the requests of git_backend.h, from their bodies (or, without one, their
 * backends) until they are freed. It says who has enough of them, and wakes all at the end.
 */
#ifndef WEB_GIT_LIST_H
#define WEB_GIT_LIST_H

#include "git_backend.h"

/* What one person may have under way at once, for each may take 1 GiB and a processor: pushes from
 * their bodies until they are in the queue (who waits for a verdict takes nothing), fetches to their
 * end. Staff clone a class. */
enum { PUSHES_AT_ONCE = 2, FETCHES_AT_ONCE = 4, FETCHES_OF_STAFF = 16, OF_ONE_SENDER = 24 };

/* The body is to come: from here on it counts as one of its sender's. False: there are enough of
 * them. */
bool git_list_expect(GitRequest *git);
void git_list_runs(GitRequest *git, pid_t pid);
void git_list_settled(GitRequest *git); /* counts no more; its client has not heard so yet */
void git_list_over(GitRequest *git);    /* its backend has ended */
void git_list_leave(GitRequest *git);   /* it is to be freed */

/* A hook of this process group asks for a verdict: its push is in the queue, and counts no more. */
void git_push_taken(pid_t group);

/* Backends whose output is still being read. */
int git_running(void);
int git_running_of(int64_t sender); /* a person's number */

/* Wakes every connection that waits for a backend: the server ends. */
void git_stop_all(void);
bool git_stopping(void);

#endif
