/*
 * The objects of a repository, one after the other, from one `git cat-file --batch`:
 * their bytes as they were pushed.
 */
#ifndef WEB_OBJECTS_H
#define WEB_OBJECTS_H

#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/fault.h"

enum { OBJECT_NAME = 128 };

typedef struct Objects {
    pid_t pid;
    int in;
    FILE *out;
} Objects;

int objects_open(Objects *objects, const char *repo, Fault *fault);
void objects_close(Objects *objects); /* safe twice */

/* Reads one by its name ("HASH", "HASH:path/in/it"). `data` keeps what fits its maximum
 * (`full`: there was more). `type` gets "blob", "tree", "commit", "tag", or "" if there
 * is no such object. -1 and the fault: git failed. */
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
