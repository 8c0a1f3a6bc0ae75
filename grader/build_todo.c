#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "build_parts.h"

enum { BRACKETS_MOST = 600, STOP_MOST = 80 };

static int is_source(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 2 && strcmp(entry->d_name + len - 2, ".c") == 0;
}

/* "(echo-one, 2;\n// many-clients, 4)" -> "echo-one, 2;    many-clients, 4". */
static char *in_brackets(const char *text, const char *end)
{
    if (end - text > BRACKETS_MOST)
        end = text + BRACKETS_MOST;
    const char *close = text < end ? memchr(text, ')', (size_t)(end - text)) : NULL;
    if (!close || *text != '(')
        return x_strdup("");
    char *checks = x_strndup(text + 1, (size_t)(close - text - 1));
    for (char *at = checks; *at; at++)
        if (strchr("\n\r\t/", *at))
            *at = ' ';
    return checks;
}

/* `text`: behind "TODO ". */
static char *stop_line(const char *text, const char *end)
{
    size_t len = 0, most = end - text < STOP_MOST ? (size_t)(end - text) : STOP_MOST;
    if (most < 2 || text[1] != ':')
        return x_strdup("");
    while (len < most && !strchr("%\"\n", text[len]))
        len++;
    return x_printf("TODO %.*s", (int)len, text);
}

static int read_todos(const char *file, const char *text, size_t len, Todo *todos, int n)
{
    static const char mark[] = "TODO ";
    const char *end = text + len;
    while (n < TODOS_MOST && (text = memmem(text, (size_t)(end - text), mark, sizeof mark - 1))) {
        text += sizeof mark - 1;
        if (text == end || *text < '1' || *text > '9')
            continue;
        const char *behind = text + 1 < end && text[1] == ' ' ? text + 2 : end;
        todos[n++] =
            (Todo){*text - '0', x_strdup(file), in_brackets(behind, end), stop_line(text, end)};
    }
    return n;
}

/* "#ifdef __linux__" or "#if defined __APPLE__ || ..." as the first directive: nothing of the file
 * is built elsewhere, and nobody there is to be sent to it. */
static bool for_another_kernel(const char *text, size_t len)
{
    static const char *const kernels[] = {"__linux__", "__APPLE__", "__FreeBSD__", "__NetBSD__",
                                          "__OpenBSD__"};
#ifdef __linux__
    const int here = 0, others = 1;
#else
    const int here = 1, others = 0;
#endif
    const char *first = len && text[0] == '#' ? text : memmem(text, len, "\n#", 2);
    if (!first)
        return false;
    first += *first == '\n';
    size_t left = len - (size_t)(first - text), line = 0;
    while (line < left && (first[line] != '\n' || first[line - 1] == '\\'))
        line++;
    bool named[2] = {false, false};
    for (int i = 0; i < 5; i++)
        named[i > 0] |= memmem(first, line, kernels[i], strlen(kernels[i])) != NULL;
    return left > 3 && memcmp(first, "#if", 3) == 0 && !memmem(first, line, "!", 1) &&
           first[3] != 'n' && named[others] && !named[here];
}

int build_todos(const Build *build, Todo *todos)
{
    struct dirent **names;
    int found = 0, n = build->folder ? scandir(build->folder, &names, is_source, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        size_t len;
        char *text = build_read_own(build->folder, names[i]->d_name, &len);
        if (!for_another_kernel(text, len))
            found = read_todos(names[i]->d_name, text, len, todos, found);
        free(text);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return found;
}

void todos_release(Todo *todos, int n)
{
    for (int i = 0; i < n; i++) {
        free(todos[i].file);
        free(todos[i].checks);
        free(todos[i].stop);
    }
}
