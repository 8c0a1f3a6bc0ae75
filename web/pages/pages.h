/*
 * The contract between the server and its pages. The server asks the database
 * (web/query*.c), fills one of the shapes below and calls the function of that
 * page, which appends a whole HTML document to `out`. A page reads its shape and
 * nothing else: no database, no clock, no request. All pointers are valid during the
 * call only; strings are never NULL unless it is said, lists may be empty.
 *
 * Every string may come from a student: it is valid UTF-8 without control
 * characters (base/text.h), and it is NOT escaped for HTML. Escaping is the page's
 * work, everywhere.
 *
 * Policy (Content-Security-Policy `default-src 'self'`): no inline script, no inline
 * style, no `style=` attribute; SVG inline is fine (with presentation attributes).
 * Static files lie in web/static/, are built into the program and served as
 * /static/NAME?v=HASH; static_url() gives the address. Every POST form carries
 * <input type="hidden" name="csrf" value="FRAME->CSRF"> and goes to the address
 * named below.
 *
 * Addresses
 *   GET  /                          by role: the student's own page, or the class
 *   GET  /class?sort=KEY&desc=1&q=TEXT&section=NAME&left=1      staff; left: who has left
 *   GET  /failures?section=NAME                          staff
 *   GET  /student/NAME                                   own, or staff
 *   GET  /submission/ID                                  own, or staff
 *   GET  /submission/ID/trace/EXERCISE/SCENARIO          the raw trace, a download
 *   GET  /submission/ID/report.json                      the contract's report, a download
 *   GET  /exercise/ID                                    everyone; checks for staff only
 *   GET  /scenario/EXERCISE/NAME                         everyone
 *   GET  /activity                                       staff
 *   GET  /account                                        own: the push address, a new token
 *   GET  /signin, /claim/SECRET
 *   GET  /events                    server-sent events, below
 *   POST /signin    name, token
 *   POST /signin/link  name: a link by mail, where the server sends mail
 *   GET  /sso       where a proxy vouches for who comes
 *   POST /claim     secret, csrf (of who is signed in already; "" else)
 *   POST /signout   csrf
 *   POST /account/token             csrf; makes a new token, the old one ends
 *   POST /student/NAME/link  csrf   staff: a link that signs this student in, once
 *   POST /view-as   csrf, name      staff: see what this student sees; name "" ends it
 *   POST /activity/pause            csrf, paused=0|1          instructor
 *   POST /activity/banner           csrf, text ("" takes it away)   instructor
 *   POST /activity/retry            csrf, job                 staff: an errored job again;
 *                                   "all": each of students whom the viewer sees
 *   POST /activity/link             csrf, repository, name    staff: whose a repository is
 *
 * Events (text/event-stream; data is one JSON object a line; only what the viewer
 * may see is sent)
 *   event: queue     {"student":"ada","job":17,"state":"queued|running|done|superseded|error",
 *                     "place":3,"attempt":1}
 *   event: exercise  {"student":"ada","job":17,"exercise":"ex1_nonblocking","score":18,"max_score":20}
 *   event: verdict   {"student":"ada","job":17,"submission":42,"score":87,"max_score":100}
 *   event: notice    {"paused":false,"banner":"..."}
 *   a comment line every 15 s. A page that lives takes an event as "something changed",
 *   fetches its own address anew and swaps its <main>.
 */
#ifndef WEB_PAGES_PAGES_H
#define WEB_PAGES_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "result.h"

/* `weaker`, wherever it stands: the machine that ran the student's code also reported the result
 * (the grading workflow in one job), so it is to be marked. */

enum { PAGES_HTML_MOST = 32 << 20, PAGES_EXERCISES_MOST = 16 };

typedef enum Role { ROLE_NONE, ROLE_STUDENT, ROLE_TA, ROLE_INSTRUCTOR } Role;

/* Times are Unix seconds; 0: never. Points are in halves (result.h): 20 points are 40. */

