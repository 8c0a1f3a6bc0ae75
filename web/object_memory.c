#include "object_memory.h"

#include <git2.h>
#include <git2/sys/alloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local bool refused;
static _Thread_local size_t spent; /* on large pieces, since object_memory_begin() */

void object_memory_begin(void)
{
    spent = 0;
}

static bool too_much(size_t n)
{
    bool large = n > OBJECT_PIECE;
    bool over = n > OBJECT_MEMORY || (large && spent > OBJECT_WORK - n);
    spent += large && !over ? n : 0;
    refused |= over;
    return over;
}

static void *bound_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return too_much(n) ? NULL : malloc(n);
}

static void *bound_realloc(void *old, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return too_much(n) ? NULL : realloc(old, n);
}

/* Before 1.7 (Debian 12 has 1.5) arrays and strings are calls of their own. */
#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 7
static bool array_too_much(size_t n, size_t size)
{
    size_t bytes;
    return too_much(__builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes);
}

static void *bound_calloc(size_t n, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return array_too_much(n, size) ? NULL : calloc(n, size);
}

static void *bound_mallocarray(size_t n, size_t size, const char *file, int line)
{
    return array_too_much(n, size) ? NULL : bound_malloc(n * size, file, line);
}

static void *bound_reallocarray(void *old, size_t n, size_t size, const char *file, int line)
{
    return array_too_much(n, size) ? NULL : bound_realloc(old, n * size, file, line);
}

static char *bound_substrdup(const char *text, size_t n, const char *file, int line)
{
    char *copy = n < SIZE_MAX ? bound_malloc(n + 1, file, line) : NULL;
    if (copy) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return copy;
}

static char *bound_strdup(const char *text, const char *file, int line)
{
    return bound_substrdup(text, strlen(text), file, line);
}

static char *bound_strndup(const char *text, size_t n, const char *file, int line)
{
    return bound_substrdup(text, strnlen(text, n), file, line);
}

static git_allocator bound = {
    .gmalloc = bound_malloc,
    .gcalloc = bound_calloc,
    .gstrdup = bound_strdup,
    .gstrndup = bound_strndup,
    .gsubstrdup = bound_substrdup,
    .grealloc = bound_realloc,
    .greallocarray = bound_reallocarray,
    .gmallocarray = bound_mallocarray,
    .gfree = free,
};
#else
static git_allocator bound = {.gmalloc = bound_malloc, .grealloc = bound_realloc, .gfree = free};
#endif

void object_memory_bound(void)
{
    git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &bound);
}

bool object_memory_refused(void)
{
    bool was = refused;
    refused = false;
    return was;
}
