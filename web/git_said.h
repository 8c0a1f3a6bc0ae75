/*
 * What git says on its standard error, in the server's log: line by line, clean, with the name of
 * whose repository it was. Who sends to git says a part of that (a line that is none of its
 * protocol is quoted), and the log tells who did what.
 */
#ifndef WEB_GIT_SAID_H
#define WEB_GIT_SAID_H

#include "base/fault.h"
#include "git_pump.h"
#include "people.h"

enum { SAID_LINE = 400, SAID_LINES = 10 }; /* of one process: more is read, and thrown away */

typedef struct GitSaid {
    Pumped pumped;
    GitPump *pump; /* NULL: not watched */
    int fd;
    char name[NAME_BYTES];
    char line[SAID_LINE];
    size_t len;
    int lines;
} GitSaid;

/* `end` is for the process, and the caller's to close. */
int git_said_open(GitSaid *said, const char *name, int *end, Fault *fault);
void git_said_watch(GitSaid *said, GitPump *pump);
/* On the pump's thread, or before it is watched. What is there by now is said. */
void git_said_close(GitSaid *said);

#endif
