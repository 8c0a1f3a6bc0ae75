/*
 * One pack out of many. A push stays the pack that it came in (git_repo.c says why), and who
 * looks for an object may have to look into each: after some hundred pushes a page would feel it.
 *
 * Done by the worker that has just graded a push, before it takes the next job: no clock is needed
 * for it, and an idle server stays idle. Nothing is lost: what no ref reaches any more (a
 * force-push) is kept, for its submission still shows it; git writes and syncs the new pack before
 * it removes an old one, and a kill in between leaves both.
 */
#ifndef WEB_GIT_TIDY_H
#define WEB_GIT_TIDY_H

#include <sys/types.h>

#include "course.h"

enum {
    PACKS_MOST = 50, /* then they are gathered; where that fails, again at twice as many */
    TIDY_MS = 30000, /* a hostile pack may keep git busy: then it stays as it is */
};

/* How many packs the repository of `name` has; 0: it is not there. */
int git_packs(const Course *course, const char *name);

/* Begins to gather them if there are many: the process to wait for, TIDY_MS at most; 0: there are
 * not; -1 and the fault. Whether it works is no fault of anybody's job. */
pid_t git_tidy_start(const Course *course, const char *name, Fault *fault);
/* It has ended. One that failed or was killed: what it left half is removed, and how many packs
 * there were is remembered in the repository (file `tidy-failed`). */
void git_tidy_end(const Course *course, const char *name, bool failed);

#endif
