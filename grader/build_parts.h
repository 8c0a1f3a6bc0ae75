/*
 * Private to build: what its files share.
 *
 *   build.c           starts the compiler, waits within limits, decides
 *   build_copy.c      a hostile folder -> a copy of its plain files
 *   build_command.c   which compiler, and how it is called
 *   build_cargo.c     the same for Rust
 *   build_messages.c  a compiler's text -> notes and one line that says why
 *   build_source.c    lines of the copied source, for quoting
 *   build_todo.c      the steps of the stub that the copied source still has
 *
 * The scratch folder of a build: src/ (the copy, /src inside), course/ (the
 * course's headers, /course), out/ (/out, the only one the compiler may write).
 */
#ifndef GRADER_BUILD_PARTS_H
#define GRADER_BUILD_PARTS_H

#include <sys/stat.h>

#include "build.h"

enum {
    BUILD_ENTRIES_MOST = 2000,
    BUILD_SOURCES_MOST = 256,
    BUILD_DEPTH_MOST = 16,
    BUILD_FILE_MOST = 1 << 20,
    BUILD_BYTES_MOST = 32 << 20,
    BUILD_SECONDS = 60, /* of waiting; CPU time is limited before (sandbox_build_limits) */
    BUILD_CARGO_SECONDS = 60,
    BUILD_OUTPUT_MOST = 4 << 20, /* the compiler is stopped there */
    BUILD_TEXT_MOST = 1 << 18,   /* of it are read */
    BUILD_SHOWN_MOST = 1 << 14,  /* of it are shown */
    BUILD_NOTES_MOST = 16,
    BUILD_SPACE_LEAST = 256 << 20 /* bytes free in scratch before a build begins */
};

/* --- copy --- */

typedef enum CopyEnd { COPY_OK, COPY_REFUSED, COPY_MISSING, COPY_BROKEN } CopyEnd;

typedef struct Copied {
    char **sources; /* names of the *.c files, sorted */
    int n_sources;
    bool cargo;    /* there is a Cargo.toml */
    char *problem; /* REFUSED: one line that says why; owned */
    unsigned char digest[32];
} Copied;

/* `into` is an empty folder of ours. BROKEN: `fault`. Nothing is followed
 * (links) or waited for (pipes); the folder may change meanwhile. */
CopyEnd build_copy(const char *source, const char *into, Copied *copied, Fault *fault);
void copied_release(Copied *copied);
int build_write_course(const char *into, Fault *fault);
/* Writes a whole new file below `folder`. */
int build_write_file(int folder, const char *name, const char *text, size_t len, Fault *fault);

/* --- command --- */

typedef struct BuildCommand {
    SandboxCommand sandbox;
    SandboxLimits limits;
    SandboxBind binds[8];
    char **argv, **environment; /* owned */
    char *folder;               /* the build's scratch folder */
    char *tool;                 /* what sandbox_tool() found */
    int seconds;                /* how long it may take */
} BuildCommand;

/* 0, or -1 with `fault` (no compiler), or 1 with `problem` (no cargo here; owned by the caller). */
int build_command(Sandbox *sandbox, const char *folder, const char *program, const Copied *copied,
                  BuildCommand *command, char **problem, Fault *fault);
void build_command_release(BuildCommand *command);
void build_bind(BuildCommand *command, const char *outside, const char *inside, bool writable);
/* The part of build_command() for a folder with a Cargo.toml and no C file. */
int build_cargo_command(Sandbox *sandbox, const char *program, BuildCommand *command,
                        char **problem, Fault *fault);

/* --- messages --- */

typedef struct Messages {
    const char *text; /* the compiler's */
    size_t len;
    const char *source; /* the copied source */
    bool timed_out, flood, out_of_memory;
    int status;  /* exit status; 0: it compiled */
    int seconds; /* what it had */
} Messages;

/* Fills output, problem, notes and counts. Any bytes are accepted. */
void build_messages(const Messages *messages, BuildReport *report);
/* A list of Make rules (DEPENDENCIES_OUTPUT): the first file that lies outside, as a line that
 * says so; NULL if there is none. Caller frees. */
char *build_outside(const char *rules, size_t len);

/* --- source --- */

/* A name as a compiler prints it -> relative to the copied folder; NULL if it is not
 * a plain file there. Caller frees. */
char *build_own_file(const char *source, const char *name, size_t len);
char *build_line_of(const char *source, const char *file, int line);
/* The bytes of an own file, as many as are ever copied, into new memory; none if it can't be read. */
char *build_read_own(const char *source, const char *own, size_t *len);

#endif
