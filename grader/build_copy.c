#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "build_parts.h"

typedef struct Copy {
    Copied *result;
    EVP_MD_CTX *digest;
    Fault *fault;
    CopyEnd end;
    uid_t owner; /* of the submission's folder */
    int entries, sources;
    size_t bytes;
    char *data; /* BUILD_FILE_MOST + 1 bytes */
} Copy;

/* A folder's entries, sorted, so that neither the digest nor the order of
 * compiling depends on the file system. */
typedef struct Names {
    char **list;
    int len, cap;
} Names;

/* --- ends --- */

static int refuse(Copy *copy, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first reason stays. `name` goes in front, quoted: it is the submission's. */
static int refuse(Copy *copy, const char *name, const char *format, ...)
{
    if (copy->end != COPY_OK)
        return -1;
    Buf text;
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    buf_init(&text, 1024);
    if (name)
        text_quote(&text, name, strlen(name), 100);
    buf_str(&text, reason);
    copy->result->problem = buf_take(&text);
    copy->end = COPY_REFUSED;
    return -1;
}

/* What we lack is our failure, whatever else an open or read says is the folder's. */
static int unreadable(Copy *copy, const char *name)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
        copy->end = COPY_BROKEN;
        return fault_errno(copy->fault, "can't read the submission");
    }
    return refuse(copy, name, " can't be read: %s", strerror(errno));
}

static int broken(Copy *copy)
{
    copy->end = COPY_BROKEN;
    return -1;
}

/* --- names --- */

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_release(Names *names)
{
    for (int i = 0; i < names->len; i++)
        free(names->list[i]);
    free(names->list);
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);
    return len >= n && strcmp(name + len - n, end) == 0;
}

/* Past the limit entries are only counted, for the message. */
static int names_read(Copy *copy, int folder, bool top, Names *names)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) {
        if (again >= 0)
            close(again);
        return unreadable(copy, "a folder");
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (name[0] == '.')
            continue;
        copy->sources += top && ends_in(name, ".c");
        if (copy->entries++ >= BUILD_ENTRIES_MOST)
            continue;
        if (names->len == names->cap) {
            names->cap = names->cap ? names->cap * 2 : 16;
            names->list = x_realloc(names->list, (size_t)names->cap * sizeof *names->list);
        }
        names->list[names->len++] = x_strdup(name);
    }
    closedir(dir);
    if (copy->sources > BUILD_SOURCES_MOST)
        return refuse(copy, NULL, "the folder has %d C files; %d at most are built", copy->sources,
                      BUILD_SOURCES_MOST);
    if (copy->entries > BUILD_ENTRIES_MOST)
        return refuse(copy, NULL, "the folder has %d files; %d at most are read", copy->entries,
                      BUILD_ENTRIES_MOST);
    if (names->len)
        qsort(names->list, (size_t)names->len, sizeof *names->list, by_bytes);
    return 0;
}

/* --- files --- */

int build_write_file(int folder, const char *name, const char *text, size_t len, Fault *fault)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return fault_errno(fault, "can't copy the submission");
    int rc = fchmod(fd, 0644);
    for (ssize_t n; rc == 0 && len > 0; text += n, len -= (size_t)n)
        if ((n = write(fd, text, len)) < 0)
            rc = -1, n = 0;
    if (rc < 0)
        fault_errno(fault, "can't copy the submission");
    close(fd);
    return rc;
}

static ssize_t read_whole(int fd, char *data, size_t most)
{
    size_t len = 0;
    ssize_t n = 1;
    while (len < most && (n = read(fd, data + len, most - len)) > 0)
        len += (size_t)n;
    return n < 0 ? -1 : (ssize_t)len;
}

static void add_to_digest(Copy *copy, const char *path, size_t len)
{
    unsigned char size[8];
    for (int i = 0; i < 8; i++)
        size[i] = (unsigned char)((uint64_t)len >> 8 * i);
    EVP_DigestUpdate(copy->digest, path, strlen(path) + 1);
    EVP_DigestUpdate(copy->digest, size, sizeof size);
    EVP_DigestUpdate(copy->digest, copy->data, len);
}

/* O_NONBLOCK and the second look: what was a plain file may be a pipe by now. */
static int copy_file(Copy *copy, int from, int into, const char *name, const char *path,
                     bool source)
{
    int fd = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    ssize_t len = -1;
    int rc = -1;
    if (fd < 0 || fstat(fd, &st) < 0) {
        rc = source ? unreadable(copy, path) : 0;
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = source ? refuse(copy, path, " is not a plain file any more") : 0;
        goto done;
    }
    /* Whoever grades as root would read for its owner what that one can't read itself. */
    if (st.st_nlink > 1 && st.st_uid != copy->owner) {
        rc = source ? refuse(copy, path, " is a hard link to a file of someone else") : 0;
        goto done;
    }
    len = read_whole(fd, copy->data, BUILD_FILE_MOST + 1);
    if (len < 0 || len > BUILD_FILE_MOST) {
        rc = !source   ? 0 /* a core file, a picture: nothing that a compiler reads */
             : len < 0 ? unreadable(copy, path)
                       : refuse(copy, path, " is larger than 1 MiB");
        goto done;
    }
    copy->bytes += (size_t)len;
    if (copy->bytes > BUILD_BYTES_MOST) {
        rc = refuse(copy, NULL, "the folder holds more than %d MiB", BUILD_BYTES_MOST >> 20);
        goto done;
    }
    add_to_digest(copy, path, (size_t)len);
    rc = build_write_file(into, name, copy->data, (size_t)len, copy->fault);
    if (rc < 0)
        broken(copy);
done:
    if (fd >= 0)
        close(fd);
    return rc;
}

