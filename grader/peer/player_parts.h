/*
 * What the files of the player share: player.c goes from step to step,
 * verbs_client.c and verbs_program.c carry them out, blame.c says what was
 * missing, excuses.c what a step may take longer, answers.c how long whom
 * nobody answered need wait, fetch.c brings sockets.
 */
#ifndef GRADER_PEER_PLAYER_PARTS_H
#define GRADER_PEER_PLAYER_PARTS_H

#include <netinet/in.h>

#include "peer/link.h"
#include "peer/player.h"

typedef enum Progress {
    GOING, /* look again when something moves, or at `look_ns` */
    DONE,
    FAILED,  /* player_fail() was called; the script goes on */
    HOPELESS /* as FAILED, and there is no sense in going on */
} Progress;

/* What the last look at the program's sleep saw. */
typedef struct Sleep {
    bool asleep;
    uint64_t number;             /* how often it had gone to sleep */
    int64_t looked_ns, since_ns; /* CLOCK_MONOTONIC; since: the first look at this sleep */
} Sleep;

struct Player {
    uv_loop_t *loop;
    const Script *script;
    Observation *observation;
    PlayerHooks hooks;
    struct sockaddr_storage address;
    socklen_t address_len;
    char address_text[64];
    int port;
    pid_t pid;

    Link **links; /* of each client; NULL: not connected */
    int *fds;     /* sockets for the connects to come */
    int n_fds, next_fd;

    uv_timer_t timer;
    bool gone;                     /* the program has ended */
    bool cramped;                  /* its send buffers are small */
    bool begun;                    /* the current step has */
    bool stopped, over;            /* player_stop(); nothing is played any more */
    int at;                        /* the current step */
    int64_t begun_ns, deadline_ns; /* CLOCK_MONOTONIC */
    int64_t step_cpu_ns;           /* player_cpu_ns() when the step began */
    int64_t excused_ns;            /* by how much the deadline was put off for the machine's sake */
    int64_t put_off_ns;            /* the same, of all steps */
    int64_t held_up_ns;            /* by the machine, when the step began or just before ... */
    int64_t held_up_noted_ns;      /* ... and when that was, CLOCK_MONOTONIC; 0: not yet */
    int crowd;                     /* how many may connect at once; 0: not asked yet */
    int64_t given_ns;              /* by player_give(), of all steps */
    int64_t waited_ns; /* in vain for a program that does not sleep, while a crowd came */
    bool unanswered;   /* an expect of all its time was in vain, and nobody had heard a byte */
    Buf message;

    /* of the current step */
    int64_t limit_ns; /* what it was given at first */
    bool over_time;   /* and that was not enough */
    bool last_turn;   /* over, and the loop turns once more before it is said */
    int64_t look_ns;  /* CLOCK_MONOTONIC, when to look again; 0: at the deadline only */
    int next_client;  /* connect: the next to start */
    int asleep_looks;
    int64_t asleep_since_ns;
    bool resting; /* watch: settled, and now watched; interrupt: stopped, not yet continued */
    int64_t rest_until_ns; /* CLOCK_MONOTONIC */
    Sleep sleep;           /* interrupt */
    int64_t crowd_cpu_ns;  /* connect: what the program had used then */
    int64_t crowd_ns;      /* connect: when the last few were started, CLOCK_MONOTONIC; 0: none */
    int64_t unsent;        /* watch: bytes on their way to the program at the last look ... */
    int64_t fewer_ns;      /* ... and when they were fewer than before, CLOCK_MONOTONIC; 0: never */
    Watch watch;
};

/* What each verb does. Whatever moves leads to `look`, also the step's begin.
 * At the deadline (none: Step.time_ns is 0) `overdue` says how it ended;
 * NULL: the step is done then. */
typedef struct VerbPlay {
    Progress (*begin)(Player *player, const Step *step); /* NULL: nothing to do */
    Progress (*look)(Player *player, const Step *step);  /* NULL: done after `begin` */
    Progress (*overdue)(Player *player, const Step *step);
    bool needs_program; /* can't be done once the program has ended */
    bool needs_pid;     /* passed over if the program is not known */
} VerbPlay;

