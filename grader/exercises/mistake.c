#include "exercises/mistake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exercises/common.h"
#include "trace/trace.h"

/* --- calls that fail --- */

static const struct {
    EventKind kind;
    int error;
    const char *what;
} failures[] = {
    {EV_QUEUE, EINVAL,
     "epoll_create1() takes flags, and no number of events: 0 will do (epoll_create(): any number "
     "above 0)"},
    {EV_WATCH, EINVAL, "epoll_ctl() takes the queue first, and what is to be watched third"},
    {EV_WATCH, EBADF, "that descriptor is closed already"},
    {EV_WATCH, ENOENT, "what is to be changed was never added (EPOLL_CTL_ADD)"},
    {EV_WATCH, EEXIST, "it is in the queue already: EPOLL_CTL_MOD changes it"},
    {EV_WATCH, EFAULT, "epoll_ctl() wants the address of an epoll_event"},
    {EV_WAIT, EINVAL, "that is no queue, or there is no room for an event"},
    {EV_CLOSE, EBADF, "it closed a descriptor that is not open: is it closed twice?"},
    {EV_READ, ENOTCONN, "a listener has no data: the connection is what accept() returned"},
    {EV_READ, EBADF, "it read from a descriptor that is not open"},
    {EV_READ, EFAULT, "that buffer, or its end, is outside the program's memory"},
    {EV_WRITE, EBADF, "it wrote to a descriptor that is not open"},
    {EV_WRITE, EFAULT,
     "those bytes, or their end, are outside the program's memory: is the number right?"},
};

/* No kernel gives out such a number. (The trace knows no others below zero than -1: what was given
 * tells them apart.) */
static bool never_was(const Event *event)
{
    bool below = event->fd == -1 && event->raw && !strstr(event->raw, ", -1, ");
    return event->error == EBADF &&
           (event->fd >= 1 << 20 || event->fd < -1 || (below && event->kind == EV_WATCH));
}

static bool without_queue(const Event *event)
{
    return event->kind == EV_WATCH && event->via == VIA_EPOLL && event->error == EBADF &&
           !event->queue;
}

/* What is added may never have been open: accept() or socket() failed. */
static const char *what_of(const Event *event, const char *what)
{
    static const char freed[] = "that number was never a descriptor: was it read from memory that "
                                "is not set, or freed already?";
    static const char none[] = "that is no open descriptor: did accept() fail?";
    static const char no_queue[] = "the first argument is no queue: did epoll_create1() fail? (It "
                                   "takes flags: 0 will do.)";
    if (without_queue(event))
        return no_queue;
    if (never_was(event))
        return freed;
    bool adds = event->kind == EV_WATCH && (event->flags & EVF_ADD);
    return adds && event->error == EBADF ? none : what;
}

static bool closed_before(const Trace *trace, const Event *again)
{
    const Event *close;
    for (size_t from = 0; (close = trace_next(trace, &from, EV_CLOSE, 0)) && close != again;)
        if (close->fd == again->fd && close->process == again->process && close->result >= 0)
            return true;
    return false;
}

/* To take out what is closed or was never in is in vain, and harmless: it is the cause of nothing.
 * So is closing every number there is, to begin with a clean table. */
static bool harmless(const Trace *trace, const Event *event)
{
    bool in_vain = event->error == EBADF || event->error == ENOENT;
    if (never_was(event))
        return false;
    return (event->kind == EV_CLOSE && !closed_before(trace, event)) ||
           (event->kind == EV_WATCH && (event->flags & EVF_REMOVE) && in_vain);
}

static Mistake failure_of(const Event *event)
{
    for (size_t k = 0; k < sizeof failures / sizeof *failures; k++)
        if (failures[k].kind == event->kind && failures[k].error == event->error)
            return (Mistake){event, what_of(event, failures[k].what)};
    return (Mistake){NULL, NULL};
}

static Mistake first_failure(const Trace *trace, bool of_transfers)
{
    Mistake found = {NULL, NULL};
    for (size_t i = 0; !found.event && i < trace_len(trace); i++) {
        const Event *event = trace_at(trace, i);
        bool transfer = event->kind == EV_READ || event->kind == EV_WRITE;
        if (event->result < 0 && event->error && (transfer || !of_transfers) &&
            !harmless(trace, event))
            found = failure_of(event);
    }
    return found;
}

static Mistake failed_call(const Trace *trace)
{
    return first_failure(trace, false);
}

