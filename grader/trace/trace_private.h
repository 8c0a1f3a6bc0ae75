/*
 * What a Trace is made of. Only trace*.c may look inside: trace.c keeps the
 * events, trace_names.c the objects and who has a name for them,
 * trace_watches.c what was registered where and when, trace_witness.c what
 * must not be missed for the number of events around it, trace_polls.c which
 * marked polls go on meanwhile.
 */
#ifndef GRADER_TRACE_PRIVATE_H
#define GRADER_TRACE_PRIVATE_H

#include "trace/mark.h"
#include "trace/trace.h"

enum { TRACE_STRINGS = 1024, TRACE_STRING = 1024, WATCH_BUCKETS = 4096 };

/* The descriptors of one process: names[fd] is object << 1 | close-on-exec; 0: free. */
typedef struct NameTable {
    int process;
    unsigned *names;
    int len;
} NameTable;

typedef struct Registration {
    unsigned queue, object;
    int64_t key;
    uint64_t token;
    int64_t from_ns, to_ns; /* to: INT64_MAX while it lasts */
    int same_token;         /* the next in its bucket, -1: none */
    int same_object;        /* the next of this object, -1: none */
} Registration;

/* Each class calls so many; some are dismissed, and what was kept of them stays. */
enum { WITNESSES_MOST = 4, KEPT_MOST = 4 * WITNESSES_MOST * WITNESS_KINDS };

/* The polls that go on in one thread: how many of each task, one within the other. */
typedef struct OpenPolls {
    int thread; /* 0: none */
    unsigned char of[MARK_TASKS + 1];
} OpenPolls;
enum { POLLERS_MOST = 64 };

struct Trace {
    unsigned blind;

    Event *head, *tail; /* tail: a ring once it is full */
    size_t head_len, head_cap, tail_len, tail_cap;
    bool head_full, tail_full; /* they have what they get */
    size_t tail_first;         /* the oldest event of the ring */
    uint64_t total;
    int64_t last_start_ns;
    size_t data_bytes;  /* of all events that are kept */
    size_t text_bytes;  /* of `raw` */
    size_t table_bytes; /* arrays */
    size_t held;        /* of the budget of all traces */
    uint64_t counts[EV_KINDS], would_block;

    Object *objects; /* [0] stands for "none" */
    int *watch_of;   /* the first of each object's registrations in force, -1: none */
    unsigned n_objects, objects_cap;
    unsigned *connections; /* [ordinal - 1] */
    int n_connections, connections_cap;
    NameTable *tables;
    int n_tables;

    Registration *watches;
    int n_watches, watches_cap;
    int oldest_watch;           /* where to look for one to give up */
    int buckets[WATCH_BUCKETS]; /* the first of each, -1: none */

    char **strings;
    int n_strings;

    uint64_t witnesses[WITNESS_KINDS][WITNESSES_MOST]; /* numbers of events */
    int n_witnesses[WITNESS_KINDS];
    Event *kept; /* witnesses that were dropped; KEPT_MOST, NULL until needed */
    int n_kept;
    int serving;                     /* the first thread that read or wrote a connection; 0 */
    unsigned ambiguous;              /* WAKEs that may have meant any of several */
    int asked_clients, asked_others; /* of the poll(2) or select(2) that comes next */
    struct {
        bool polled, woken, ready; /* woken: since the last poll began */
    } tasks[MARK_TASKS + 1];
    OpenPolls pollers[POLLERS_MOST];
    const char *lost;
};

/* Has this trace room for an array that grows from `from` to `to` elements? It has for the first
 * TRACE_LEAST; yes is noted. */
bool trace_may_grow(Trace *trace, size_t from, size_t to, size_t size);
void trace_names_release(Trace *trace);
void trace_watches_init(Trace *trace);
/* An event is added, and it has its result. */
void trace_witness_begin(Trace *trace, Event *event);
void trace_witness_end(Trace *trace, const Event *event);
/* A mark comes. True: a poll begins that is not its task's first, and no wake was before it. */
bool trace_polls_mark(Trace *trace, const Event *mark);
/* Is this a task's connection, whose future was polled, is not READY and not being polled by this
 * thread now? */
bool trace_polls_none(const Trace *trace, const Object *object, int thread);
/* An event is dropped; true: it is a witness, and all that it owns was taken over. */
bool trace_witness_keep(Trace *trace, const Event *event);
Event *trace_witness_kept(Trace *trace, uint64_t number); /* NULL: it was not */
/* Ends whatever `object` is registered with. */
void trace_unwatch_all(Trace *trace, unsigned object, int64_t when_ns);

#endif
