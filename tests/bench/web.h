/*
 * What the sections of `build/bench/web` share. The program measures what the README
 * states of the course's server: the two sides of a ratio are taken turn by turn in one
 * run, and the median of the turns is shown with the least and the most. It judges nothing
 * and fails only if something could not be measured.
 *
 * Everything stands in one scratch folder on the disk of $TMPDIR (/tmp), listens on
 * loopback only, and is ended and removed at the end.
 */
#ifndef TESTS_BENCH_WEB_H
#define TESTS_BENCH_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "course.h"

enum { PATH_BYTES = 512, TURNS_MOST = 101, STUDENTS = 1000, SUBMISSIONS = 200000 };

typedef struct Bench {
    const char *build; /* where the programs are */
    char scratch[PATH_BYTES];
    int turns;
} Bench;
extern Bench bench;

/* The sections. */
void page_section(void);
void live_section(void);
void push_section(void);
void burst_section(void);
void ingest_section(void);
void idle_section(void);

/* --- web_measure.c --- */

double now(void);              /* seconds, monotonic */
double cpu_of(pid_t pid);      /* seconds of CPU that it has used, its threads' with them */
double cpu_own(void);          /* of this thread */
long resident_most(pid_t pid); /* KiB, its peak */
double load_now(void);         /* of the last minute */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the median of the values, with the least and the most. Sorts them. */
void show(const char *what, double *values, int n, const char *unit, const char *target);
/* The value below which `share` of them lie. Sorts them. */
double share_of(double *values, int n, double share);

/* --- web_process.c --- */

/* Starts a program; its output goes to `out` (a path below scratch; NULL: nowhere). */
pid_t start(const char *const *argv, const char *out);
/* The same for one that was forked: it will be ended, too. */
pid_t adopt(pid_t pid);
/* Waits for it. Its exit status; -1: a signal. */
int finish(pid_t pid);
/* Both. Gives up unless the exit status is at most `most`. */
void run(const char *const *argv, int most);

const char *program(const char *name); /* "grader/grader" -> its path; one call at a time */
char *scratch_path(const char *format, ...) __attribute__((format(printf, 1, 2))); /* to free */

typedef struct Served {
    pid_t pid;
    int port;
    double start_s; /* from its start until it accepted connections */
} Served;

/* Serves the course in the scratch folder `course`. `grader` NULL: the real one. */
void serve_begin(Served *served, const char *course, const char *grader, int workers);
void serve_end(Served *served);
/* Ends every process that is left; called at the end, however that comes. */
void end_all(void);

/* --- web_class.c --- */

/* A course with the made class (web_class.sql), once a run; its folder. */
const char *made_class(void);
/* An empty course of `n` students; its folder, to free. Each has the password `tokens[i]` if
 * wanted. */
char *new_course(const char *name, int n, char (*tokens)[65]);
/* Opens its database. */
Db *open_course(const char *folder);
/* Signs an instructor in: the cookie's value. */
const char *sign_in(Db *db);
/* A repository whose branch main has the reference's exercises (`which`: a folder's name
 * pattern); its path, to free, and the commit. */
char *new_repository(const char *name, const char *which, char commit[65]);

void copy_repository(const char *source, const char *course, int student);
void set_course(const char *folder, const char *key, const char *value); /* courseweb set */
/* Where that student pushes to; to free. */
char *remote_of(const Served *served, int student, const char *token);

/* --- web_load.c --- */

typedef struct Load {
    int port;
    const char *path, *cookie; /* NULL: none */
    int connections, requests;
    void (*before)(void *context, int request); /* each request; NULL */
    void *context;
} Load;

typedef struct Loaded {
    double wall;  /* seconds for all */
    size_t bytes; /* of one answer's body */
    double *each; /* seconds of each request; to free */
    int n;
} Loaded;

/* Requests on connections that are kept; each sends its next once the answer is whole. */
Loaded load(const Load *load);
/* One answer's body, NUL-terminated; to free. */
char *get(int port, const char *path, const char *cookie, size_t *len);
int connect_to(int port);

/* --- web_rivals.c --- */

/* The bare HTTP library, and nginx, with one page; the port. nginx -1: it is not here. */
pid_t bare_begin(const char *page, size_t len, int *port);
pid_t nginx_begin(const char *page, size_t len, int *port);

/* --- web_standin.c --- */

/* This program as a grader: says the moment as the names of exercises and stores a result. */
int standin(int argc, char **argv);

#endif