static Mistake failed_transfer(const Trace *trace)
{
    return first_failure(trace, true);
}

/* --- what is registered, and how --- */

static const Event *registration(const Trace *trace, unsigned object)
{
    const Event *watch;
    for (size_t from = 0; object && (watch = trace_next(trace, &from, EV_WATCH, object));)
        if (watch->result >= 0 && (watch->flags & (EVF_ADD | EVF_TRANSIENT)))
            return watch;
    return NULL;
}

static const Event *first_accept(const Trace *trace)
{
    size_t from = 0;
    return trace_next(trace, &from, EV_ACCEPT, trace_connection(trace, 1));
}

static Mistake unregistered(const Trace *trace)
{
    const Event *accept = first_accept(trace);
    const Event *listener = accept ? registration(trace, accept->listener) : NULL;
    if (!listener || (listener->flags & EVF_TRANSIENT))
        return (Mistake){NULL, NULL}; /* it may do without a queue */
    const Event *watch = registration(trace, accept->object);
    if (!watch)
        return (Mistake){accept, "the connection was accepted and never added to the queue"};
    if ((uint32_t)watch->token == (uint32_t)listener->token)
        return (Mistake){watch, "the connection has the listener's token: its events are taken "
                                "for the listener's"};
    return (Mistake){NULL, NULL};
}

static const Event *otherwise(const Trace *trace)
{
    unsigned conn = trace_connection(trace, 1);
    const Event *watch, *first = registration(trace, conn);
    for (size_t from = 0; first && (watch = trace_next(trace, &from, EV_WATCH, conn));)
        if (watch->result >= 0 && watch->flags & EVF_READABLE)
            first = NULL;
    return first && !(first->flags & EVF_TRANSIENT) ? first : NULL;
}

const Event *registered_otherwise(const Observation *run)
{
    return run->trace ? otherwise(run->trace) : NULL;
}

static Mistake not_for_reading(const Trace *trace)
{
    const Event *watch = otherwise(trace);
    if (!watch || watch->via != VIA_EPOLL)
        return (Mistake){NULL, NULL};
    return (Mistake){watch, "the connection is registered, but not for reading: .events lacks "
                            "EPOLLIN"};
}

/* Has it tried once more than there were clients? */
static bool accepts_all(const Trace *trace)
{
    const Event *accept;
    for (size_t from = 0; (accept = trace_next(trace, &from, EV_ACCEPT, 0));)
        if (event_would_block(accept))
            return true;
    return false;
}

static Mistake accepts_one(const Trace *trace)
{
    const Event *accept = first_accept(trace);
    const Event *listener = accept ? registration(trace, accept->listener) : NULL;
    if (!listener || !(listener->flags & EVF_EDGE) || accepts_all(trace))
        return (Mistake){NULL, NULL};
    return (Mistake){accept, "the listener is edge-triggered: who accepts one a time, and not "
                             "until EAGAIN, is not told of the next"};
}

/* It got as much as it had room for. */
static bool filled(const Event *read)
{
    return read->result > 0 && bytes_asked_for(read) == read->result;
}

static bool is_edge(const Trace *trace, unsigned conn)
{
    const Event *watch;
    bool edge = false;
    for (size_t from = 0; (watch = trace_next(trace, &from, EV_WATCH, conn));)
        if (watch->result >= 0 && (watch->flags & (EVF_ADD | EVF_MODIFY)))
            edge = watch->flags & EVF_EDGE;
    return edge;
}

static Mistake leaves_rest(const Trace *trace)
{
    unsigned conn;
    for (int n = 1; trace_elided(trace) == 0 && (conn = trace_connection(trace, n)); n++) {
        const Event *read, *last = NULL;
        for (size_t from = 0; (read = trace_next(trace, &from, EV_READ, conn));)
            last = read;
        if (last && filled(last) && is_edge(trace, conn))
            return (Mistake){last,
                             "the connection is edge-triggered, and the last read of it got "
                             "all that it had room for: of what it left nobody is told again"};
    }
    return (Mistake){NULL, NULL};
}

/* --- accepting, and whom the events are for --- */

enum { ASKED_IN_VAIN = 100 };

/* accept() again and again, though it said that nobody waits. */
static Mistake accepts_for_ever(const Trace *trace)
{
    int row = 0;
    for (size_t i = 0; i < trace_gap(trace); i++) {
        const Event *event = trace_at(trace, i);
        row = event->kind == EV_ACCEPT && event_would_block(event) ? row + 1 : 0;
        if (row == ASKED_IN_VAIN)
            return (Mistake){event, "accept() is called again and again, though it says EAGAIN: "
                                    "nobody waits, and whoever is connected is not served"};
    }
    return (Mistake){NULL, NULL};
}

