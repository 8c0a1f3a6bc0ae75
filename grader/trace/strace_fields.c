#include "trace/strace_fields.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* --- numbers --- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* Wraps around rather than overflows: a token may use all 64 bits. */
static size_t digits(Slice slice, size_t at, int base, uint64_t *value)
{
    *value = 0;
    for (; at < slice.len && digit_of(slice.at[at]) < base; at++)
        *value = *value * (unsigned)base + (unsigned)digit_of(slice.at[at]);
    return at;
}

bool slice_number(Slice slice, int64_t *value, size_t *used)
{
    bool minus = slice.len && slice.at[0] == '-';
    size_t from = minus;
    int base = 10;
    if (slice.len > from + 2 && slice.at[from] == '0') {
        base = slice.at[from + 1] == 'x' ? 16 : 8;
        from += base == 16 ? 2 : 0;
    }
    uint64_t raw;
    size_t end = digits(slice, from, base, &raw);
    if (end == from)
        return false;
    *value = (int64_t)(minus ? -raw : raw);
    if (used)
        *used = end;
    return true;
}

static int64_t number_or(Slice slice, int64_t otherwise)
{
    int64_t value;
    return slice_number(slice, &value, NULL) ? value : otherwise;
}

/* --- descriptors --- */

int slice_fd(Slice slice)
{
    int64_t fd = number_or(slice, -1);
    return fd >= 0 && fd <= INT32_MAX ? (int)fd : -1;
}

static Slice decoration(Slice slice)
{
    size_t at = 0;
    while (at < slice.len && isdigit((unsigned char)slice.at[at]))
        at++;
    bool found = at && at < slice.len && slice.at[at] == '<';
    return found ? slice_from(slice, at + 1) : (Slice){NULL, 0};
}

bool slice_fd_known(Slice slice)
{
    return decoration(slice).at != NULL;
}

ObjectKind slice_fd_kind(Slice slice)
{
    static const struct {
        const char *begins;
        ObjectKind kind;
    } kinds[] = {
        {"socket:", OBJECT_SOCKET},
        {"TCP", OBJECT_SOCKET},
        {"UNIX", OBJECT_SOCKET},
        {"anon_inode:[eventpoll]", OBJECT_QUEUE},
        {"anon_inode:[timerfd]", OBJECT_TIMER},
        {"anon_inode:[signalfd]", OBJECT_SIGNALFD},
        {"anon_inode:[eventfd]", OBJECT_EVENTFD},
    };
    Slice what = decoration(slice);
    for (size_t i = 0; what.at && i < sizeof kinds / sizeof *kinds; i++)
        if (slice_starts(what, kinds[i].begins))
            return kinds[i].kind;
    return OBJECT_OTHER;
}

/* --- flags --- */

static Slice first_flag(Slice slice)
{
    size_t len = 0;
    while (len < slice.len && slice.at[len] != '|' && slice.at[len] != ' ')
        len++;
    return (Slice){slice.at, len};
}

unsigned slice_flags(Slice slice, const FlagName *table)
{
    unsigned flags = 0;
    while (slice.len) {
        Slice flag = first_flag(slice);
        for (const FlagName *known = table; known->name; known++)
            if (slice_is(flag, known->name))
                flags |= known->flag;
        slice = slice_from(slice, flag.len + 1);
    }
    return flags;
}

bool slice_has_flag(Slice slice, const char *name)
{
    return slice_flags(slice, (const FlagName[]){{name, 1}, {NULL, 0}}) != 0;
}

/* --- strings --- */

static const char *const simple_escapes = "n\nt\tr\rv\vf\f\\\\\"\"";

/* One escape behind its backslash; returns its length. */
static size_t unescape(Slice slice, Buf *out)
{
    uint64_t value;
    size_t end;
    char c = slice.at[0];
    if (c == 'x' && slice.len > 2) {
        end = digits((Slice){slice.at, 3}, 1, 16, &value);
        buf_char(out, (char)value);
        return end;
    }
    end = digits((Slice){slice.at, slice.len < 3 ? slice.len : 3}, 0, 8, &value);
    if (end) {
        buf_char(out, (char)value);
        return end;
    }
    for (const char *escape = simple_escapes; *escape; escape += 2)
        if (c == *escape)
            c = escape[1];
    buf_char(out, c);
    return 1;
}

bool slice_string(Slice slice, Buf *out, bool *cut)
{
    if (!slice.len || slice.at[0] != '"')
        return false;
    size_t at = 1;
    while (at < slice.len && slice.at[at] != '"') {
        size_t plain = at;
        while (plain < slice.len && slice.at[plain] != '"' && slice.at[plain] != '\\')
            plain++;
        buf_add(out, slice.at + at, plain - at);
        at = plain;
        if (at + 1 < slice.len && slice.at[at] == '\\')
            at += 1 + unescape(slice_from(slice, at + 1), out);
        else if (at < slice.len && slice.at[at] == '\\')
            at++;
    }
    *cut = at >= slice.len || slice_starts(slice_from(slice, at + 1), "...");
    return true;
}

void slice_vectors(Slice slice, Buf *out, bool *cut)
{
    Slice value;
    *cut = false;
    while (!*cut && slice_take_field(&slice, "iov_base", &value))
        if (!slice_string(value, out, cut))
            return;
}

/* --- times --- */

/* Longer times than a century are as good as none. */
static int64_t scaled(int64_t value, int64_t unit)
{
    const int64_t century_s = INT64_C(100) * 366 * 86400;
    return value < 0 || value > century_s * (NS_PER_S / unit) ? -1 : value * unit;
}