typedef enum JobState {
    JOB_NONE,       /* no push yet */
    JOB_PENDING,    /* the ref is being moved */
    JOB_QUEUED,     /* waits for a worker */
    JOB_RUNNING,    /* is being graded */
    JOB_DONE,       /* graded: `submission` */
    JOB_SUPERSEDED, /* a newer push of the same student took its place before it began */
    JOB_ABORTED,    /* the push itself did not come through */
    JOB_ERROR       /* our failure, after the last try: staff see it */
} JobState;
const char *job_state_name(JobState state); /* "queued", ... */

/* The address of a static file with its version; "" if there is none of this name. */
const char *static_url(const char *name);

/* Around every page. */
typedef struct Frame {
    const char *course;   /* its title */
    const char *base_url; /* "http://127.0.0.1:8080", no slash at the end */
    Role role;            /* ROLE_NONE: nobody is signed in */
    const char *viewer;   /* name of who is signed in; "" */
    const char *view_as;  /* staff looking as this student; "" */
    const char *csrf;     /* "" while nobody is signed in */
    const char *banner;   /* the instructor's word to all; "" */
    const char *trouble;  /* to staff: failures of ours that need a look; NULL or "" */
    bool paused;          /* grading is paused; pushes are still taken */
    int64_t now_s;
} Frame;

typedef struct ExerciseName {
    const char *id, *title; /* "ex1_nonblocking", "Raw non-blocking socket" */
    int max_halves;
    int64_t due_s; /* for everybody, or on a student's page for them; 0: never */
} ExerciseName;

typedef struct JobLine {
    int64_t id;
    const char *student, *commit; /* 40 hex digits; both "": of whom the viewer may not see */
    const char *message;          /* the commit's first line */
    JobState state;
    int place; /* 1: the next; 0: not in the queue */
    int attempt, attempts_most;
    int64_t pushed_s, started_s, ended_s;
    int64_t submission; /* 0: none */
    const char *error;  /* our failure; "" (only for staff) */
} JobLine;

/* --- the class: students x exercises --- */

typedef enum Came { CAME_GRADED, CAME_BUILD_FAILED, CAME_STUB, CAME_MISSING } Came;

typedef struct ClassCell {
    bool tried;
    int halves, max_halves; /* the best */
    int latest_halves;
    Came latest;     /* what came of it: graded, did not build, a stub as given out, no folder */
    int attempts;    /* without stubs; of one student's cells only */
    int64_t best_id; /* submission */
    bool weaker;     /* the best */
    bool late;       /* the best was handed in after it was due; of the class's cells only */
    bool by_due;     /* of one student's cells only: it is due some day ... */
    int due_halves;  /* ... and by then this was the best */
} ClassCell;

typedef struct ClassRow {
    const char *name, *shown, *section; /* the account; the person's name; "" */
    const ClassCell *cells;             /* one for each exercise of the page */
    int halves, max_halves;             /* sum of the bests */
    int64_t pushed_s;                   /* last push */
    JobState state;                     /* of the last push */
    int place;
    int64_t latest_id; /* the newest submission; 0 */
} ClassRow;

typedef struct ClassPage {
    const ExerciseName *exercises;
    int n_exercises;
    const ClassRow *rows; /* sorted and filtered already */
    int n_rows, n_all;    /* n_all: without the search */
    const char *const *sections;
    int n_sections;
    const char *sort, *search,
        *section; /* as asked; sort: name, section, total, pushed, state or an exercise's id */
    bool descending;
    bool any_due; /* something is due, for everybody or for somebody */
    bool left;    /* these have left the course */
    int n_left;   /* how many have */
} ClassPage;

/* --- what the class is stuck on --- */

typedef struct FailureRow {
    const char *exercise, *check, *title;
    int stuck;        /* students whose latest submission fails it */
    int tried;        /* students who handed the exercise in */
    int64_t since_s;  /* when the one who is stuck longest first failed it, without a pass since */
    int64_t median_s; /* for how long, in the median, in seconds */
    const char *message;      /* what most of them were told, one line ... */
    int told;                 /* ... and how many */
    const char *const *names; /* some of them, at most 12: accounts ... */
    const char *const *shown; /* ... and what they are called ... */
    const int64_t *latest;    /* ... and their newest submission; 0: none */
    int n_names;
} FailureRow;

