/*
 * Live events, from the workers and hooks to who watches: browsers (/events) and the
 * hooks that print `remote:` lines. A watcher is called under the hub's lock, must not
 * block and must not call the hub. No event is lost between hub_join() and hub_leave();
 * nothing is remembered for who comes later.
 */
#ifndef WEB_HUB_H
#define WEB_HUB_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum EventKind {
    EVENT_QUEUE,
    EVENT_EXERCISE, /* one exercise of a job has ended */
    EVENT_VERDICT,
    EVENT_NOTICE,
    EVENT_STOP
} EventKind;

typedef struct Event {
    EventKind kind;
    int64_t person;      /* whose; 0: everybody's */
    const char *section; /* of that person; "" */
    int64_t job;
    int64_t submission; /* 0: none */
    const char *json;   /* one line, no line end */
    const char *text;   /* the same for a terminal, whole lines; "" */
    const char *rest;   /* EVENT_VERDICT: `text` without what came line by line; NULL */
    bool taken;         /* a worker has taken this job: who waits moves up */
    bool last;          /* nothing more comes of this job */
} Event;

typedef struct Watcher {
    void (*see)(struct Watcher *self, const Event *event);
    struct Watcher *next, **link; /* the hub's */
} Watcher;

typedef struct Hub {
    pthread_mutex_t lock;
    Watcher *first;
    int n;
} Hub;

void hub_init(Hub *hub);
void hub_release(Hub *hub);
void hub_join(Hub *hub, Watcher *watcher);
void hub_leave(Hub *hub, Watcher *watcher); /* safe twice */
void hub_publish(Hub *hub, const Event *event);

#endif