int64_t slice_ms(Slice slice)
{
    return scaled(number_or(slice, -1), NS_PER_MS);
}

int64_t slice_time(Slice slice)
{
    int64_t whole = scaled(number_or(slice_field(slice, "tv_sec"), -1), NS_PER_S);
    int64_t us = number_or(slice_field(slice, "tv_usec"), 0);
    int64_t ns = number_or(slice_field(slice, "tv_nsec"), 0);
    if (whole < 0 || us < 0 || ns < 0 || us >= 1000 * NS_PER_MS || ns >= NS_PER_S)
        return whole;
    return whole + ns + us * NS_PER_US;
}

bool slice_clock(Slice slice, int64_t *ns, size_t *used)
{
    uint64_t whole, part = 0;
    size_t end = digits(slice, 0, 10, &whole);
    if (end == 0 || end > 10 || whole > 9000000000u)
        return false;
    if (end < slice.len && slice.at[end] == '.') {
        size_t from = end + 1;
        end = digits(slice, from, 10, &part);
        if (end - from > 9)
            return false;
        for (size_t n = end - from; n < 9; n++)
            part *= 10;
    }
    *ns = (int64_t)whole * NS_PER_S + (int64_t)part;
    *used = end;
    return true;
}

/* --- names of errors and signals --- */

typedef struct NamedNumber {
    const char *name;
    int number;
} NamedNumber;

#define NAMED(x)                                                                                   \
    {                                                                                              \
#x, x                                                                                      \
    }

static int named(const NamedNumber *table, Slice name, int otherwise)
{
    for (; table->name; table++)
        if (slice_is(name, table->name))
            return table->number;
    return otherwise;
}

static Slice word(Slice slice)
{
    size_t len = 0;
    while (len < slice.len && (isalnum((unsigned char)slice.at[len]) || slice.at[len] == '_'))
        len++;
    return (Slice){slice.at, len};
}

int slice_errno(Slice slice)
{
    /* Those first that a loop meets. */
    static const NamedNumber table[] = {
        NAMED(EAGAIN),       NAMED(EINTR),        NAMED(EBADF),
        NAMED(EINVAL),       NAMED(ETIMEDOUT),    NAMED(EMFILE),
        NAMED(ENFILE),       NAMED(EPIPE),        NAMED(ECONNRESET),
        NAMED(ENOTCONN),     NAMED(EINPROGRESS),  NAMED(EALREADY),
        NAMED(EADDRINUSE),   NAMED(ECONNREFUSED), NAMED(ECONNABORTED),
        NAMED(EEXIST),       NAMED(ENOENT),       NAMED(EPERM),
        NAMED(EACCES),       NAMED(ENOMEM),       NAMED(EFAULT),
        NAMED(ENOTTY),       NAMED(ENOTSOCK),     NAMED(EISCONN),
        NAMED(EDESTADDRREQ), NAMED(EMSGSIZE),     NAMED(EPROTOTYPE),
        NAMED(ENOPROTOOPT),  NAMED(EOPNOTSUPP),   NAMED(EADDRNOTAVAIL),
        NAMED(ENETUNREACH),  NAMED(EHOSTUNREACH), NAMED(ENOBUFS),
        NAMED(ENOSYS),       NAMED(EIO),          NAMED(ENOSPC),
        NAMED(EFBIG),        NAMED(ESPIPE),       NAMED(EROFS),
        NAMED(EISDIR),       NAMED(ENOTDIR),      NAMED(ENODEV),
        NAMED(ENXIO),        NAMED(ESRCH),        NAMED(ECHILD),
        NAMED(EBUSY),        NAMED(ELOOP),        NAMED(ENAMETOOLONG),
        NAMED(EAFNOSUPPORT), NAMED(EDOM),         NAMED(ERANGE),
        NAMED(EDEADLK),      NAMED(ECANCELED),    NAMED(EOVERFLOW),
        NAMED(ENOEXEC),      NAMED(ENETDOWN),     {NULL, 0}};
    return named(table, word(slice), EPROTO);
}

int slice_signal(Slice slice)
{
    static const NamedNumber table[] = {
        NAMED(SIGHUP),    NAMED(SIGINT),   NAMED(SIGQUIT), NAMED(SIGILL),  NAMED(SIGTRAP),
        NAMED(SIGABRT),   NAMED(SIGBUS),   NAMED(SIGFPE),  NAMED(SIGKILL), NAMED(SIGUSR1),
        NAMED(SIGSEGV),   NAMED(SIGUSR2),  NAMED(SIGPIPE), NAMED(SIGALRM), NAMED(SIGTERM),
        NAMED(SIGCHLD),   NAMED(SIGCONT),  NAMED(SIGSTOP), NAMED(SIGTSTP), NAMED(SIGTTIN),
        NAMED(SIGTTOU),   NAMED(SIGURG),   NAMED(SIGXCPU), NAMED(SIGXFSZ), NAMED(SIGVTALRM),
        NAMED(SIGPROF),   NAMED(SIGWINCH), NAMED(SIGIO),   NAMED(SIGSYS),
#ifdef SIGSTKFLT
        NAMED(SIGSTKFLT), NAMED(SIGPWR),
#endif
        {NULL, 0}};
    Slice name = word(slice);
    if (slice_is(name, "SIGRTMIN"))
        return 32;
    if (slice_starts(name, "SIGRT_"))
        return 32 + (int)(number_or(slice_from(name, 6), 0) & 31);
    return named(table, name, 0);
}