typedef struct FailuresPage {
    const FailureRow *rows; /* the most stuck first */
    int n_rows;
    const char *const *sections;
    int n_sections;
    const char *section;
} FailuresPage;

/* --- one student --- */

/* Checks of a submission against those of the one before it: "ex2_event_loop/asleep". */
typedef struct Changes {
    const char *const *gained; /* pass now, did not before */
    int n_gained;
    const char *const *lost; /* the other way round */
    int n_lost;
} Changes;

typedef struct HistoryRow {
    int64_t id, at_s;
    int halves, max_halves;
    const int *cells;             /* halves for each exercise of the page, -1: not in it */
    const char *commit, *message; /* "" if it was not pushed */
    bool weaker;
    bool again; /* the same push as an older one: graded again */
    Changes changes;
} HistoryRow;

/* Of an exercise whose best is not full: a check that did not pass when it was handed in last, or,
 * with `check` "", how to begin with it. */
typedef struct StillRow {
    const char *exercise, *check, *title;
    int64_t submission; /* that one; 0: none */
} StillRow;

typedef struct StudentPage {
    const char *name, *shown, *section;
    int64_t left_s;       /* has left the course then; 0: is in it */
    const char *push_url; /* "http://127.0.0.1:8080/git/ada.git" */
    const ExerciseName *exercises;
    int n_exercises;
    const ClassCell *cells; /* best and latest for each exercise */
    int halves, max_halves;
    const StillRow *still; /* in the exercises' order */
    int n_still;
    const HistoryRow *history; /* the newest first, at most 200 */
    int n_history, n_all;      /* n_all: how many there are */
    const JobLine *jobs;       /* queued, running, errored; the newest first, at most 20 */
    int n_jobs;
    int pushes_this_hour, pushes_an_hour; /* the limit that is shown */
    const char *signin_link;              /* made by staff a moment ago: a whole address; "" */
} StudentPage;

/* --- one submission --- */

typedef struct SourceFile {
    const char *exercise, *name; /* "ex1_nonblocking", "nonblocking.c" */
    const char *text;            /* clean; cut at 256 KiB */
    size_t len;
    bool cut;
    bool left_out; /* there is no room for it: `text` is "" */
    /* Lines that evidence cites, each once, ascending. */
    const int *cited;
    int n_cited;
} SourceFile;

typedef struct TraceFile {
    const char *exercise, *scenario;
    int64_t bytes;
} TraceFile;

/* What the report told to do next in an exercise (result_next.h). */
typedef struct Begin {
    bool stub;              /* it is as it was given out */
    const CheckResult *key; /* the failing check to begin with; NULL: none fails */
} Begin;

typedef struct SubmissionPage {
    int64_t id, at_s;
    const char *student, *shown;
    const char *commit, *message; /* "" if it was not pushed */
    const char *repository;       /* it came as a report from there: "org/lesson8-ada"; "" */
    const char *run_url;          /* of that run; "" */
    bool weaker;
    const char *grader; /* its version */
    int64_t wall_us;
    int halves, max_halves, observable_max_halves;
    const ExerciseResult *exercises; /* checks, cpu, compiler, error; timeline if n_lanes > 0 */
    int n_exercises;
    const Begin *begin;        /* one for each exercise */
    const int64_t *due_s;      /* so is this, for this student; 0: never */
    const SourceFile *sources; /* of an exercise those that are cited first */
    int n_sources;
    bool more_sources; /* there are more files than are shown */
    const TraceFile *traces;
    int n_traces;
    int64_t previous, next; /* the same student's; 0: none */
    int64_t latest;
    Changes changes; /* since the previous one; none if there is none */
} SubmissionPage;

/* --- one exercise, anonymous for students --- */

enum { DISTRIBUTION_LEAST = 5 };

