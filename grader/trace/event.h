/*
 * One neutral event: what a program asked of its kernel, whatever the kernel
 * and the tracer. Kinds are intentions; the name of the call that carried it
 * out is kept for people (`call`) and decides nothing.
 *
 * Backends (strace.c, dtruss.c) are pure functions from text to events. One
 * call may become several: poll(2) on three descriptors is three WATCHes
 * (TRANSIENT), one WAIT, and a WAKE for each descriptor that was ready. A WAKE
 * begins and ends when its WAIT returns. A call that fails is an event too
 * (`error`): look at `result` before believing it.
 *
 * Source: socket(7), epoll(7), poll(2), signal(7), strace(1); kqueue(2) of the BSDs.
 */
#ifndef GRADER_TRACE_EVENT_H
#define GRADER_TRACE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum EventKind {
    EV_SOCKET,   /* a socket was made */
    EV_LISTEN,   /* listen(2) */
    EV_ACCEPT,   /* `fd`/`object`: the new connection; `listener`: where it came from */
    EV_NONBLOCK, /* O_NONBLOCK set (SET in flags) or cleared: accept4, fcntl, ioctl, socket */
    EV_READ,     /* any call that takes bytes from `object` (read, recv*, readv, splice, ...) */
    EV_WRITE,    /* any call that gives bytes to `object` */
    EV_QUEUE,    /* a kernel event queue was made (epoll_create, kqueue) */
    EV_WATCH,    /* interest in `object` registered, changed or removed with queue `queue` */
    EV_WAIT,     /* a call that sleeps until something watched is ready */
    EV_WAKE,     /* one thing that a WAIT returned as ready */
    EV_SLEEP, /* a call that only passes time (nanosleep, poll on nothing, futex timeout, pause) */
    EV_SHUTDOWN, /* shutdown(2): READABLE, WRITABLE in flags: which halves */
    EV_CLOSE,    /* the descriptor was closed; `last` if no duplicate is left */
    EV_DUP,      /* `fd` is another name of `object` */
    EV_SPAWN,    /* a thread (THREAD in flags) or process was started; `result`: its id */
    EV_MARK,     /* mark(): `data` is the text. Writes to descriptor -1 and nothing else */
    EV_SIGNAL,   /* a signal was delivered (`signal`) */
    EV_EXIT,     /* the process ended: `result` is the status, or -1 and `signal` */
    EV_KINDS
} EventKind;

/* How a queue or a wait works. What no kernel object stands for is TRANSIENT. */
typedef enum Via { VIA_NONE, VIA_EPOLL, VIA_KQUEUE, VIA_POLL, VIA_SELECT } Via;

enum {
    EVF_READABLE = 1 << 0, /* WATCH: interest; WAKE: state */
    EVF_WRITABLE = 1 << 1,
    EVF_HANGUP = 1 << 2, /* EPOLLHUP, EPOLLRDHUP, EV_EOF */
    EVF_ERROR = 1 << 3,  /* EPOLLERR, EV_ERROR */
    EVF_EDGE = 1 << 4,   /* EPOLLET, EV_CLEAR */
    EVF_ONESHOT = 1 << 5,
    EVF_ADD = 1 << 6,         /* WATCH */
    EVF_MODIFY = 1 << 7,      /* WATCH */
    EVF_REMOVE = 1 << 8,      /* WATCH */
    EVF_TRANSIENT = 1 << 9,   /* WATCH that lasts for one WAIT only (poll, select) */
    EVF_SET = 1 << 10,        /* NONBLOCK: set rather than cleared */
    EVF_DONTWAIT = 1 << 11,   /* READ, WRITE: MSG_DONTWAIT on this call alone */
    EVF_PEEK = 1 << 12,       /* READ: MSG_PEEK, the bytes stay */
    EVF_THREAD = 1 << 13,     /* SPAWN: shares memory; otherwise a process of its own */
    EVF_LAST = 1 << 14,       /* CLOSE: no other descriptor of the object is left */
    EVF_CUT = 1 << 15,        /* `data` is only the beginning of what was transferred */
    EVF_UNFINISHED = 1 << 16, /* the trace ended inside the call: no result */
    /* Interrupted by a signal. A sleep or poll that the kernel goes on with (stop and continue) is
     * one event from its first entry to its last return; otherwise the result is -1 with EINTR,
     * and the kernel calls again (an event of its own) unless a handler forbids it. */
    EVF_RESTARTED = 1 << 17,
    EVF_CLOEXEC = 1 << 18,
    EVF_WITNESS = 1 << 19, /* trace_witness.c's own */
    EVF_UNTIL = 1 << 20,   /* SLEEP: until an instant; the timeout is what was left at the call */

    /* WAKE: what a read can do something about. */
    EVF_FOR_READING = EVF_READABLE | EVF_HANGUP | EVF_ERROR
};

/* All that is known is how long it lasted: the trace ended inside the call (UNFINISHED) before the
 * tracer printed the timeout, or the end was given as an instant of a clock that the trace does not
 * show. */
enum { TIMEOUT_UNKNOWN = -2 };

/* A line of the submission's own source. `file` is owned by the Trace. */
typedef struct SourceLine {
    const char *file; /* relative to the exercise's folder; NULL: not known */
    int line;
} SourceLine;

typedef struct Event {
    uint64_t number; /* how many the trace ever had before it; the trace sets it */
    EventKind kind;
    Via via;        /* QUEUE, WATCH, WAIT, WAKE */
    unsigned flags; /* EVF_ */
    int thread;     /* the tracer's id of the thread */
    int process;    /* the tracer's id of its process */
    int fd;         /* -1: none */
    unsigned
        object;     /* what fd stood for at that time: an index into the Trace's objects; 0: none */
    unsigned queue; /* WATCH, WAIT, WAKE: object number of the queue; 0: none */
    unsigned listener;  /* ACCEPT: object number of the listener */
    int64_t start_ns;   /* CLOCK_REALTIME, when the call was entered */
    int64_t end_ns;     /* when it returned; the trace's end if UNFINISHED */
    int64_t result;     /* what it returned (recvmmsg, sendmmsg: bytes); -1 with `error` */
    int error;          /* errno, 0 if it succeeded */
    int signal;         /* SIGNAL, EXIT */
    uint64_t token;     /* WATCH, WAKE: epoll_event.data / kevent.udata */
    int64_t timeout_ns; /* WAIT, SLEEP: what was asked for; -1: without end; TIMEOUT_UNKNOWN */
    const char *call;   /* name of the system call; owned by the Trace or static */
    char *data; /* READ, WRITE: the bytes as far as traced, NULL: none; MARK: the text, never NULL.
                   There is a NUL behind it that data_len does not count */
    size_t data_len;
    char *raw;         /* the tracer's line, cleaned and cut: evidence for people */
    SourceLine at;     /* the innermost line of the submission on the call's stack, if traced */
    SourceLine *stack; /* all lines of the submission on the stack, innermost first; may be NULL */
    int stack_len;
} Event;

#endif
