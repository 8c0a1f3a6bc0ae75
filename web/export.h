/*
 * A commit's exercise folders written out for the grader, without a checkout: no
 * attributes, filters, hooks or links of the tree have any effect. The folders are
 * taken from `assignments/` if it holds one of them, else from the top.
 *
 * Plain files become plain files, links become links (the grader judges them and
 * follows none), submodules are left out, and what stands more than EXPORT_DEPTH folders deep or
 * has a path of more than EXPORT_PATH bytes: written name by name, it would be where no call that
 * takes a path reaches. A folder with more than EXPORT_FILES files or EXPORT_BYTES bytes is cut
 * there: the grader refuses it for its size, with the reason.
 * Of all folders no more than EXPORT_EXERCISES are written, and none begins once those
 * before it have EXPORT_ALL_FILES files or EXPORT_ALL_BYTES bytes.
 */
#ifndef WEB_EXPORT_H
#define WEB_EXPORT_H

#include "base/fault.h"
#include "objects.h"

enum {
    EXPORT_FILES = 2100,
    EXPORT_BYTES = 34 << 20,
    EXPORT_DEPTH = 18,
    EXPORT_PATH = 1024,
    EXPORT_FILE_BYTES = (1 << 20) + 4096,
    EXPORT_EXERCISES = 16,
    EXPORT_ALL_FILES = 4 * EXPORT_FILES,
    EXPORT_ALL_BYTES = 4 * EXPORT_BYTES
};

/* `folder` must not be there yet; it is made. The commit's first line of message, clean
 * and cut, goes into `message`. 0, or -1 and the fault (ours). */
int export_commit(const char *repo, const char *hash, const char *folder, char *message,
                  unsigned message_size, Fault *fault);

/* "assignments/" or "": below which the exercises of a commit stand, by the same rule. */
const char *export_below(Objects *objects, const char *hash, Fault *fault);

#endif
