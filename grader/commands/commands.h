/*
 * The subcommands: each reads its options, calls one room and says what came
 * of it. They alone (and main.c) print; each returns the exit status.
 */
#ifndef GRADER_COMMANDS_COMMANDS_H
#define GRADER_COMMANDS_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "rubric.h"

/* The contract's exit statuses. */
enum {
    STATUS_ALL_PASSED = 0,
    STATUS_FELL_SHORT = 1,
    STATUS_USAGE = 2,
    STATUS_OURS = 3 /* the grader could not do its work */
};

typedef struct Command {
    const char *name, *arguments, *what; /* for the list in `grader --help` */
    int (*run)(int argc, char **argv);   /* argv[0] is the subcommand's name */
    const char *help;                    /* the whole text of `grader NAME --help` */
} Command;

extern const Command commands[];
extern const int commands_len;
const Command *command_find(const char *name); /* NULL: no such command */

int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_peer(int argc, char **argv);
int command_scores(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_watch(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_upload(int argc, char **argv);

/* --- what they share --- */

/* A line to stderr: "grader: ..." and, for usage, where to read on. Returns the status. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is wrong with a variable of the environment that every command goes by; NULL: nothing. */
const char *environment_wrong(void);
int our_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Is `dir` a folder, as a submission is? 0, or the status, and a line on stderr that says what to
 * name. A folder of one exercise gets a line as well. */
int check_submission(const char *command, const char *dir);

/* The course's entry of this name ("ex1_nonblocking") or number ("1"); -1 if there is none. */
int find_exercise(const char *name);

/* A terminal that wants colour (NO_COLOR, TERM=dumb), and one that can show the
 * lesson's block characters (the locale's character set). */
bool wants_colour(FILE *stream);
bool shows_blocks(void);
int terminal_width(FILE *stream);

/* Writes the buffer to a file (in place only when whole) or, for NULL and "-",
 * to stdout. 0, or -1 and a line on stderr. */
int write_output(const char *path, const Buf *out);

/* A whole number from `text` between `least` and `most`; false if it is none. */
bool parse_number(const char *text, long least, long most, long *number);

#endif
