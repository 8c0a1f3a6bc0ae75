#include "objects.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"

int objects_open(Objects *objects, const char *repo, Fault *fault)
{
    int in[2], out[2];
    *objects = (Objects){.in = -1};
    if (pipe2(in, O_CLOEXEC) != 0)
        return fault_errno(fault, "can't make a pipe");
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]), close(in[1]);
        return fault_errno(fault, "can't make a pipe");
    }
    char *dir = x_printf("--git-dir=%s", repo);
    const char *argv[] = {"git", dir, "cat-file", "--batch", NULL};
    objects->pid =
        child_start(&(ChildOptions){.argv = argv, .in = in[0], .out = out[1], .err = -1}, fault);
    free(dir);
    close(in[0]);
    close(out[1]);
    objects->in = in[1];
    objects->out = fdopen(out[0], "r");
    if (objects->pid > 0 && objects->out)
        return 0;
    objects_close(objects);
    return -1;
}

void objects_close(Objects *objects)
{
    bool late;
    if (objects->in >= 0)
        close(objects->in);
    objects->in = -1;
    if (objects->out)
        fclose(objects->out);
    objects->out = NULL;
    if (objects->pid > 0)
        child_wait(objects->pid, 5000, &late);
    objects->pid = 0;
}

static int ask(const Objects *objects, const char *name, Fault *fault)
{
    char line[1024];
    int len = snprintf(line, sizeof line, "%s\n", name);
    if (len >= (int)sizeof line || strchr(name, '\n'))
        return fault_set(fault, "an object's name is too long");
    if (write(objects->in, line, (size_t)len) != len)
        return fault_errno(fault, "git cat-file");
    return 0;
}

int objects_read(Objects *objects, const char *name, char type[16], Buf *data, Fault *fault)
{
    char header[2048], piece[16384];
    unsigned long long size;
    *type = '\0';
    buf_clear(data);
    data->full = false;
    if (ask(objects, name, fault))
        return -1;
    if (!fgets(header, sizeof header, objects->out))
        return fault_set(fault, "git cat-file ended early; is git installed, the disk whole?");
    char hash[129];
    if (sscanf(header, "%128s %15s %llu", hash, type, &size) != 3) {
        *type = '\0';
        return 0; /* "NAME missing" */
    }
    for (size++; size > 0;) { /* a line end follows */
        size_t want = size < sizeof piece ? (size_t)size : sizeof piece;
        size_t got = fread(piece, 1, want, objects->out);
        if (got == 0)
            return fault_set(fault, "git cat-file ended early");
        size -= got;
        buf_add(data, piece, size == 0 ? got - 1 : got);
    }
    return 0;
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
    for (size_t i = 0; i < hash_bytes; i++)
        sprintf(entry->hash + 2 * i, "%02x", (unsigned char)nul[1 + i]);
    *at = (size_t)(nul + 1 + hash_bytes - tree->data);
    return true;
}
