/* The subcommands of `courseweb`. Each gets its own name in argv[0] and returns the exit
 * status: 0; 1 it could not be done; 2 wrong usage. */
#ifndef WEB_COMMANDS_H
#define WEB_COMMANDS_H

#include "course.h"

typedef struct Command {
    const char *name, *usage, *what;
    int (*run)(int argc, char **argv);
    const char *help;
} Command;

extern const Command commands[];
extern const int n_commands;

int command_init(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_grades(int argc, char **argv);
int command_due(int argc, char **argv);
int command_roster(int argc, char **argv);
int command_staff(int argc, char **argv);
int command_token(int argc, char **argv);
int command_claim_links(int argc, char **argv);
int command_signin_link(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_set(int argc, char **argv);
int command_regrade(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_github(int argc, char **argv);
int command_repo(int argc, char **argv);

/* The course of `--dir DIR` (anywhere in the arguments, taken out of them), of
 * $COURSEWEB_DIR, or the folder one is in. 0, or an exit status after a message. */
int open_course(int *argc, char **argv, Course *course, Db **db);
/* The end of a subcommand: `status`, or 1 after a message if not all that was printed could be
 * written, as to a full disk. */
int close_course(Course *course, int status);

/* Takes `--NAME VALUE` or `--NAME=VALUE` out of the arguments; NULL: it is not there. */
const char *take_option(int *argc, char **argv, const char *name);
/* Takes it out of the arguments. Was it there? */
bool take_flag(int *argc, char **argv, const char *name);
/* The grader beside us, or "grader" for PATH to find. The caller frees. */
char *find_grader(void);
/* Wrong usage if one is left. */
int no_options_left(const char *command, int argc, char **argv);

/* One cell of CSV: in quotes; a spreadsheet takes some first characters for a formula. */
void cell_add(Buf *out, const char *text);

/* A list is gathered in a Buf of this size at the most and printed when the database is done with:
 * a pager is read for minutes, and no lock and no snapshot may wait for it. */
enum { LIST_MOST = 64 << 20 };
/* Prints what was gathered, if `status` is 0, and releases it. `status`, or 1 after a message. */
int print_list(Buf *out, int status);

int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
int failed(const Fault *fault); /* says it; 1 */

#endif
