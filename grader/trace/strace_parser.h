/*
 * The inside of the strace parser. A line is taken apart (strace_line.c), the
 * lines that do not concern the program are dropped and the rest told from
 * which thread it comes and joined (strace.c), and a table says what each call
 * means (strace_calls.c and the strace_on_*.c files).
 *
 * A call has two moments. `begin` sees its arguments as far as they were
 * printed when it was entered and adds the events of calls that can sleep,
 * UNFINISHED, so that a Trace stays in order; `finish` sees all of it and
 * completes those, or adds what there is to add. Calls that return at once
 * have no `begin`.
 */
#ifndef GRADER_TRACE_STRACE_PARSER_H
#define GRADER_TRACE_STRACE_PARSER_H

#include "base/buf.h"
#include "trace/strace.h"
#include "trace/strace_fields.h"

enum {
    CALL_ARGS = 8,
    STRACE_THREADS = 512, /* at once; those beyond are odd lines */
    FRAME_CACHE = 256
};

/* --- one line (strace_line.c) --- */

typedef enum LineShape {
    LINE_ODD,
    LINE_CALL,       /* name, text */
    LINE_UNFINISHED, /* name, text without the remark */
    LINE_RESUMED,    /* name, text behind the remark */
    LINE_SIGNAL,     /* text: "SIGTERM {...}" */
    LINE_STOPPED,
    LINE_EXITED, /* text: "exited with 0" and the like */
    LINE_FRAME   /* text: "/prog(main+0x5c) [0x12a9]" */
} LineShape;

typedef struct Line {
    LineShape shape;
    int thread;
    int64_t time_ns;
    int64_t lasted_ns; /* -1: not said */
    Slice name, text;
    Slice whole; /* behind the time */
} Line;

Line line_read(Slice text);

typedef struct Outcome {
    bool returned;  /* there is a result; otherwise the process was ended inside the call */
    bool restarted; /* the kernel was about to restart it */
    int64_t result;
    int error;
    Slice more; /* behind the number: decoration, remark, "([{fd=3, revents=POLLIN}])" */
} Outcome;

/* `text`: what is behind the arguments, ") " cut off: "= -1 EAGAIN (...)". */
bool outcome_read(Slice text, Outcome *outcome);

/* --- calls --- */

typedef struct Call Call;
typedef struct CallSpec CallSpec;

struct CallSpec {
    const char *name;
    void (*begin)(Call *call, const CallSpec *spec);
    void (*finish)(Call *call, const CallSpec *spec);
    EventKind kind;
    int arg;        /* the index that matters to this call: flags, timeout */
    unsigned flags; /* meaning is the handler's */
};

const CallSpec *call_spec(Slice name); /* NULL: not known */

/* A call that is under way, kept between its lines. */
typedef struct Pending {
    const CallSpec *spec; /* NULL: none */
    int64_t start_ns;
    uint64_t first; /* number of its first event */
    int n_events;
    char *text; /* as far as it was printed */
    size_t len;
} Pending;

typedef struct Thread {
    int id, process;
    Pending pending;
    int adopted;     /* the child that spoke before the clone(2) under way returned; 0 */
    Pending stopped; /* returned with ERESTART_RESTARTBLOCK: restart_syscall(2) may go on with it */
} Thread;

/* What a clone(2) that returned has made, until a line of it shows the tracer's number. A process
 * has its copy of the descriptors from the beginning, under a number that no process has. */
typedef struct Unclaimed {
    int number;     /* in the program's PID namespace */
    bool thread;    /* of `process`; else `process` is the number that its descriptors have */
    int process;    /* as long as it is not claimed */
    uint64_t event; /* EV_SPAWN, whose result it is */
} Unclaimed;

typedef struct Frames {
    StraceResolve resolve;
    void *context;
    uint64_t first[2], end[2]; /* numbers of the events that the frames to come belong to */
    SourceLine lines[STRACE_STACK];
    int n_lines;
    struct CachedFrame *cache; /* FRAME_CACHE, NULL until needed */
} Frames;

struct StraceParser {
    Trace *trace;
    char *program;
    int process; /* 0: not begun */
    uint64_t odd;
    int64_t now_ns;    /* of the latest line */
    int64_t uptime_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC as far as it was learnt; -1 */

    Thread *threads;
    int n_threads;
    int *others; /* threads that belong to the sandbox */
    int n_others, others_cap;
    StraceOriginOf origin_of; /* NULL: not asked */
    Unclaimed *unclaimed;     /* the oldest first */
    int n_unclaimed, unclaimed_cap;
    int next_nobody; /* numbers that no process has: -2 and below */
    int exec_thread; /* began an execve of the program, not yet returned; 0 */

