/*
 * The types of the lesson (and of mio), in C: a Poll owns the kernel's event
 * queue, its Registry says what is watched, Events are what a wait brings.
 *
 * One contract, two files behind it: poll_epoll.c (Linux) and poll_kqueue.c
 * (macOS, BSD). Only one of them is compiled to anything.
 *
 * Functions return 0, or -1 and errno. Events are level-triggered: what is not
 * dealt with is reported again by the next wait.
 */
#ifndef POLL_H
#define POLL_H

#include <stdbool.h>
#include <stdint.h>

/* Your label for what is registered. The kernel keeps it and hands it back. */
typedef uint64_t Token;

typedef enum Interest { READABLE = 1, WRITABLE = 2 } Interest; /* may be or-ed */

/* One registration that is ready. Our server looks at the token alone: what it does then
 * depends on whether it still has bytes to write back to that client (map.h). The flags are
 * for a server that decides by them. The end of data is reported as readable (by kqueue as
 * writable too). A reset or an error is reported as both, whatever was asked for: the next
 * read or write says which it is. */
typedef struct Event {
    Token token;
    bool readable, writable;
} Event;

enum { EVENTS_MOST = 256 }; /* the next wait reports what is beyond that */
typedef struct Events {
    Event list[EVENTS_MOST];
    int length;
} Events;

/* A Poll can register and wait, its Registry can only register. mio splits them in this
 * way; both stand for one queue of the kernel's. */
typedef struct Registry {
    int queue;
} Registry;

typedef struct Poll {
    Registry registry;
} Poll;

int poll_open(Poll *poll);
void poll_close(Poll *poll); /* the server never calls it: its exit closes the queue */

/* Sleeps until something registered is ready, or the time is over (-1: no
 * limit). A wait that a signal cuts short brings no events and is no error. */
int poll_wait(Poll *poll, Events *events, int timeout_ms);

/* register: a descriptor that is not registered yet. reregister: another token
 * or interest in place of the old one. deregister: before you close it, for afterwards
 * the number may be another connection's. */
int registry_register(Registry *registry, int fd, Token token, Interest interest);
int registry_reregister(Registry *registry, int fd, Token token, Interest interest);
int registry_deregister(Registry *registry, int fd);

/* From now on the signal does nothing but make `token` readable. kqueue reports that in one
 * wait; epoll in every wait from then on: poll_epoll.c leaves the signal unread. */
int registry_register_signal(Registry *registry, int number, Token token);

#endif
