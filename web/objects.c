#include "objects.h"

#include <git2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "object_memory.h"

enum { HASH_BYTES = 20, HASH_DIGITS = 40 };

static void init_library(void)
{
    object_memory_bound();
    git_libgit2_init();
}

static int odb_fault(Fault *fault, const char *what)
{
    const git_error *error = git_error_last();
    return fault_set(fault, "a repository %s: %.200s", what, error ? error->message : "no reason");
}

int objects_open(Objects *objects, const char *repo, Fault *fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    *objects = (Objects){.odb = NULL};
    object_memory_begin();
    char *folder = x_printf("%s/objects", repo);
    int code = git_odb_open(&objects->odb, folder);
    free(folder);
    return code ? odb_fault(fault, "can't be opened") : 0;
}

void objects_close(Objects *objects)
{
    git_odb_free(objects->odb);
    objects->odb = NULL;
}

/* 1: it is there; 0: it is not; -1 and the fault. */
static int is_there(const Objects *objects, const git_oid *id, size_t *len, git_object_t *type,
                    Fault *fault)
{
    int code = git_odb_read_header(len, type, objects->odb, id);
    if (code == GIT_ENOTFOUND)
        return 0;
    return code ? odb_fault(fault, "is damaged") : 1;
}

/* Of a tree that was cut nobody could tell what it does not hold. */
static bool too_large(git_object_t kind, size_t len, const Buf *data)
{
    return len > OBJECT_MOST || (kind == GIT_OBJECT_TREE && len > data->max);
}

static int read_id(const Objects *objects, const git_oid *id, char type[16], Buf *data,
                   Fault *fault)
{
    size_t len;
    git_object_t kind;
    git_odb_object *object;
    buf_clear(data);
    *type = '\0';
    int there = is_there(objects, id, &len, &kind, fault);
    if (there <= 0)
        return there;
    snprintf(type, 16, "%s", git_object_type2string(kind));
    object_memory_refused();
    if (too_large(kind, len, data) || git_odb_read(&object, objects->odb, id)) {
        data->full = too_large(kind, len, data) || object_memory_refused();
        return data->full ? 0 : odb_fault(fault, "is damaged");
    }
    buf_add(data, git_odb_object_data(object), git_odb_object_size(object));
    git_odb_object_free(object);
    return 0;
}

/* --- names --- */

/* From a tree to what it holds by this name; from a commit to its tree (`len` 0). False: there
 * is none, or it can't be read. */
static bool step(const Objects *objects, git_oid *id, const char *name, size_t len)
{
    char type[16];
    Buf data;
    TreeEntry entry;
    bool found = false;
    buf_init(&data, TREE_MOST);
    if (read_id(objects, id, type, &data, NULL) == 0) {
        if (len == 0)
            found = strcmp(type, "commit") == 0 && strncmp(data.data, "tree ", 5) == 0 &&
                    git_oid_fromstr(id, data.data + 5) == 0;
        for (size_t at = 0; len && !found && strcmp(type, "tree") == 0 &&
                            tree_next(&data, HASH_BYTES, &at, &entry);)
            found = strlen(entry.name) == len && memcmp(entry.name, name, len) == 0 &&
                    git_oid_fromstr(id, entry.hash) == 0;
    }
    buf_release(&data);
    return found;
}

static bool walk(const Objects *objects, git_oid *id, const char *path)
{
    bool found = step(objects, id, "", 0);
    while (found && *path) {
        size_t len = strcspn(path, "/");
        found = len && step(objects, id, path, len);
        path += len + (path[len] == '/');
    }
    return found;
}

int objects_read(Objects *objects, const char *name, char type[16], Buf *data, Fault *fault)
{
    git_oid id;
    size_t len = strcspn(name, ":");
    buf_clear(data);
    *type = '\0';
    if (len != HASH_DIGITS || git_oid_fromstrn(&id, name, len) != 0 ||
        (name[len] == ':' && !walk(objects, &id, name + len + 1)))
        return 0;
    return read_id(objects, &id, type, data, fault);
}

bool tree_next(const Buf *tree, size_t hash_bytes, size_t *at, TreeEntry *entry)
{
    char *end;
    if (*at >= tree->len)
        return false;
    entry->mode = (unsigned)strtoul(tree->data + *at, &end, 8);
    if (*end != ' ')
        return false;
    entry->name = end + 1;
    const char *nul = memchr(entry->name, '\0', tree->len - (size_t)(entry->name - tree->data));
    if (!nul || (size_t)(tree->data + tree->len - nul - 1) < hash_bytes)
        return false;
    text_hex(entry->hash, nul + 1, hash_bytes);
    *at = (size_t)(nul + 1 + hash_bytes - tree->data);
    return true;
}