    char *line; /* an incomplete one */
    size_t line_len;
    Buf data; /* scratch */
    Frames frames;
};

struct Call {
    StraceParser *parser;
    Trace *trace;
    Thread *thread;
    int64_t start_ns, end_ns;
    Slice args[CALL_ARGS]; /* missing ones are empty */
    int n_args;
    Outcome outcome; /* in `finish` */
    uint64_t first;  /* events added by `begin` */
    int n_events;
    Slice text; /* all of it, for people */
};

/* An event of this call with thread, process, times, call and object of `fd` filled in. */
Event call_event(const Call *call, const CallSpec *spec, EventKind kind, int fd);
/* Adds it UNFINISHED; call_begun() gets it back. */
void call_begin(Call *call, const Event *event);
Event *call_begun(const Call *call, int i); /* NULL: dropped meanwhile, or never added */
/* Puts result, error, times and the raw line into an event of this call. trace_settle() it once its
 * data are there, too. */
void call_fill(Call *call, Event *event);
/* Both. */
void call_complete(Call *call, Event *event);
/* Adds an event with the call's result. */
void call_add(Call *call, Event event);

/* What the descriptor in argument `i` stands for; one that was never seen to
 * be opened becomes an object now. *fd (may be NULL) gets the number. */
unsigned call_object(Call *call, int i, int *fd);
bool call_failed(const Call *call);

/* --- handlers, by file --- */

void begin_move(Call *call, const CallSpec *spec); /* strace_on_moves.c */
void finish_move(Call *call, const CallSpec *spec);
void begin_transfer(Call *call, const CallSpec *spec);
void finish_transfer(Call *call, const CallSpec *spec);

void finish_socket(Call *call, const CallSpec *spec); /* strace_on_names.c */
void finish_pair(Call *call, const CallSpec *spec);
void finish_open(Call *call, const CallSpec *spec);
void finish_signalfd(Call *call, const CallSpec *spec);
void finish_queue(Call *call, const CallSpec *spec);
void finish_listen(Call *call, const CallSpec *spec);
void begin_accept(Call *call, const CallSpec *spec);
void finish_accept(Call *call, const CallSpec *spec);
void finish_shutdown(Call *call, const CallSpec *spec);
void begin_close(Call *call, const CallSpec *spec);
void finish_close(Call *call, const CallSpec *spec);
void finish_close_range(Call *call, const CallSpec *spec);
void finish_dup(Call *call, const CallSpec *spec);
void finish_fcntl(Call *call, const CallSpec *spec);
void finish_ioctl(Call *call, const CallSpec *spec);

void finish_epoll_ctl(Call *call, const CallSpec *spec); /* strace_on_waits.c */
void begin_epoll_wait(Call *call, const CallSpec *spec);
void finish_epoll_wait(Call *call, const CallSpec *spec);
void begin_poll(Call *call, const CallSpec *spec);
void finish_poll(Call *call, const CallSpec *spec);
void begin_select(Call *call, const CallSpec *spec);
void finish_select(Call *call, const CallSpec *spec);

void begin_sleep(Call *call, const CallSpec *spec); /* strace_on_sleeps.c */
void finish_sleep(Call *call, const CallSpec *spec);
void begin_futex(Call *call, const CallSpec *spec);

void begin_spawn(Call *call, const CallSpec *spec); /* strace_threads.c */
void finish_spawn(Call *call, const CallSpec *spec);
void finish_exec(Call *call, const CallSpec *spec);

/* --- lines that belong to calls of the program (strace_join.c) --- */

void on_call(StraceParser *parser, Thread *thread, const Line *line);
void on_resumed(StraceParser *parser, Thread *thread, const Line *line);

/* --- threads (strace_threads.c) --- */

/* A thread of the program; one that is new is told from the clone(2) that is
 * under way. NULL: one of the sandbox's, or too many. */
Thread *thread_get(StraceParser *parser, int id);
Thread *thread_find(StraceParser *parser, int id);
Thread *thread_add(StraceParser *parser, int id, int process);
void thread_exited(StraceParser *parser, const Line *line);
void thread_ignore(StraceParser *parser, int id); /* before the program began */
void pending_release(Pending *pending);
/* The trace ends while these are under way. */
void threads_end(StraceParser *parser);

/* --- stacks (strace_frames.c) --- */

void frames_expect(Frames *frames, const Call *call, uint64_t from, uint64_t to);
void frames_read(StraceParser *parser, Slice text);
void frames_flush(StraceParser *parser); /* the stack is at its end: into the events with it */

#endif