bool stops_accepting(const Event *event, const Event *accept)
{
    return event->kind == EV_WATCH && (event->flags & EVF_REMOVE) && event->result >= 0 && accept &&
           event->object == accept->listener && event_would_block(accept);
}

/* The listener is taken out of the queue when nobody was waiting, as if something were short. */
static Mistake pauses_for_nothing(const Trace *trace)
{
    const Event *accept = NULL;
    for (size_t i = 0; i < trace_gap(trace); i++) {
        const Event *event = trace_at(trace, i);
        if (event->kind == EV_ACCEPT)
            accept = event;
        else if (stops_accepting(event, accept))
            return (Mistake){event, "it stops accepting when accept() says EAGAIN: that is no want "
                                    "of descriptors, only that nobody waits"};
        else if (event->kind == EV_WAIT)
            accept = NULL;
    }
    return (Mistake){NULL, NULL};
}

/* Where the trace has a gap, it may be read there; not by who spins all the way to it. */
enum { TOLD_OFTEN = 3, TOLD_AND_SPINS = 200 };

static bool told_often(const Trace *trace, unsigned conn)
{
    int told = 0, often = trace_elided(trace) > 0 ? TOLD_AND_SPINS : TOLD_OFTEN;
    const Event *wake;
    for (size_t from = 0; told < often && (wake = trace_next(trace, &from, EV_WAKE, conn));)
        told += (wake->flags & EVF_READABLE) != 0;
    return told == often;
}

static Mistake never_reads(const Trace *trace)
{
    unsigned conn;
    for (int n = 1; (conn = trace_connection(trace, n)); n++) {
        size_t from = 0;
        const Event *watch = registration(trace, conn);
        if (watch && !trace_next(trace, &from, EV_READ, conn) && told_often(trace, conn))
            return (Mistake){watch, "the wait reports that connection again and again, and it is "
                                    "never read: is that still to do, or is it looked for under "
                                    "another token than it is registered with?"};
    }
    return (Mistake){NULL, NULL};
}

/* --- how much is written --- */

/* The first write to it of more than the read before it brought, when nothing else was owed. Who
 * peeks writes before he reads. */
static const Event *writes_beyond(const Trace *trace, unsigned conn)
{
    int64_t owed = 0, fresh = -1; /* fresh: what a read has just brought; -1: not just now */
    for (size_t i = 0; i < trace_gap(trace); i++) {
        const Event *event = trace_at(trace, i);
        bool read = event->kind == EV_READ;
        if (event->object != conn || (!read && event->kind != EV_WRITE) || event->result <= 0)
            continue;
        if (event->flags & EVF_PEEK)
            return NULL;
        bool plain = event->call && strcmp(event->call, "write") == 0;
        if (!read && plain && fresh > 0 && bytes_asked_for(event) > fresh)
            return event;
        fresh = read && owed == 0 ? event->result : -1;
        owed += read ? event->result : -event->result;
    }
    return NULL;
}

static Mistake writes_more(const Trace *trace)
{
    unsigned conn;
    for (int n = 1; (conn = trace_connection(trace, n)); n++) {
        const Event *write = writes_beyond(trace, conn);
        if (write)
            return (Mistake){
                write,
                "it writes more than it has just read: is it the number that read() returned?"};
    }
    return (Mistake){NULL, NULL};
}

typedef Mistake Look(const Trace *trace);

static Mistake first_found(const Observation *run, Look *const *looks, size_t n)
{
    Mistake found = {NULL, NULL};
    for (size_t i = 0; run->trace && !found.event && i < n; i++)
        found = looks[i](run->trace);
    return found;
}

Mistake first_mistake(const Observation *run)
{
    static Look *const looks[] = {failed_call,      unregistered, not_for_reading,
                                  accepts_for_ever, accepts_one,  pauses_for_nothing,
                                  never_reads,      leaves_rest,  writes_more};
    return first_found(run, looks, sizeof looks / sizeof *looks);
}

Mistake mistake_with_data(const Observation *run)
{
    static Look *const looks[] = {failed_transfer, leaves_rest};
    return first_data(run) ? first_found(run, looks, sizeof looks / sizeof *looks)
                           : first_mistake(run);
}
