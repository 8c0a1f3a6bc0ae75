#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "build_parts.h"

enum { LINE_MOST = 200 };

/* Compilers print what they were given ("./a.c"), debuggers and linkers what
 * that was in the sandbox ("/src/./a.c"). The course's headers are links in
 * the copy, and so nobody's own. */
char *build_own_file(const char *source, const char *name, size_t len)
{
    if (len == 0 || len > 4096 || memchr(name, 0, len))
        return NULL;
    char *text = x_strndup(name, len), *path = path_below("/src", text);
    if (path && !path_plain_file(source, path)) {
        free(path);
        path = NULL;
    }
    free(text);
    return path;
}

/* The n-th line's beginning, and its length without the line end. */
static const char *nth_line(const char *text, size_t len, int line, size_t *line_len)
{
    const char *end = text + len, *newline;
    while (--line > 0 && (newline = memchr(text, '\n', (size_t)(end - text))))
        text = newline + 1;
    if (line > 0 || text >= end)
        return NULL;
    newline = memchr(text, '\n', (size_t)(end - text));
    *line_len = (size_t)((newline ? newline : end) - text);
    return text;
}

static char *quoted(const char *text, size_t len)
{
    while (len && (*text == ' ' || *text == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\r' || text[len - 1] == '\t'))
        len--;
    Buf clean;
    buf_init(&clean, 8 * LINE_MOST);
    text_clean(&clean, text, len > LINE_MOST ? LINE_MOST : len);
    if (len > LINE_MOST)
        buf_str(&clean, "...");
    return buf_take(&clean);
}

char *build_read_own(const char *source, const char *own, size_t *len)
{
    char *path = x_printf("%s/%s", source, own);
    char *text = x_calloc(1, BUILD_FILE_MOST);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 0;
    *len = 0;
    while (n >= 0 && *len < BUILD_FILE_MOST &&
           (n = read(fd, text + *len, BUILD_FILE_MOST - *len)) > 0)
        *len += (size_t)n;
    if (fd >= 0)
        close(fd);
    free(path);
    return text;
}

char *build_line_of(const char *source, const char *file, int line)
{
    char *own = file && line > 0 ? build_own_file(source, file, strlen(file)) : NULL;
    if (!own)
        return NULL;
    size_t len, line_len = 0;
    char *text = build_read_own(source, own, &len), *found = NULL;
    const char *at = len ? nth_line(text, len, line, &line_len) : NULL;
    if (at)
        found = quoted(at, line_len);
    free(text);
    free(own);
    return found;
}

char *build_source_line(const Build *build, const char *file, int line)
{
    return build->folder ? build_line_of(build->folder, file, line) : NULL;
}
