/* Where the grader's own files are: beside its program in the build folder, or
 * under PREFIX/share when installed. */
#ifndef GRADER_COMMANDS_PATHS_H
#define GRADER_COMMANDS_PATHS_H

/* The folder of built references (ex1_nonblocking/nonblocking, ...); NULL if
 * there is none here. The caller frees it. */
char *references_folder(void);

/* Where `dir` is within the repository that it lies in ("assignments"; "" for its top); of a
 * folder in no repository, `dir` itself. For annotations. The caller frees it. */
char *place_in_repository(const char *dir);

#endif