static const char *kind_of(mode_t mode)
{
    static const struct {
        mode_t type;
        const char *name;
    } kinds[] = {{S_IFLNK, "a symbolic link"},
                 {S_IFDIR, "a folder"},
                 {S_IFIFO, "a pipe"},
                 {S_IFSOCK, "a socket"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((mode & S_IFMT) == kinds[i].type)
            return kinds[i].name;
    return "a device";
}

static bool is_of_course(const char *name)
{
    for (int i = 0; i < course_headers_len; i++)
        if (strcmp(course_headers[i].name, name) == 0)
            return true;
    return false;
}

static void add_source(Copied *result, const char *name)
{
    result->sources = x_realloc(result->sources, (size_t)(result->n_sources + 1) * sizeof(char *));
    result->sources[result->n_sources++] = x_strdup(name);
}

/* --- the walk --- */

static int copy_folder(Copy *copy, int from, int into, const char *path, int depth);

static int copy_subfolder(Copy *copy, int from, int into, const char *name, const char *path,
                          int depth)
{
    if (depth >= BUILD_DEPTH_MOST)
        return 0;
    int below = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return 0;
    int copied = -1, rc = -1;
    if (mkdirat(into, name, 0755) < 0 || fchmodat(into, name, 0755, 0) < 0 ||
        (copied = openat(into, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        fault_errno(copy->fault, "can't copy the submission");
        broken(copy);
    } else {
        rc = copy_folder(copy, below, copied, path, depth + 1);
        close(copied);
    }
    close(below);
    return rc;
}

/* "task.h" beside the file that includes it would win over -I. */
static int link_course(Copy *copy, int into, const char *name, int depth)
{
    Buf target;
    buf_init(&target, 4096);
    for (int i = 0; i <= depth; i++)
        buf_str(&target, "../");
    buf_printf(&target, "course/%s", name);
    int rc = symlinkat(target.data, into, name);
    buf_release(&target);
    if (rc == 0)
        return 0;
    fault_errno(copy->fault, "can't copy the submission");
    return broken(copy);
}

static int copy_entry(Copy *copy, int from, int into, const char *name, const char *path, int depth)
{
    struct stat st;
    bool source = depth == 0 && ends_in(name, ".c");
    if (is_of_course(name))
        return link_course(copy, into, name, depth);
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return source ? unreadable(copy, path) : 0;
    if (source && !S_ISREG(st.st_mode))
        return refuse(copy, path, " is %s; only plain files are built", kind_of(st.st_mode));
    if (S_ISDIR(st.st_mode))
        return copy_subfolder(copy, from, into, name, path, depth);
    if (!S_ISREG(st.st_mode))
        return 0;
    if (source)
        add_source(copy->result, name);
    copy->result->cargo |= depth == 0 && strcmp(name, "Cargo.toml") == 0;
    return copy_file(copy, from, into, name, path, source);
}

static int copy_folder(Copy *copy, int from, int into, const char *path, int depth)
{
    Names names = {0};
    int rc = names_read(copy, from, depth == 0, &names);
    for (int i = 0; rc == 0 && i < names.len; i++) {
        char *below = x_printf("%s%s%s", path, *path ? "/" : "", names.list[i]);
        rc = copy_entry(copy, from, into, names.list[i], below, depth);
        free(below);
    }
    names_release(&names);
    return rc;
}

static CopyEnd open_source(Copy *copy, const char *source, int *from)
{
    struct stat st;
    const char *name = strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
    if (lstat(source, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return COPY_MISSING;
    *from = open(source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*from < 0 && (errno == ELOOP || errno == ENOTDIR))
        refuse(copy, name, " is %s; a folder is expected",
               S_ISREG(st.st_mode) ? "a file" : kind_of(st.st_mode));
    else if (*from < 0)
        unreadable(copy, name);
    else
        copy->owner = fstat(*from, &st) == 0 ? st.st_uid : (uid_t)-1;
    return copy->end;
}

CopyEnd build_copy(const char *source, const char *into, Copied *copied, Fault *fault)
{
    Copy copy = {.result = copied, .fault = fault, .digest = EVP_MD_CTX_new()};
    int from = -1, to = -1;
    unsigned len = 0;
    copy.data = x_calloc(1, BUILD_FILE_MOST + 1);
    EVP_DigestInit_ex(copy.digest, EVP_sha256(), NULL);
    copy.end = open_source(&copy, source, &from);
    if (copy.end != COPY_OK)
        goto done;
    to = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to < 0) {
        fault_errno(fault, "can't open %s", into);
        broken(&copy);
        goto done;
    }
    copy_folder(&copy, from, to, "", 0);
    if (copy.end == COPY_OK && copied->n_sources == 0 && !copied->cargo)
        refuse(&copy, NULL, "the folder has no .c file");
done:
    EVP_DigestFinal_ex(copy.digest, copied->digest, &len);
    EVP_MD_CTX_free(copy.digest);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    free(copy.data);
    return copy.end;
}

void copied_release(Copied *copied)
{
    for (int i = 0; i < copied->n_sources; i++)
        free(copied->sources[i]);
    free(copied->sources);
    free(copied->problem);
    *copied = (Copied){0};
}

/* --- the course's headers --- */

int build_write_course(const char *into, Fault *fault)
{
    int folder = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    if (folder < 0)
        return fault_errno(fault, "can't open %s", into);
    for (int i = 0; rc == 0 && i < course_headers_len; i++)
        rc = build_write_file(folder, course_headers[i].name, course_headers[i].text,
                              strlen(course_headers[i].text), fault);
    close(folder);
    return rc;
}
