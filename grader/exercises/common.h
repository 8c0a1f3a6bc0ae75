/*
 * What several exercises ask of a run in the same words: did it compile,
 * listen, print the data whole, notice that the peer had gone, survive a
 * signal, tell its CPU time. A predicate takes its points from the table
 * (verdict_full), so the same one serves 3 points here and 2 there.
 *
 * The scenarios have the same names in each exercise that uses these:
 * data-later data-at-once data-and-close nul-bytes bytes-512 close-before
 * reset-before interrupted idle-watch.
 *
 * Source: shared contract, exercises 1 and 2.
 */
#ifndef GRADER_EXERCISES_COMMON_H
#define GRADER_EXERCISES_COMMON_H

#include "rubric.h"

void judge_build(const Facts *facts, Verdict *v);
void judge_listening(const Facts *facts, Verdict *v);
/* The same over other scenarios; `cause`: the check that a program which ends at
 * once has to pass first. */
void judge_listening_in(const Facts *facts, const char *const *scenarios, int n, const char *cause,
                        Verdict *v);
void judge_data_whole(const Facts *facts, Verdict *v);
void judge_peer_gone(const Facts *facts, Verdict *v);
void judge_interrupted(const Facts *facts, Verdict *v);
void judge_cpu_honest(const Facts *facts, Verdict *v);

/* CPU and wake-ups of idle-watch, reaction of data-later. */
void idle_figures(const Facts *facts, CpuFigures *figures);

/* How much of what the peer sent came out again on stdout. */
typedef enum Printed {
    PRINTED_NOTHING,     /* not there */
    PRINTED_DECORATED,   /* there, with something around it on its line */
    PRINTED_NO_LINE_END, /* there, but a line end is missing behind it */
    PRINTED_WHOLE
} Printed;
Printed data_printed(const Observation *run);

/* The first connection of a traced run that was accepted after our client had begun to connect
 * (0: none; one to itself is not ours), and its first read. */
unsigned first_connection(const Observation *run);
/* Did reads of this connection return so many bytes, or of any one? Yes also where the trace does
 * not tell: untraced, too long to be kept, more descriptors than are followed. */
bool was_read(const Observation *run, unsigned conn, uint64_t bytes);
bool any_was_read(const Observation *run, uint64_t bytes);
const Event *first_read(const Observation *run);
/* The first read of it that got data; NULL if none did. */
const Event *first_data(const Observation *run);

/* The first write to stdout with this text in it; NULL: none, or the trace doesn't tell. */
const Event *printed_with(const Observation *run, const char *text);
/* Evidence for a failure: where the program was at the last. */
void cite_last(Verdict *v, const Observation *run);

/* Was the connection non-blocking by this time (CLOCK_REALTIME, as the trace has it)? */
bool nonblocking_at(const Observation *run, unsigned conn, int64_t when);

/* "exited with status 1", "was killed by SIGPIPE", ... into `text`. */
const char *how_it_ended(const Observation *run, char *text, size_t size);

/* CPU time used per second while the run was watched, as a share (1: a whole
 * core); -1 if it was not watched. */
double watched_cpu_share(const Observation *run);

/* A CPU share above this is no sleeper: sleepers stay under 0.002 and spinners
 * over 0.14 on a core shared by five (measured), so the middle has room. */
#define BUSY_SHARE 0.05

/* 4096 of "read(5, ..., 4096) = 512"; -1: the call has no such last argument. */
int64_t bytes_asked_for(const Event *event);

#endif
