/*
 * The objects of a repository, their bytes as they were pushed. Read in this process by
 * libgit2's object database, nothing else of it: no configuration, attribute or ref has a
 * say. A git program for each page cost ten times the page.
 *
 * An object of more than OBJECT_MOST bytes, a tree that passes the caller's maximum and what
 * can't be unpacked within what object_memory.h allows are not read at all: `data` stays
 * empty, and `full`.
 */
#ifndef WEB_OBJECTS_H
#define WEB_OBJECTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/fault.h"

enum { OBJECT_NAME = 128, OBJECT_MOST = 4 << 20, TREE_MOST = 1 << 20 };

typedef struct Objects {
    struct git_odb *odb;
} Objects;

int objects_open(Objects *objects, const char *repo, Fault *fault);
void objects_close(Objects *objects); /* safe twice */

/* Reads one by its name ("HASH", "HASH:path/in/it"). `data` keeps what fits its maximum
 * (`full`: there was more). `type` gets "blob", "tree", "commit", "tag", or "" if there
 * is no such object. -1 and the fault: the repository is damaged. */
int objects_read(Objects *objects, const char *name, char type[16], Buf *data, Fault *fault);

typedef struct TreeEntry {
    unsigned mode; /* 040000 tree, 0100644, 0100755, 0120000 link, 0160000 submodule */
    const char *name;
    char hash[65];
} TreeEntry;

/* The next entry of a tree object (`hash_bytes`: 20, or 32 in a SHA-256 repository);
 * `at` begins with 0. False: the end. */
bool tree_next(const Buf *tree, size_t hash_bytes, size_t *at, TreeEntry *entry);

#endif
