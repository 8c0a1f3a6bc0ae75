/*
 * One thread that waits, in epoll, for what the `git http-backend` processes write, and
 * for their ends; and beats every HEARTBEAT_S for the event streams while there are any.
 * Nothing to wait for, nothing wakes it.
 */
#ifndef WEB_GIT_PUMP_H
#define WEB_GIT_PUMP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { HEARTBEAT_S = 15 };

typedef struct Pumped {
    void (*ready)(struct Pumped *self); /* the descriptor is readable, or at its end */
} Pumped;

typedef struct GitPump {
    int epoll, stop, timer;
    pthread_t thread;
    bool started;
    Pumped stopped, beat;
    void (*heartbeat)(void *context);
    void *context;
    bool stopping;
} GitPump;

int pump_start(GitPump *pump, void (*heartbeat)(void *context), void *context);
void pump_stop(GitPump *pump);

/* Level-triggered; called on the pump's thread. */
int pump_add(GitPump *pump, int fd, Pumped *pumped);
void pump_remove(GitPump *pump, int fd);
void pump_watch(GitPump *pump, int fd, Pumped *pumped, bool on); /* on again, or off */
void pump_beating(GitPump *pump, bool on);

#endif
