/*
 * What the files of a run share.
 *
 *   run.c          from one phase to the next, and how it all ends
 *   run_spawn.c    the command line, its pipes, the process
 *   run_streams.c  what comes out of those pipes
 *   run_listen.c   finding the listening socket, and the first line of stdout
 *   run_end.c      what the end of the process means
 */
#ifndef GRADER_RUN_PARTS_H
#define GRADER_RUN_PARTS_H

#include "peer/player.h"
#include "run.h"
#include "sandbox_watch.h"

typedef enum RunPhase {
    PHASE_STARTING,  /* until it listens */
    PHASE_LISTENING, /* until its first line is there, or it is clear that none comes */
    PHASE_PLAYING,
    PHASE_ENDING, /* killed, or gone: the rest is read */
    PHASE_CLOSING /* handles are being closed; then `done` */
} RunPhase;

/* Who ended it. */
typedef enum RunWhy {
    WHY_ITSELF,    /* nobody: it ended by itself */
    WHY_NO_LISTEN, /* ... the others: killed by us */
    WHY_SCRIPT_OVER,
    WHY_TOO_LONG, /* the whole scenario took too long */
    WHY_FLOOD,
    WHY_CANCELLED,
    WHY_BROKEN /* our failure */
} RunWhy;

enum { STREAM_OUT, STREAM_ERR, STREAM_INFO, STREAM_LOG, STREAMS };

typedef struct Stream {
    Run *run;
    uv_poll_t poll;
    int fd; /* -1: closed */
    bool polled;
} Stream;

struct Run {
    uv_loop_t *loop;
    RunSpec spec;
    Observation *observation;
    RunDone done;
    void *context;

    RunPhase phase;
    RunWhy why;
    bool killed, exited;
    int64_t exit_status; /* as libuv tells them */
    int exit_signal;
    int64_t killed_ns; /* CLOCK_REALTIME */
    int kills;

    char *folder, *log_path, *program; /* in scratch; the program's path as a trace shows it */
    char **argv, **environment;
    int keep_fd;
    uint64_t kept;
    StraceParser *parser;
    SandboxInfo info;
    pid_t pid; /* the program; 0: not known yet */

    Stream streams[STREAMS];
    uv_process_t process;
    uv_timer_t timer; /* of the phase */
    uv_timer_t limit; /* of the whole scenario */
    int64_t given_ns; /* by how much it was put off */
    SandboxWatch memory;
    int handles;  /* still open */
    bool spawned; /* `process` is a handle of the loop */
    Player *player;
    bool player_over;

    int64_t began_ns; /* CLOCK_MONOTONIC: spawned, exec'ed, listening: what the phase counts from */
    bool exec_seen;
    int64_t more_ns; /* by how much the scenario's limit was put off, for the machine's sake */
    int asleep_looks;
    int64_t cpu_listening_ns; /* what the program had used when it listened */
};

/* run.c */
void run_end(Run *run, RunWhy why); /* kills what is left; the first reason counts */
void run_broken(Run *run);          /* the observation's fault is written: it ends as RUN_BROKEN */
void run_play(Run *run);
void run_sample_cpu(Run *run);
int64_t run_held_up_ns(void *run); /* by the machine, so far */
void run_check_over(Run *run);

/* run_spawn.c: 0, or -1 and the observation's fault */
int run_spawn(Run *run, uv_exit_cb on_exit);
void run_spawn_release(Run *run);

/* run_streams.c */
int stream_open(Run *run, int which, int fd); /* takes `fd` over, also on failure */
void stream_drain(Run *run, int which);       /* reads what is there already */
void stream_close(Run *run, int which);
void run_on_closed(uv_handle_t *handle);

/* run_listen.c */
void run_look(Run *run); /* STARTING, LISTENING: at each turn of the timer */
void run_choose_listener(Run *run);

/* run_end.c */
void run_judge_end(Run *run);

#endif
