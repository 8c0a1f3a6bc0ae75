/* The bare repository of one student. */
#ifndef WEB_GIT_REPO_H
#define WEB_GIT_REPO_H

#include "course.h"

/* Makes it if it is not there: written beside and moved into its place, so that there
 * is never half of one. */
int git_repo_ready(const Course *course, const char *name, Fault *fault);

/* Takes away what a receive-pack that was killed has left: locks, and the folder that its push came
 * in (after an hour), which would count against the repository for ever. */
void git_repo_sweep(const Course *course, const char *name);

/* What it takes of the disk; no more is counted once `most` is passed. 0: it is not there. */
int64_t git_repo_bytes(const Course *course, const char *name, int64_t most);

/* DIR/hooks: links to this program, anew at each start (it may have moved). */
int git_hooks_ready(const Course *course, Fault *fault);

/* Settings that hold for every repository of the server, as environment for git. */
extern const char *const git_settings[][2];
extern const int n_git_settings;

#endif
