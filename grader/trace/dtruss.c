#include "trace/dtruss_parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const unsigned dtruss_blind =
    1u << EV_WATCH | 1u << EV_WAKE | 1u << EV_MARK | 1u << EV_SIGNAL | 1u << EV_EXIT;

DtrussParser *dtruss_parser_new(Trace *trace, int64_t zero_ns)
{
    DtrussParser *parser = x_calloc(1, sizeof *parser);
    parser->trace = trace;
    parser->zero_ns = zero_ns;
    buf_init(&parser->scratch, DTRUSS_LINE);
    return parser;
}

void dtruss_parser_free(DtrussParser *parser)
{
    if (!parser)
        return;
    buf_release(&parser->scratch);
    free(parser->line);
    free(parser);
}

uint64_t dtruss_parser_odd(const DtrussParser *parser)
{
    return parser->odd;
}

/* errno of macOS. Up to 34 the systems agree. */
static int error_of(int64_t number)
{
    static const struct {
        int theirs, ours;
    } table[] = {{35, EAGAIN},     {36, EINPROGRESS}, {37, EALREADY},      {38, ENOTSOCK},
                 {45, EOPNOTSUPP}, {48, EADDRINUSE},  {49, EADDRNOTAVAIL}, {53, ECONNABORTED},
                 {54, ECONNRESET}, {55, ENOBUFS},     {56, EISCONN},       {57, ENOTCONN},
                 {60, ETIMEDOUT},  {61, ECONNREFUSED}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].theirs == number)
            return table[i].ours;
    return number > 0 && number <= 34 ? (int)number : EPROTO;
}

/* --- one line --- */

static void take_blanks(Slice *text)
{
    while (text->len && (text->at[0] == ' ' || text->at[0] == '\t'))
        *text = slice_from(*text, 1);
}

static bool take_number(Slice *text, int64_t *value)
{
    size_t used;
    take_blanks(text);
    if (!slice_number(*text, value, &used) || *value < 0)
        return false;
    *text = slice_from(*text, used);
    return true;
}

/* "  749/0x1a0f:  " */
static bool take_thread(Slice *text, DtrussCall *call, int64_t *thread)
{
    int64_t process;
    if (!take_number(text, &process) || process > INT32_MAX || !text->len || text->at[0] != '/')
        return false;
    *text = slice_from(*text, 1);
    if (!take_number(text, thread) || !text->len || text->at[0] != ':')
        return false;
    *text = slice_from(*text, 1);
    call->process = (int)process;
    call->thread = (int)(*thread & INT32_MAX);
    return true;
}

static DtrussThread *thread_of(DtrussParser *parser, int64_t id)
{
    for (int i = 0; i < parser->n_threads; i++)
        if (parser->threads[i].id == id)
            return &parser->threads[i];
    if (parser->n_threads == DTRUSS_THREADS)
        return &parser->threads[DTRUSS_THREADS - 1];
    parser->threads[parser->n_threads] = (DtrussThread){.id = id};
    return &parser->threads[parser->n_threads++];
}

/* RELATIVE, ELAPSED and CPU, in microseconds, as far as they are there. */
static bool take_times(Slice *text, DtrussCall *call, int64_t thread)
{
    int64_t us[3] = {0, 0, 0}, number;
    for (int i = 0; i < 3 && take_number(text, &number); i++) {
        if (number < 0 || number > INT64_C(10) * 366 * 86400 * 1000000)
            return false;
        us[i] = number;
        if (text->len && text->at[0] == ':') /* so it writes the first line of a child */
            *text = slice_from(*text, 1);
    }
    DtrussThread *known = thread_of(call->parser, thread);
    int64_t slept = us[1] > us[2] ? (us[1] - us[2]) * NS_PER_US : 0;
    if (known->slept_ns < INT64_C(1) << 60)
        known->slept_ns += slept;
    call->end_ns = call->parser->zero_ns + us[0] * NS_PER_US + known->slept_ns;
    call->start_ns = call->end_ns - us[1] * NS_PER_US;
    return true;
}

/* " = -1 Err#35", " = 3 0" */
static bool read_result(Slice text, DtrussCall *call)
{
    size_t used;
    int64_t error;
    take_blanks(&text);
    if (!text.len || text.at[0] != '=')
        return false;
    text = slice_from(text, 1);
    take_blanks(&text);
    if (!slice_number(text, &call->result, &used))
        return false;
    text = slice_from(text, used);
    take_blanks(&text);
    call->error = 0;
    if (slice_starts(text, "Err#") && slice_number(slice_from(text, 4), &error, NULL))
        call->error = error_of(error);
    return true;
}

static bool read_call(Slice text, DtrussCall *call, Slice *name)
{
    size_t len = 0, used;
    while (len < text.len && text.at[len] != '(' && text.at[len] != ' ')
        len++;
    if (!len || len >= text.len || text.at[len] != '(')
        return false;
    *name = (Slice){text.at, len};
    call->text = text;
    for (int i = 0; i < DTRUSS_ARGS; i++)
        call->args[i] = SLICE("");
    call->n_args = slice_split(slice_from(text, len + 1), call->args, DTRUSS_ARGS, &used);
    return used && read_result(slice_from(text, len + 1 + used), call);
}

/* Whose first line it is: descriptors 0, 1 and 2 are there already. */
static void meet_process(DtrussParser *parser, int process)
{
    for (int i = 0; i < parser->n_processes; i++)
        if (parser->processes[i] == process)
            return;
    if (parser->n_processes == TRACE_PROCESSES)
        return;
    parser->processes[parser->n_processes++] = process;
    for (int fd = 0; fd < 3; fd++)
        if (!trace_lookup(parser->trace, process, fd))
            trace_open(parser->trace, process, fd, OBJECT_STDIO, 0);
}

static bool header(Slice text)
{
    take_blanks(&text);
    return !text.len || slice_starts(text, "PID/THRD") || slice_starts(text, "SYSCALL(") ||
           slice_starts(text, "CALL ") || slice_starts(text, "dtrace:");
}

static void on_line(DtrussParser *parser, const char *bytes, size_t len)
{
    Slice text = {bytes, len}, name;
    DtrussCall call = {.parser = parser, .trace = parser->trace};
    int64_t thread;
    if (header(text))
        return;
    bool sense = take_thread(&text, &call, &thread) && take_times(&text, &call, thread);
    take_blanks(&text);
    if (!sense || !read_call(text, &call, &name)) {
        parser->odd++;
        return;
    }
    meet_process(parser, call.process);
    dtruss_call(&call, name);
}

/* --- pieces --- */

static void keep_part(DtrussParser *parser, const char *bytes, size_t len)
{
    if (!parser->line)
        parser->line = x_calloc(1, DTRUSS_LINE);
    size_t room = DTRUSS_LINE - parser->line_len;
    size_t part = len < room ? len : room;
    memcpy(parser->line + parser->line_len, bytes, part);
    parser->line_len += part;
}

void dtruss_parser_feed(DtrussParser *parser, const char *bytes, size_t len)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t part = end ? (size_t)(end - bytes) : len;
        keep_part(parser, bytes, part);
        if (end) {
            on_line(parser, parser->line, parser->line_len);
            parser->line_len = 0;
            part++;
        }
        bytes += part;
        len -= part;
    }
}

void dtruss_parser_end(DtrussParser *parser)
{
    if (parser->line_len)
        on_line(parser, parser->line, parser->line_len);
    parser->line_len = 0;
}
