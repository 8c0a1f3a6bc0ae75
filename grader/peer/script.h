/* clang-format off */
/*
 * Scenarios are text: what scripted clients (and the grader around them) do to
 * a program. Parsed in full before anything is played; a mistake names its
 * line. The same script is played against a sandboxed program (run.c) and,
 * by `grader peer FILE PORT`, against one that a student started.
 *
 *   # a comment                   blank lines are fine
 *   title "Data after half a second"
 *   args 9107                     what the program is started with: a port, `0`, or nothing
 *   untraced                      no tracer: the probe's figures are true
 *   burn 60ms                     CPU time used up before the program's main begins
 *   limit descriptors 64
 *   narrow                        clients have small segments and a small receive buffer, as over
 *                                 a slow line: a client that does not read takes some 50 KiB, not
 *                                 4 MiB, before the program's writes find no room. One that
 *                                 resumes reading has a large buffer, before `cramp`
 *   narrow 8192                   the same, with a receive buffer of that many bytes (2048)
 *                                 these stand before the first step; the steps are:
 *   A connect                     a client is a capital letter, or a capital letter and a number
 *   A send "hel\n"                C escapes, \0 and \xNN. Ends when all is sent, or when nothing
 *                                 was taken for 200 ms; the rest is sent beside the next steps
 *   A send "x" x 1000             1000 times
 *   A send 512                    that many printable bytes, no two places of them alike
 *   A expect "hello\n" 500ms      these bytes next, in time (1s). `x 1000` and a number work, too
 *   A expect-end 1s               the program closes its side
 *   A half-close | A close | A reset
 *   A pause-reading | A resume-reading
 *   100 clients connect           C1..C100 at once; likewise every other verb of a client. %d in a
 *                                 string is the client's number
 *   settle 300ms                  wait until the program is asleep in the kernel, that long at most
 *   watch 500ms                   settle (200 ms, or the time given, at most), then leave it
 *                                 alone and measure
 *   pause 30ms
 *   cramp                         the program's side of the connections to come has the smallest
 *                                 send buffer there is: what it owes it can pay only in many small
 *                                 parts. Its listener is changed, for good. Passed over, with a
 *                                 remark, where that can't be reached (another user's program)
 *   interrupt                     as soon as it is asleep (200 ms at most): SIGUSR1 where the program
 *                                 handles it, else SIGSTOP, 20 ms once it holds, SIGCONT
 *   signal TERM                   TERM, INT, STOP, CONT, USR1; after STOP goes on when it holds
 *                                 (500 ms at most)
 *   repeat 20                     the lines from here to `end` 20 times; not one within another
 *   end
 *   exit 1s                       the program ends by itself, in time (1s). Only as the last step.
 *                                 Without it the program is ended by the grader after the script
 *
 * Times: us, ms, s, a minute at most. A client that has closed may connect again.
 * Bounds: SCRIPT_BYTES a script, SCRIPT_STEPS steps, SCRIPT_CLIENTS clients.
 */
/* clang-format on */
#ifndef GRADER_PEER_SCRIPT_H
#define GRADER_PEER_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { SCRIPT_BYTES = 65536, SCRIPT_STEPS = 1000, SCRIPT_CLIENTS = 4096, SCRIPT_PAYLOAD = 1 << 26 };
enum { NARROW_USUAL = 2048 };

typedef enum Verb {
    VERB_CONNECT,
    VERB_SEND,
    VERB_EXPECT,
    VERB_EXPECT_END,
    VERB_HALF_CLOSE,
    VERB_CLOSE,
    VERB_RESET,
    VERB_PAUSE_READING,
    VERB_RESUME_READING,
    VERB_SETTLE,
    VERB_WATCH,
    VERB_PAUSE,
    VERB_CRAMP,
    VERB_INTERRUPT,
    VERB_SIGNAL,
    VERB_EXIT,
    VERBS
} Verb;

typedef struct Step {
    Verb verb;
    int line;
    int client, clients; /* the first client's index and how many; client -1: none */
    char *data;          /* SEND, EXPECT: one repetition; NULL: `times` made-up bytes */
    size_t data_len;
    uint64_t times;  /* SEND, EXPECT: repetitions, 1 or more; see payload.h */
    bool numbered;   /* `data` holds %d */
    int64_t time_ns; /* duration or limit; not yet multiplied by GRADER_SLOW */
    int signal;
} Step;

typedef struct Script {
    char *title;
    int port; /* -1: started without an argument; 0: any */
    bool has_second_argument;
    int second_argument; /* exercise 4: TASKS */
    bool untraced;
    int narrow; /* bytes of a client's receive buffer; 0: as the system has it */
    int64_t burn_ns;
    int descriptors; /* limit; 0: the usual one */
    Step *steps;
    int n_steps;
    int n_clients;
    char **client_names;
} Script;

/* `name` is for messages, see script_place(). 0, or -1 and the fault. */
int script_parse(Script *script, const char *name, const char *text, size_t len, Fault *fault);
/* "data-later.peer:7": where something is. `name` may lack its ".peer". */
const char *script_place(char *text, size_t size, const char *name, int line);
void script_release(Script *script); /* safe twice */
const char *verb_name(Verb verb);    /* "half-close" */

#endif
