#include "export.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "objects.h"

enum { COMMIT_BYTES = 1 << 20, LINK_BYTES = 4096 };

typedef struct Export {
    Objects objects;
    size_t hash_bytes;
    int files;
    size_t bytes;
    size_t path; /* of the folder that is written, from the top */
    Fault *fault;
} Export;

static int write_tree(Export *export, const char *hash, int folder, int depth);

/* A name that this disk can't hold, or holds already (it knows no upper case), is theirs: that entry is
 * left out. Anything else is ours. */
static int left_out(const Export *export)
{
    return errno == ENAMETOOLONG || errno == EEXIST
               ? 0
               : fault_errno(export->fault, "can't write out a submission");
}

static int write_bytes(Export *export, int folder, const TreeEntry *entry, const Buf *data)
{
    int fd = openat(folder, entry->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    entry->mode & 0100 ? 0755 : 0644);
    if (fd < 0)
        return left_out(export);
    size_t done = 0;
    while (done < data->len) {
        ssize_t n = write(fd, data->data + done, data->len - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    /* Too large for the grader: it refuses the file for its size, and needs no more of it. */
    int bad = done < data->len || (data->full && ftruncate(fd, (off_t)data->max) != 0);
    if (bad)
        fault_errno(export->fault, "can't write out a submission");
    close(fd);
    return bad ? -1 : 0;
}

static int write_blob(Export *export, int folder, const TreeEntry *entry)
{
    char type[16];
    Buf data;
    buf_init(&data, entry->mode == 0120000 ? LINK_BYTES : EXPORT_FILE_BYTES);
    int status = objects_read(&export->objects, entry->hash, type, &data, export->fault);
    export->bytes += data.len;
    if (status == 0 && strcmp(type, "blob") == 0) {
        if (entry->mode != 0120000)
            status = write_bytes(export, folder, entry, &data);
        else if (data.len && !memchr(data.data, '\0', data.len) &&
                 symlinkat(data.data, folder, entry->name) != 0)
            status = left_out(export);
    }
    buf_release(&data);
    return status;
}

static int write_folder(Export *export, int folder, const TreeEntry *entry, int depth)
{
    if (depth >= EXPORT_DEPTH)
        return 0;
    if (mkdirat(folder, entry->name, 0755) != 0)
        return left_out(export);
    int below = openat(folder, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return fault_errno(export->fault, "can't write out a submission");
    export->path += strlen(entry->name) + 1;
    int status = write_tree(export, entry->hash, below, depth + 1);
    export->path -= strlen(entry->name) + 1;
    close(below);
    return status;
}

static bool name_plain(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int write_entry(Export *export, int folder, const TreeEntry *entry, int depth)
{
    if (!name_plain(entry->name) || export->files >= EXPORT_FILES || export->bytes >= EXPORT_BYTES)
        return 0;
    export->files++;
    if (entry->mode == 0160000 || export->path + strlen(entry->name) > EXPORT_PATH)
        return 0;
    if (entry->mode == 040000)
        return write_folder(export, folder, entry, depth);
    return write_blob(export, folder, entry);
}

static int read_tree(Export *export, const char *hash, Buf *tree)
{
    char type[16];
    buf_init(tree, TREE_MOST);
    if (objects_read(&export->objects, hash, type, tree, export->fault))
        return -1;
    if (strcmp(type, "tree") != 0)
        buf_clear(tree);
    return 0;
}

static int write_tree(Export *export, const char *hash, int folder, int depth)
{
    Buf tree;
    TreeEntry entry;
    int status = read_tree(export, hash, &tree);
    for (size_t at = 0; status == 0 && tree_next(&tree, export->hash_bytes, &at, &entry);)
        status = write_entry(export, folder, &entry, depth);
    buf_release(&tree);
    return status;
}

/* --- the exercises --- */

static bool is_exercise(const TreeEntry *entry)
{
    return entry->mode == 040000 && strncmp(entry->name, "ex", 2) == 0 &&
           isdigit((unsigned char)entry->name[2]);
}

static bool holds_exercise(size_t hash_bytes, const Buf *tree)
{
    TreeEntry entry;
    for (size_t at = 0; tree_next(tree, hash_bytes, &at, &entry);)
        if (is_exercise(&entry))
            return true;
    return false;
}

/* Replaces the top by `assignments/` where that holds an exercise. */
static int choose_top(Export *export, Buf *tree)
{
    TreeEntry entry;
    for (size_t at = 0; tree_next(tree, export->hash_bytes, &at, &entry);) {
        if (strcmp(entry.name, "assignments") != 0 || entry.mode != 040000)
            continue;
        Buf below;
        int status = read_tree(export, entry.hash, &below);
        if (status == 0 && holds_exercise(export->hash_bytes, &below)) {
            buf_release(tree);
            *tree = below;
        } else {
            buf_release(&below);
        }
        return status;
    }
    return 0;
}

/* The bounds of one exercise begin anew with it, so that one too large leaves the others whole;
 * those of all together end it before the next one. */
static int write_exercises(Export *export, const Buf *top, int folder)
{
    TreeEntry entry;
    int exercises = 0, files = 0;
    size_t bytes = 0;
    for (size_t at = 0; exercises < EXPORT_EXERCISES && files < EXPORT_ALL_FILES &&
                        bytes < EXPORT_ALL_BYTES &&
                        tree_next(top, export->hash_bytes, &at, &entry);) {
        if (!is_exercise(&entry))
            continue;
        export->files = 0;
        export->bytes = 0;
        if (write_entry(export, folder, &entry, 0))
            return -1;
        exercises++;
        files += export->files;
        bytes += export->bytes;
    }
    return 0;
}

/* --- the commit --- */

static void first_line(const char *text, char *message, unsigned size)
{
    const char *body = strstr(text, "\n\n");
    Buf clean;
    buf_init(&clean, 4096);
    body = body ? body + 2 : "";
    size_t len = strcspn(body, "\n");
    text_clean(&clean, body, len > 200 ? 200 : len);
    /* A cut must not fall into a character. */
    size_t keep = 0;
    for (size_t n; keep < clean.len && (n = text_utf8(clean.data + keep, clean.len - keep)) > 0 &&
                   keep + n < size;)
        keep += n;
    memcpy(message, clean.data, keep);
    message[keep] = '\0';
    buf_release(&clean);
}

static int read_commit(Export *export, const char *hash, char tree_hash[65], char *message,
                       unsigned size)
{
    char type[16];
    Buf commit;
    buf_init(&commit, COMMIT_BYTES);
    int status = objects_read(&export->objects, hash, type, &commit, export->fault);
    if (status == 0 &&
        (strcmp(type, "commit") != 0 || sscanf(commit.data, "tree %64[0-9a-f]\n", tree_hash) != 1))
        status = fault_set(export->fault, "commit %.12s is not in the repository", hash);
    if (status == 0)
        first_line(commit.data, message, size);
    buf_release(&commit);
    return status;
}

static int export_into(Export *export, const char *hash, int folder, char *message, unsigned size)
{
    char tree_hash[65] = "";
    Buf top = {0};
    buf_init(&top, 1);
    if (read_commit(export, hash, tree_hash, message, size))
        return -1;
    export->hash_bytes = strlen(tree_hash) / 2;
    int status = read_tree(export, tree_hash, &top) || choose_top(export, &top) ||
                         write_exercises(export, &top, folder)
                     ? -1
                     : 0;
    buf_release(&top);
    return status;
}

int export_commit(const char *repo, const char *hash, const char *folder, char *message,
                  unsigned message_size, Fault *fault)
{
    Export export = {.fault = fault};
    int status = -1, fd = -1;
    *message = '\0';
    if (objects_open(&export.objects, repo, fault))
        return -1;
    if (mkdir(folder, 0755) != 0 || chmod(folder, 0755) != 0 ||
        (fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        fault_errno(fault, "can't make %.200s", folder);
    else
        status = export_into(&export, hash, fd, message, message_size);
    if (fd >= 0)
        close(fd);
    objects_close(&export.objects);
    return status;
}

const char *export_below(Objects *objects, const char *hash, Fault *fault)
{
    char name[OBJECT_NAME], type[16];
    Buf tree;
    buf_init(&tree, TREE_MOST);
    snprintf(name, sizeof name, "%.64s:assignments", hash);
    bool below = objects_read(objects, name, type, &tree, fault) == 0 &&
                 strcmp(type, "tree") == 0 && holds_exercise(strlen(hash) / 2, &tree);
    buf_release(&tree);
    return below ? "assignments/" : "";
}
