#include "commands/commands.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

const char *environment_wrong(void)
{
    return clock_slow_wrong();
}

int usage_error(const char *command, const char *format, ...)
{
    fprintf(stderr, "grader%s%s: ", command ? " " : "", command ? command : "");
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry: grader %s%s--help\n", command ? command : "", command ? " " : "");
    return STATUS_USAGE;
}

int our_error(const char *format, ...)
{
    fputs("grader: ", stderr);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return STATUS_OURS;
}

int find_exercise(const char *name)
{
    for (int i = 0; i < course_len; i++) {
        const char *id = course[i].exercise->id;
        size_t digits = strspn(name, "0123456789");
        bool numbered =
            digits && !name[digits] && strncmp(id + 2, name, digits) == 0 && id[2 + digits] == '_';
        if (numbered || strcmp(name, id) == 0)
            return i;
    }
    return -1;
}

bool wants_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(stream)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

bool shows_blocks(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int terminal_width(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 80;
}

static bool fill(const char *path, const Buf *out)
{
    FILE *file = fopen(path, "w");
    bool ok = file && fwrite(out->data, 1, out->len, file) == out->len && fflush(file) == 0;
    if (file && fclose(file) != 0)
        ok = false;
    return ok;
}

/* A file is replaced when the new one is whole; a device, a pipe or a link is written to. */
static int write_file(const char *path, const Buf *out)
{
    struct stat info;
    bool in_place = lstat(path, &info) == 0 && !S_ISREG(info.st_mode);
    char *beside = in_place ? x_strdup(path) : x_printf("%s.%ld.part", path, (long)getpid());
    bool ok = fill(beside, out) && (in_place || rename(beside, path) == 0);
    if (!ok) {
        our_error("cannot write %s: %s. Choose another place with --output", path, strerror(errno));
        if (!in_place)
            unlink(beside);
    }
    free(beside);
    return ok ? 0 : -1;
}

int write_output(const char *path, const Buf *out)
{
    if (path && strcmp(path, "-") != 0)
        return write_file(path, out);
    if (fwrite(out->data, 1, out->len, stdout) == out->len && fflush(stdout) == 0)
        return 0;
    our_error("cannot write to stdout: %s. Send it to a file or a program that takes it all",
              strerror(errno));
    return -1;
}

bool parse_number(const char *text, long least, long most, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    return *text && !*end && !errno && *number >= least && *number <= most;
}
