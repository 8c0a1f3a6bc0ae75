/*
 * The server's local door, DIR/serve.sock, for its own account only: git's hooks and
 * commands of the same program. One line in:
 *
 *   kick          something was queued
 *   notice        pause, banner or limits have changed
 *   doctor        answers with the lines of `courseweb doctor`, and "status N"
 *   watch JOB     answers with lines as that job goes on, and closes after its end
 *
 * A connection is one small object and no thread.
 */
#ifndef WEB_DOOR_H
#define WEB_DOOR_H

#include <pthread.h>
#include <stdbool.h>

#include "base/fault.h"

struct Server;

typedef struct Door {
    struct Server *server;
    int listener;
    pthread_t thread;
    int started;
    bool stopping; /* atomic: the thread's word that its listener was shut on purpose */
} Door;

int door_open(Door *door, struct Server *server, Fault *fault);
void door_close(Door *door);

/* The other side. -1: no server is running. */
int door_call(const char *socket_path, const char *line);
int door_tell(const char *socket_path, const char *line); /* and hangs up */

#endif
