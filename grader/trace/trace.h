/*
 * A trace: the events of one run in order of their start, the objects they
 * speak of, and questions over both.
 *
 * A hostile or spinning program makes millions of events. A Trace keeps the
 * first TRACE_HEAD and the last TRACE_TAIL; those between are counted
 * (`elided`, and in the totals of trace_count()) and dropped. What is asked
 * of a trace must stay right when there is a gap in it: that something was not
 * done is told by witnesses and totals, which know all events.
 *
 * All traces together share TRACE_BUDGET: honest programs make a few hundred
 * events and never come near it. Once it is used up, a trace keeps TRACE_LEAST
 * of head, tail and each table, what it had beyond that, and shorter texts.
 */
#ifndef GRADER_TRACE_TRACE_H
#define GRADER_TRACE_TRACE_H

#include "trace/event.h"

enum {
    TRACE_HEAD = 4096,
    TRACE_TAIL = 2048,
    TRACE_LEAST = 256,
    TRACE_BUDGET = 20 << 20,
    TRACE_OBJECTS = 8192, /* more get number 0: not known */
    TRACE_RAW = 240,
    TRACE_RAW_CUT = 80,   /* where the budget is used up */
    TRACE_DATA = 1 << 20, /* bytes read and written that are kept; ... */
    TRACE_DATA_CUT = 64,  /* beyond it so many of each event */
    TRACE_NAMES = 16384,  /* descriptors of a process; higher ones are not followed */
    TRACE_PROCESSES = 64, /* at once */
    TRACE_WATCHES = 16384 /* registrations remembered, the oldest that are over go first */
};

typedef enum ObjectKind {
    OBJECT_OTHER, /* files, pipes, unknown */
    OBJECT_STDIO, /* what was descriptor 0, 1, 2 at the start */
    OBJECT_SOCKET,
    OBJECT_LISTENER,
    OBJECT_CONNECTION, /* came out of accept(2) */
    OBJECT_QUEUE,      /* epoll, kqueue */
    OBJECT_TIMER,      /* timerfd */
    OBJECT_SIGNALFD,
    OBJECT_EVENTFD
} ObjectKind;

/* Something that a descriptor stands for. Lives on when the number is used again. */
typedef struct Object {
    ObjectKind kind;
    int fd;                       /* the number it first had */
    int ordinal;                  /* CONNECTION: 1 for the first accepted, and so on */
    unsigned listener;            /* CONNECTION: the object it was accepted from */
    int64_t opened_ns, closed_ns; /* 0: before the trace; not closed by a call within it */
    int names;                    /* descriptors that stand for it now */
    uint64_t read_bytes;          /* CONNECTION: taken out of it by reads, those dropped included */
    bool nonblocking;             /* CONNECTION: O_NONBLOCK, now */
    bool announced, ready;        /* an event came since the last read; since one found nothing */
    unsigned ambiguous;           /* the trace's at the last read that found nothing */
    bool reported;                /* an event came at any time */
} Object;

/* A submission may bury what it does under thousands of calls, so that the event is dropped.
 * The first few of each of these are kept whatever comes. */
typedef enum Witness {
    WITNESS_MAY_WAIT,   /* a READ or WRITE of a blocking connection that no event announced */
    WITNESS_ONE_CLIENT, /* a WAIT (poll, select) on one connection and nothing else, not of 0 s */
    WITNESS_SECOND_THREAD, /* a READ or WRITE of a connection, not by the thread of the first one */
    WITNESS_WATCHED,       /* a WATCH of a connection */
    WITNESS_UNANNOUNCED,   /* a READ of a connection, and no event since one found nothing */
    WITNESS_UNWOKEN, /* a MARK "poll K", not K's first, and no "wake K" since the one before */
    WITNESS_STRAY,   /* a READ of the K-th connection behind an event, between K's first poll and
                        "ready K", and in no poll of K */
    WITNESS_KINDS
} Witness;

typedef struct Trace Trace;

/* An empty trace. `blind` of the backend: bit 1u << kind for each EventKind it
 * can't see; a check that needs such a kind is `skip: unobservable`. */
Trace *trace_new(unsigned blind);
void trace_free(Trace *trace); /* NULL is fine */

/* --- for backends --- */

/* Appends a copy of the event and takes over `data`, `raw` and `stack`. An
 * event that starts before the one in front of it is moved up to that one's
 * start: a Trace is always in order. Returns the stored event (valid until
 * the next call). */
Event *trace_add_take(Trace *trace, const Event *event);
/* Events ever added, which is the number that the next one gets. */
uint64_t trace_total(const Trace *trace);
/* The event of this number, to be completed; NULL once it was dropped. */
Event *trace_event(Trace *trace, uint64_t number);
/* The result of an event that was added UNFINISHED is known now (the others
 * are settled by being added): it enters the totals. */
