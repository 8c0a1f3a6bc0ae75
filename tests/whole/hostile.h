/*
 * What the files of the hostile test share (tests/whole/hostile.sh).
 *
 *   hostile.c          the corpus, one grading after the other, and the verdict
 *   hostile_canary.c   secrets, a listener and a process that nothing may reach
 *   hostile_watch.c    the grader's family while it lives, and what is left of it
 *   hostile_report.c   a report: whole, clean, without a secret
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PATH = 512, SECRETS = 6 };

/* Prints a line about the case that runs, and counts it as a failure. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die(const char *what);

typedef struct Bytes {
    char *data;
    size_t len;
} Bytes;
Bytes read_file(const char *path); /* data is NULL if there is none; freed by the caller */

/* --- canaries --- */

typedef struct Canary {
    char mark[40]; /* begins all names that an attack gives to files */
    char secrets[SECRETS][64];
    char files[SECRETS][PATH]; /* they hold the secrets of the same number; "": none */
    char socket[PATH];
    int port, listener, udp, local, abstract;
    pid_t process;
} Canary;

void canary_make(Canary *canary, const char *scratch);
void canary_header(const Canary *canary, const char *path); /* what an attack may know: no secret */
void canary_variables(const Canary *canary);                /* ... for stage.sh */
void canary_check(Canary *canary);                          /* complains */
bool canary_in(const Canary *canary, const char *bytes, size_t len);
void canary_remove(Canary *canary);

/* --- the grader's family --- */

enum { FOLDERS = 8 };

typedef struct Watch {
    pid_t grader;
    size_t grader_peak, family_peak; /* bytes: the grader's own at most; anonymous memory of all */
    int family_most;
    char folders[FOLDERS][64]; /* its scratch folders, by name */
    int n_folders;
} Watch;

void watch_look(Watch *watch, const char *tmp); /* while it runs, often */
/* After its end: complains of processes, folders, cgroups, files that are left. */
void watch_check_left(const Watch *watch, const char *tmp, const char *mark);
char *mounts_now(void); /* freed by the caller */

/* --- reports --- */

/* Complains of what a JSON report must not be; the exercise's status and score. */
void report_check_json(const Bytes *report, char *status, size_t size, double *score);
void report_check_text(const char *format, const Bytes *report);

#endif
