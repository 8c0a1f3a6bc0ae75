#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "build_parts.h"

enum { BRACKETS_MOST = 600 };

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

static int read_todos(const char *file, const char *text, size_t len, Todo *todos, int n)
{
    static const char mark[] = "TODO ";
    const char *end = text + len;
    while (n < TODOS_MOST && (text = memmem(text, (size_t)(end - text), mark, sizeof mark - 1))) {
        text += sizeof mark - 1;
        if (text == end || *text < '1' || *text > '9')
            continue;
        const char *behind = text + 1 < end && text[1] == ' ' ? text + 2 : end;
        todos[n++] = (Todo){*text - '0', x_strdup(file), in_brackets(behind, end)};
    }
    return n;
}

int build_todos(const Build *build, Todo *todos)
{
    struct dirent **names;
    int found = 0, n = build->folder ? scandir(build->folder, &names, is_source, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        size_t len;
        char *text = build_read_own(build->folder, names[i]->d_name, &len);
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
    }
}