void trace_settle(Trace *trace, Event *event);
/* The object number of a new open file that descriptor `fd` of `process` stands for. */
unsigned trace_open(Trace *trace, int process, int fd, ObjectKind kind, int64_t when_ns);
/* What `fd` of `process` stands for now; 0 if nothing that was seen to be opened. */
unsigned trace_lookup(const Trace *trace, int process, int fd);
void trace_dup(Trace *trace, int process, int old_fd, int new_fd, int64_t when_ns);
/* Returns the object that lost this name, 0 if none. Object.names says whether it was the last. */
unsigned trace_close(Trace *trace, int process, int fd, int64_t when_ns);
void trace_set_kind(Trace *trace, unsigned object, ObjectKind kind);
Object *trace_object_mutable(Trace *trace, unsigned object);
/* This name is closed by execve(2), or no longer. */
void trace_set_cloexec(Trace *trace, int process, int fd, bool on);
/* A child process starts with a copy of the descriptors of its parent. */
void trace_fork(Trace *trace, int parent, int child);
/* What process `from` has is that of `to`, whose own is ended. */
void trace_renumber(Trace *trace, int from, int to);
/* execve(2) closes some names; the end of a process closes them all. Neither
 * counts as a close by the program (`closed_ns`). */
void trace_exec(Trace *trace, int process, int64_t when_ns);
void trace_process_end(Trace *trace, int process, int64_t when_ns);

/* What is registered with a queue, so that a WAKE finds its object. `key`
 * tells registrations of one object apart (epoll: the descriptor; kqueue: the
 * filter too). Registering again changes the token. Closing the last name of
 * an object ends its registrations. */
void trace_watch(Trace *trace, unsigned queue, unsigned object, int64_t key, uint64_t token,
                 int64_t when_ns);
void trace_unwatch(Trace *trace, unsigned queue, unsigned object, int64_t key, int64_t when_ns);
/* The one object that is registered under this token now and the key it has
 * (may be NULL); 0 if there are several or none. */
unsigned trace_watched(const Trace *trace, unsigned queue, uint64_t token, int64_t *key);
/* A string that lives as long as the trace; equal strings are kept once. */
const char *trace_intern(Trace *trace, const char *text);

/* What the submission did keeps this trace from telling all; `why`: static words that end a
 * sentence, the first ones stay. */
void trace_lose(Trace *trace, const char *why);

/* --- questions --- */

/* The i-th stored event, in order; NULL past the end. The numbering has no
 * holes: after the head comes the tail. */
const Event *trace_at(const Trace *trace, size_t i);
size_t trace_len(const Trace *trace);
size_t trace_elided(const Trace *trace); /* events dropped between head and tail ... */
/* ... which is in front of the stored event of this number; all of them: there is no gap. */
size_t trace_gap(const Trace *trace);
unsigned trace_blind(const Trace *trace);

/* All events of a kind that ever were, dropped ones included. */
uint64_t trace_count(const Trace *trace, EventKind kind);
/* Reads on connections that failed with EAGAIN, dropped ones included. */
uint64_t trace_count_would_block(const Trace *trace);

/* The first event of this class, one that was dropped included; NULL: there was none. */
const Event *trace_witness(const Trace *trace, Witness about);
/* Why what was not seen may have been done all the same, as "descriptors were passed on ...";
 * NULL: it may not. */
const char *trace_lost(const Trace *trace);

const Object *trace_object(const Trace *trace, unsigned object); /* NULL for 0 */
unsigned trace_objects(const Trace *trace);                      /* the highest number in use */
/* The object number of the n-th accepted connection (1 is the first); 0 if there is none. */
unsigned trace_connection(const Trace *trace, int n);

/* The next event at or after *from of this kind on this object (0: any);
 * *from is moved behind it. NULL when there is none. Use:
 *     for (size_t i = 0; (e = trace_next(t, &i, EV_READ, conn));) */
const Event *trace_next(const Trace *trace, size_t *from, EventKind kind, unsigned object);

/* Did this read (or write, accept) find nothing: EAGAIN or EWOULDBLOCK? */
bool event_would_block(const Event *event);
/* A WAKE that says of a descriptor only that it can be written. */
bool event_for_writing_only(const Event *event);
const char *event_kind_name(EventKind kind);

/* For a WAKE from an epoll or kqueue queue backends set `object` to what was
 * registered under that token when it fired. If several were, this one tells
 * whether `object` may have been meant. */
bool trace_wake_matches(const Trace *trace, const Event *wake, unsigned object);

#endif