typedef struct ExercisePage {
    ExerciseName exercise;
    const ExerciseName *exercises; /* all, for the links between them */
    int n_exercises;
    int students; /* who handed it in */
    bool hidden;  /* fewer than DISTRIBUTION_LEAST: no figures are given */
    const int
        *histogram;  /* how many students in each tenth of the points; full score in the last */
    int n_histogram; /* 11, or 0 if hidden */
    const int
        *to_full; /* [k]: students who needed k + 1 attempts to full score; the last is "or more" */
    int n_to_full;           /* 10, or 0 if hidden */
    const FailureRow *stuck; /* its checks that somebody is stuck on; for staff, else none */
    int n_stuck;
    int own_halves; /* the viewer's (or view-as) own best, -1: none */
    int own_attempts;
} ExercisePage;

/* --- what the scripted clients of a scenario do --- */

typedef struct ScenarioPage {
    ExerciseName exercise;
    const char *name;   /* "two-clients" */
    const char *script; /* of this server's grader; an older submission may have met another */
} ScenarioPage;

/* --- queue, workers, errors of ours --- */

typedef struct WorkerLine {
    int number;
    int64_t job;         /* 0: idle */
    const char *student; /* as JobLine's */
    int64_t since_s;
} WorkerLine;

/* A repository on GitHub whose reports wait (whose.h). */
typedef struct RepoLine {
    const char *name, *number, *actor; /* actor: who pushed last */
    const char *expected;              /* the student it is named after; "" */
    int reports;
    int64_t since_s; /* the last one */
} RepoLine;

typedef struct ActivityPage {
    const JobLine *queue; /* running first, then by place */
    int n_queue;
    int queued;            /* all of them; `queue` shows at most 200 */
    const JobLine *errors; /* the newest first, at most 50 */
    int n_errors;
    const JobLine *recent; /* ended, the newest first, at most 50 */
    int n_recent;
    const RepoLine *repos; /* at most 50 */
    int n_repos;
    const WorkerLine *workers;
    int n_workers;
    int graded_last_hour, pushes_an_hour;
    int64_t median_wait_s, median_run_ms; /* of the last hour; -1: none */
    int live;                             /* viewers with /events open */
    bool of_sections;                     /* the viewer sees some sections only */
} ActivityPage;

/* --- signing in, the account --- */

typedef struct SigninPage {
    const char *error; /* "" at first */
    const char *name;  /* as typed */
    const char *next;  /* the page to go to then; "": the first */
    bool sso, mail;    /* other ways in: /sso, POST /signin/link */
} SigninPage;

typedef struct ClaimPage {
    const char *secret; /* goes into the POST; "" if the link is not good */
    const char *name, *shown;
    const char *error; /* why it is not good; "" */
} ClaimPage;

typedef struct AccountPage {
    const char *name, *shown, *push_url;
    const char *token;  /* a new one, shown this once; "" */
    int64_t token_s;    /* when the current one was made; 0: none */
    bool has_repo;      /* something was pushed */
    bool seen_by_staff; /* as this student: nothing is to be done here */
} AccountPage;

/* Anything else that has to be said: not found, not allowed, too many tries, our failure. */
typedef struct MessagePage {
    int status; /* of HTTP */
    const char *title, *text;
} MessagePage;

void pages_class(Buf *out, const Frame *frame, const ClassPage *page);
void pages_failures(Buf *out, const Frame *frame, const FailuresPage *page);
void pages_student(Buf *out, const Frame *frame, const StudentPage *page);
void pages_submission(Buf *out, const Frame *frame, const SubmissionPage *page);
void pages_exercise(Buf *out, const Frame *frame, const ExercisePage *page);
void pages_scenario(Buf *out, const Frame *frame, const ScenarioPage *page);
void pages_activity(Buf *out, const Frame *frame, const ActivityPage *page);
void pages_signin(Buf *out, const Frame *frame, const SigninPage *page);
void pages_claim(Buf *out, const Frame *frame, const ClaimPage *page);
void pages_account(Buf *out, const Frame *frame, const AccountPage *page);
void pages_message(Buf *out, const Frame *frame, const MessagePage *page);

#endif