extern const VerbPlay verb_plays[VERBS];

/* Writes the message of the current step. Returns FAILED. */
Progress player_fail(Player *player, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* So much longer for the current step, and the play: it was not the program that took it. */
void player_give(Player *player, int64_t ns);
/* A word on a step that goes well all the same. */
void player_remark(Player *player, const char *format, ...) __attribute__((format(printf, 2, 3)));
void player_look_in(Player *player, int64_t ns);
/* A step's time in ns, with GRADER_SLOW. */
int64_t player_time_ns(const Step *step);
void player_link_moved(void *player);

/* fetch.c: the next socket, or -1 and the observation's fault */
int player_socket(Player *player);

/* answers.c */
/* Has the program answered nobody, though one waited for all of its time? */
bool player_unanswered(const Player *player);
/* What the step is given at first: its time, or a glance. */
int64_t player_limit_ns(const Player *player, const Step *step);
/* A step is over. */
void player_note_answers(Player *player, Progress progress);

/* excuses.c */
/* What the program, and its tracer if it has one, have used; -1: not known. */
int64_t player_cpu_ns(const Player *player);
/* What the machine was late by in this step for ourselves: a heartbeat, and our own turns. */
int64_t player_own_late_ns(const Player *player);
/* The same, or what the program had to wait for it if that is more than the heartbeat had to. */
int64_t player_step_late_ns(Player *player);
/* A step begins: what held the run up before it is no excuse for what it does in it. */
void player_note_held_up(Player *player);
/* By how much the step's deadline is put off: that, or for how long it went on moving, or what the
 * run has waited for a core in it: what needs one many times over is later than the one long
 * sleep that the heartbeat notes. */
int64_t player_late_ns(Player *player);
/* A step is over: what it was late by, and was not given, is the scenario's. */
void player_give_back(Player *player);

/* verbs_client.c */
/* Bytes to the program, of clients that read nothing, which the kernel has not delivered. */
int64_t player_unsent(const Player *player);
/* Is a client that reads nothing still sending what the program could take? */
bool player_more_comes(const Player *player);
Progress begin_connect(Player *player, const Step *step);
Progress look_connect(Player *player, const Step *step);
Progress overdue_connect(Player *player, const Step *step);
Progress begin_send(Player *player, const Step *step);
Progress look_send(Player *player, const Step *step);
Progress look_expect(Player *player, const Step *step);
Progress overdue_expect(Player *player, const Step *step);
Progress look_expect_end(Player *player, const Step *step);
Progress overdue_expect_end(Player *player, const Step *step);
Progress begin_half_close(Player *player, const Step *step);
Progress begin_closing(Player *player, const Step *step);
Progress begin_pause_reading(Player *player, const Step *step);

/* verbs_program.c */
Progress begin_settle(Player *player, const Step *step);
Progress look_settle(Player *player, const Step *step);
Progress overdue_settle(Player *player, const Step *step);
Progress look_watch(Player *player, const Step *step);
Progress look_pause(Player *player, const Step *step);
Progress begin_cramp(Player *player, const Step *step);
Progress begin_interrupt(Player *player, const Step *step);
Progress look_interrupt(Player *player, const Step *step);
Progress begin_signal(Player *player, const Step *step);
Progress look_signal(Player *player, const Step *step);
Progress look_exit(Player *player, const Step *step);
Progress overdue_exit(Player *player, const Step *step);

/* blame.c */

/* What client `client` expected in this step, and what came instead. */
void blame_expect(Player *player, const Step *step, int client, int others);
/* Writes "A", or "C7 (and 12 more)", into the message. */
void blame_who(Player *player, int client, int others);
/* "500 ms", "1.5 s" */
const char *blame_time(char *text, size_t size, int64_t ns);

#endif
