/*
 * The result of a grading: plain data between the grader, its reports and the
 * store. The shapes are those of the contract's JSON report (schema 1).
 * Points are held in halves: 20 points are 40. All strings are owned by the
 * Result, clean (see base/text.h), and never NULL unless it is said (readers take a NULL
 * as "" all the same).
 */
#ifndef GRADER_RESULT_H
#define GRADER_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CheckStatus { CHECK_PASS, CHECK_FAIL, CHECK_SKIP, CHECK_ERROR } CheckStatus;
typedef enum SkipReason { SKIP_NONE, SKIP_PREREQUISITE, SKIP_UNOBSERVABLE } SkipReason;
typedef enum ExerciseStatus { EX_GRADED, EX_MISSING, EX_BUILD_FAILED, EX_ERROR } ExerciseStatus;

enum { EVIDENCE_MOST = 4 };

/* In an evidence's text, behind the call: the one or two nearest callers. */
#define EVIDENCE_CALLER ", called from "

typedef struct Evidence {
    char *file;   /* relative to the exercise's folder; NULL: not known */
    int line;     /* 0: not known */
    char *text;   /* the system call, or the compiler's message */
    char *source; /* that line of the submission; NULL: not known */
} Evidence;

typedef struct CheckResult {
    char *id, *title;
    CheckStatus status;
    SkipReason reason;
    int halves, max_halves;
    char *message;         /* one line; for a fail: what was seen; expected what */
    char *seen, *expected; /* a fail's message in its two parts; "" otherwise */
    char *why;             /* why it matters, one sentence */
    char *cause;           /* SKIP_PREREQUISITE: id of the check that says why; "" otherwise */
    char *scenario;        /* what to replay; "" if none */
    char *arguments;       /* what the program is started with for that: "9000 3"; NULL: "9000" */
    char *said;            /* the last line of stderr in that scenario; NULL: none */
    int failed_runs, runs; /* "2 of 3"; 0 of 0 when it was not repeated */
    Evidence evidence[EVIDENCE_MOST];
    int n_evidence;
    int todo;    /* the stub's step that this check waits for; 0: none. Not in any format */
    bool effect; /* rubric.h; not in any format */
} CheckResult;

/* -1: not known (JSON null). */
typedef struct CpuFigures {
    bool known;
    double idle_cpu_us_per_s, reference_idle_cpu_us_per_s, idle_wakeups_per_s, reaction_us;
} CpuFigures;

/* The run drawn: spans of one lane in the lesson's notation. */
typedef enum SpanKind {
    SPAN_RUN,    /* on the CPU, or between calls */
    SPAN_BLOCK,  /* blocked in a read (the lesson's full block) */
    SPAN_WOULD,  /* a read that would block (circle); an instant */
    SPAN_DATA,   /* a read that got data, or an event (disc); an instant */
    SPAN_ASLEEP, /* asleep in a wait or a sleep call (underscore) */
    SPAN_MARK    /* exercise 4: `label` says poll, wake, ...; an instant */
} SpanKind;

typedef struct Span {
    SpanKind kind;
    int64_t start_us, end_us; /* since the timeline's beginning */
    char *label;              /* NULL: none */
} Span;

/* Whose run a lane is. Programs of ours are there to compare with. */
typedef enum LaneOf { LANE_OWN, LANE_SPINNER, LANE_REFERENCE } LaneOf;

typedef struct Lane {
    LaneOf of;
    char *name; /* "your exercise 1", "kernel", ... */
    Span *spans;
    int n_spans;
    /* -1: not known */
    double cpu_us_per_s, wakeups_per_s, reaction_us;
} Lane;

typedef struct Timeline {
    int64_t length_us;
    int64_t data_us; /* when the peer sent; -1: not known */
    bool chain;      /* lanes come in threes, kernel, reactor, executor: drawn by their order */
    Lane *lanes;
    int n_lanes;
} Timeline;

typedef struct ExerciseResult {
    char *id, *title;
    ExerciseStatus status;
    int halves, max_halves;
    int observable_max_halves; /* max_halves less what this machine can't see */
    CpuFigures cpu;
    CheckResult *checks;
    int n_checks;
    char *first_todo;  /* the file with the stub's next step; NULL: none is left */
    int todo;          /* its number */
    char *compiler;    /* what the compiler said, cut; "" if nothing */
    char *error;       /* EX_ERROR: our failure and what to do; "" otherwise */
    Timeline timeline; /* n_lanes 0: none */
    int64_t build_us, run_us, wall_us;
} ExerciseResult;

typedef struct RawTrace {
    char *exercise, *scenario;
    char *text; /* the tracer's lines, cut */
    size_t len;
} RawTrace;

typedef struct Result {
    int halves, max_halves, observable_max_halves;
    bool practice;     /* --own */
    bool weaker;       /* reported by a machine that ran the submission: see store.h */
    bool broken;       /* some exercise is EX_ERROR: exit status 3 */
    char *submission;  /* name of the folder */
    char *tree_hash;   /* SHA-256 over the names and bytes of what was graded, hex */
    char *version;     /* of the grader */
    char *baseline;    /* grade.h: what it is compared with; "": ran beside, or nothing */
    int64_t started_s; /* Unix time */
    int64_t wall_us;
    ExerciseResult *exercises;
    int n_exercises;
    RawTrace *traces; /* for the store; may be empty */
    int n_traces;
} Result;

void result_init(Result *result);
void result_release(Result *result); /* safe twice */

void timeline_release(Timeline *timeline);     /* safe twice */
void check_result_release(CheckResult *check); /* its strings; safe twice */

/* Sums of the checks into exercises and of these into the result. What this
 * machine can't see, and what broke on our side, is not in observable_max_halves.
 * Sets `broken` if an exercise or a check is an error; never clears it. */
void result_total(Result *result);

const char *check_status_name(CheckStatus status);       /* "pass", ... */
const char *skip_reason_name(SkipReason reason);         /* "prerequisite", ...; NULL for NONE */
const char *exercise_status_name(ExerciseStatus status); /* "graded", ... */

#endif
