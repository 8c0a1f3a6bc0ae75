/*
 * A submission's folder -> a program: copied (regular files only, bounded)
 * into scratch, compiled in the sandbox with our flags, its messages read.
 * The folder itself is never written to, and read once.
 */
#ifndef GRADER_BUILD_H
#define GRADER_BUILD_H

#include <uv.h>

#include "rubric.h"
#include "sandbox.h"

typedef enum BuildEnd { BUILD_OK, BUILD_FAILED, BUILD_MISSING, BUILD_BROKEN } BuildEnd;

typedef struct Build {
    BuildEnd end;
    BuildReport report;       /* clean text */
    Fault fault;              /* BROKEN */
    char *folder;             /* scratch copy of the source, for quoting; owned */
    char *binary;             /* path of the program; owned; NULL unless OK */
    unsigned char digest[32]; /* SHA-256 over the names and bytes of the files */
    int64_t wall_us;
} Build;

typedef void (*BuildDone)(void *context, Build *build);

/* `source`: DIR/exN_*; `exercise`, `program`: names. `done` is called from the
 * loop, once. `build` must be zeroed and outlives the call. */
void build_start(uv_loop_t *loop, Sandbox *sandbox, const char *source, const char *exercise,
                 const char *program, Build *build, BuildDone done, void *context);
void build_release(Build *build); /* safe twice */

/* Line `line` of a file of the copied source, cleaned, without leading blanks,
 * into a new string; NULL if there is none. Never leaves the folder. */
char *build_source_line(const Build *build, const char *file, int line);

/* A step of the stub that is left in the *.c of the copied source: a comment, "TODO 3
 * (never-blocks, 3 points; echo-one, 2): ...", or what the program says when it comes there,
 * "TODO 3: register %d for task %u". */
enum { TODOS_MOST = 64 };
typedef struct Todo {
    int number;   /* 1 to 9 */
    char *file;   /* owned */
    char *checks; /* what stands in the brackets; "" if there are none; owned */
    char *stop;   /* "TODO 3: register ", what it says without its figures; ""; owned */
} Todo;
/* In the order of files and lines, at most TODOS_MOST; returns how many. */
int build_todos(const Build *build, Todo *todos);
void todos_release(Todo *todos, int n);

/* The course's headers (task.h, mark.h, cpu.h), made from assignments/include at build time. */
typedef struct CourseHeader {
    const char *name, *text;
} CourseHeader;
extern const CourseHeader course_headers[];
extern const int course_headers_len;

#endif
