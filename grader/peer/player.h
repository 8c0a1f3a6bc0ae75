/*
 * Plays a Script against a listening program on a libuv loop and notes what
 * happened. It knows nothing of sandboxes: sockets come from `sockets`, and
 * the program is known by its pid alone.
 */
#ifndef GRADER_PEER_PLAYER_H
#define GRADER_PEER_PLAYER_H

#include <uv.h>

#include "observation.h"
#include "peer/script.h"

/* Shared by the plays of one program. */
typedef struct Answers {
    bool any;  /* a client has heard a byte */
    bool none; /* an expect of all its time was in vain, and no client of its play had heard any */
} Answers;

typedef struct PlayerHooks {
    /* `count` unconnected, non-blocking TCP sockets; 0 or -1 and the fault. */
    int (*sockets)(void *context, int count, int *fds, Fault *fault);
    /* The script is over (all steps, or one failed in a way that ends it, or player_stop()). Called
     * once. */
    void (*done)(void *context);
    /* A step begins: for progress (may be NULL). */
    void (*step)(void *context, const Script *script, const Step *step);
    void *context;
    /* How long the machine has held the program up by now, in ns (may be NULL). */
    int64_t (*held_up_ns)(void *context);
    /* CPU time that the program and its tracer have used by now, in ns; -1: not known (may be
     * NULL: the program's alone counts). */
    int64_t (*used_ns)(void *context);
    Answers *answers; /* may be NULL */
} PlayerHooks;

typedef struct Player Player;

/* Steps, watches and clients go into `observation` (the caller's, outlives the
 * player). `pid`: the program, 0 if not known (steps that need it are passed
 * over and say so). Script times are multiplied by GRADER_SLOW. */
Player *player_start(uv_loop_t *loop, const Script *script, const char *address, int port,
                     pid_t pid, Observation *observation, const PlayerHooks *hooks);

/* The program is gone: an `exit` step is fulfilled, other steps fail at once
 * where they need it (what is still in the sockets is read first). */
void player_program_ended(Player *player);

/* By how much the play is longer so far than it would be if the program had always had a core. */
int64_t player_given_ns(Player *player);

/* Ends the play early; `done` is called from the loop. */
void player_stop(Player *player);
void player_free(Player *player); /* only after `done`; closes everything. NULL is fine */

#endif
