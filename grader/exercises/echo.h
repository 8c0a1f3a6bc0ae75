/*
 * What the parts of exercise 3's judgement share.
 *
 *   ex3_echo_server.c  the table of checks
 *   echo_steps.c       who was served, and what to say when one was not
 *   echo_serve.c       one client, many clients, one thread, tokens
 *   echo_leave.c       clients that close, half-close or reset; descriptors; stopping
 *   echo_owed.c        clients that do not read, and what the program does meanwhile
 *   echo_interest.c    whom it asks to be woken for writing, and when
 *   echo_idle.c        clients that say nothing
 *   echo_bytes.c       the write that sent the wrong bytes, the close that came too early
 *
 * Checks ask for clients, not for lines of a script: each phase of a script
 * has a client of its own whose exchange tells how it went. Clients are known
 * by their index: those of `N clients` come first and are judged as one (index
 * 0), then the others in the order in which the script names them.
 *
 * Source: shared contract, exercise 3; epoll(7), tcp(7).
 */
#ifndef GRADER_EXERCISES_ECHO_H
#define GRADER_EXERCISES_ECHO_H

#include "rubric.h"

/* --- echo_steps.c --- */

/* Did this client get all that its script expects, something at least? */
bool was_served(const Observation *run, int client);

/* The first step of this client that fell short; of any client if there is none of its own. */
const PeerStep *fell_short(const Observation *run, int client);

/* A failure for which this client's steps (and the program's end) are the evidence. */
void blame_client(Verdict *v, int halves, const Observation *run, int client, const char *expected);

/* The same where another run, a traced one, may show the cause; see mistake.h. */
void blame_client_by(Verdict *v, int halves, const Observation *run, const Observation *traced,
                     int client, const char *expected);

/* This run shows it; an observation that was never made shows nothing. */
void seen_in(Verdict *v, const Observation *run);

/* Did the program end of itself before the script had come to its end? Then
 * "the program was killed by SIGSEGV" is in `text`, otherwise "". */
bool ended_early(const Observation *run, char *text, size_t size);

/* An event in which a second thread or process serves sockets; NULL: one serves them all. */
const Event *second_thread(const Observation *run);

/* Does no second one serve? If one does, the verdict is given. */
bool needs_one_thread(const Facts *facts, Verdict *v);

/* --- echo_idle.c --- */

/* Is it busy with clients that say nothing? Then a tracer makes it slow, and fills the trace with what
 * is of no account. */
bool never_rests(const Facts *facts);

/* --- echo_owed.c --- */

/* Clients of slow-reader, owing and never-reads by their index. A is the first accepted. */
enum { SLOW_A, SLOW_B };

/* More than that many wake-ups a second for a client that does not read are a busy wait. */
enum { RETRIES_MOST = 20 };

/* Bytes that never-reads offers. */
enum { OFFERED = 64 << 20 };

/* The connection of A; 0: it is not known. */
unsigned owed_connection(const Observation *run);

/* The first write to the n-th client that was not taken whole: here the bytes are lost or kept. */
const Event *refused_write(const Observation *run, int n);

/* --- echo_bytes.c --- */

typedef struct WrongWrite {
    const Event *event; /* NULL: all that was written is in order, as far as can be seen */
    bool again; /* bytes sent already, or none at all (EFAULT); otherwise some are left out: ... */
    const Event *lost_by; /* ... by the write before it, or behind it; NULL: none, not known */
} WrongWrite;

/* The first write to the n-th accepted connection whose bytes do not follow on the last one's. Its
 * client sends made-up bytes and nothing else. */
WrongWrite wrong_write(const Observation *run, int n);

/* What was to be expected in its place. */
const char *in_order(const WrongWrite *wrong);

/* The close of the n-th accepted connection, if its end had not been read or something was owed. */
const Event *early_close(const Observation *run, int n);

/* --- predicates --- */

void echo_one(const Facts *facts, Verdict *v);
void echo_many_clients(const Facts *facts, Verdict *v);
void echo_burst(const Facts *facts, Verdict *v);
void echo_tokens(const Facts *facts, Verdict *v);
void echo_never_blocks(const Facts *facts, Verdict *v);
void echo_past_1024(const Facts *facts, Verdict *v);

void echo_close_clean(const Facts *facts, Verdict *v);
void echo_reset_sigpipe(const Facts *facts, Verdict *v);
void echo_half_close(const Facts *facts, Verdict *v);
void echo_out_of_descriptors(const Facts *facts, Verdict *v);
void echo_stop(const Facts *facts, Verdict *v);

void echo_slow_reader(const Facts *facts, Verdict *v);
void echo_backpressure(const Facts *facts, Verdict *v);
void echo_write_interest(const Facts *facts, Verdict *v);
void echo_idle_asleep(const Facts *facts, Verdict *v);

#endif
