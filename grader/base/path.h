/*
 * Names of files as text. What a compiler or its debugging information calls
 * a file was written by a submission: nothing is opened to find out where a
 * name leads.
 */
#ifndef GRADER_BASE_PATH_H
#define GRADER_BASE_PATH_H

#include <stdbool.h>

/* `name` (relative: below `root`) with its "." and ".." steps carried out, as a
 * path relative to `root`; NULL if it lies elsewhere or is `root` itself.
 * `root` is absolute, without a slash at its end. Caller frees. */
char *path_below(const char *root, const char *name);

/* Is there a plain file of this relative name in the folder (itself no link)? */
bool path_plain_file(const char *folder, const char *name);

#endif
