#include "exercises/served.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "exercises/common.h"

enum { STDOUT_MOST = 2 << 20, QUOTED = 70 };

typedef struct Bytes {
    const char *data;
    size_t len;
} Bytes;

static Bytes rest_of(Bytes text, size_t from)
{
    return (Bytes){text.data + from, text.len - from};
}

static long find(Bytes text, Bytes wanted)
{
    const char *at = wanted.len ? memmem(text.data, text.len, wanted.data, wanted.len) : NULL;
    return at ? at - text.data : -1;
}

static Buf stdout_of(const Observation *run)
{
    Buf text;
    buf_init(&text, STDOUT_MOST);
    capture_text(&run->out, &text);
    return text;
}

static bool starts_with(Bytes text, Bytes start)
{
    return text.len >= start.len && memcmp(text.data, start.data, start.len) == 0;
}

/* `line` begins with the whole label `task K: `. */
static Served behind_label(Bytes line, Bytes label, Bytes data)
{
    Bytes body = rest_of(line, label.len);
    if (!starts_with(body, data))
        return SERVED_UNLABELLED;
    Bytes after = rest_of(body, data.len);
    Bytes next = {"task ", 5}, line_end = {"\n", 1}, network_line_end = {"\r\n", 2};
    if (data.data[data.len - 1] == '\n' || starts_with(after, line_end) ||
        starts_with(after, network_line_end))
        return SERVED_WHOLE;
    return after.len == 0 || starts_with(after, next) ? SERVED_NO_LINE_END : SERVED_DECORATED;
}

/* `line` goes on to the end of stdout; where does the data stand on it? */
static Served on_line(Bytes line, Bytes label, Bytes data)
{
    if (starts_with(line, label) && behind_label(line, label, data) != SERVED_UNLABELLED)
        return behind_label(line, label, data);
    /* "[4] task 1 got 5 bytes: hello!": whatever stands around it, the number is before the data. */
    Bytes number = {label.data, label.len - 2};
    const char *end = memchr(line.data, '\n', line.len);
    size_t len = end ? (size_t)(end - line.data) : line.len;
    long at = find((Bytes){line.data, len}, number);
    if (at < 0)
        return SERVED_NOT;
    Bytes body = rest_of(line, (size_t)at + number.len);
    if (body.len && body.data[0] >= '0' && body.data[0] <= '9')
        return SERVED_NOT;
    bool has_end = data.data[data.len - 1] == '\n';
    long found = find(body, (Bytes){data.data, data.len - has_end});
    bool same_line = found >= 0 && !memchr(body.data, '\n', (size_t)found);
    return same_line ? SERVED_DECORATED : SERVED_NOT;
}

static Served search(Bytes text, int task, Bytes data)
{
    char label_text[24];
    snprintf(label_text, sizeof label_text, "task %d: ", task);
    Bytes label = {label_text, strlen(label_text)};
    Served best = find(text, data) >= 0 ? SERVED_UNLABELLED : SERVED_NOT;
    for (Bytes line = text; line.len;) {
        Served here = on_line(line, label, data);
        if (here > best)
            best = here;
        const char *end = memchr(line.data, '\n', line.len);
        line = end ? rest_of(line, (size_t)(end + 1 - line.data)) : (Bytes){"", 0};
    }
    return best;
}

static Bytes sent_to(const Observation *run, int task)
{
    if (task < 1 || task > run->n_clients)
        return (Bytes){"", 0};
    return (Bytes){run->clients[task - 1].sent.data, run->clients[task - 1].sent.len};
}

Served served(const Observation *run, int task)
{
    Bytes data = sent_to(run, task);
    if (data.len == 0 || !any_was_read(run, data.len)) /* it may know the words before they come */
        return SERVED_NOT;
    Buf text = stdout_of(run);
    Served result = search((Bytes){text.data, text.len}, task, data);
    buf_release(&text);
    return result;
}

Served served_all(const Observation *run, int tasks)
{
    Served worst = SERVED_WHOLE;
    for (int task = 1; task <= tasks; task++) {
        Served one = served(run, task);
        if (one < worst)
            worst = one;
    }
    return worst;
}

long served_at(const Observation *run, int task)
{
    Bytes data = sent_to(run, task);
    if (data.len && data.data[data.len - 1] == '\n')
        data.len--;
    Buf text = stdout_of(run);
    long at = find((Bytes){text.data, text.len}, data);
    buf_release(&text);
    return at;
}

bool said_closed(const Observation *run, int task)
{
    char line[40];
    int len = snprintf(line, sizeof line, "\ntask %d: closed\n", task);
    Buf text, all = stdout_of(run);
    buf_init(&text, STDOUT_MOST + 2);
    buf_char(&text, '\n');
    buf_add(&text, all.data, all.len);
    buf_char(&text, '\n');
    bool said = find((Bytes){text.data, text.len}, (Bytes){line, (size_t)len}) >= 0;
    buf_release(&all);
    buf_release(&text);
    return said;
}

const char *how_stdout_ended(const Observation *run, char *text, size_t size)
{
    Buf all = stdout_of(run), quoted;
    buf_init(&quoted, 512);
    Bytes body = {all.data, all.len};
    const char *end = memchr(body.data, '\n', body.len);
    bool listens = end && strncmp(body.data, "listening on ", 13) == 0;
    if (listens)
        body = rest_of(body, (size_t)(end + 1 - body.data));
    bool cut = body.len > QUOTED; /* the end tells: WouldBlock lines may stand before it */
    if (cut)
        body = rest_of(body, body.len - QUOTED);
    text_quote(&quoted, body.data, body.len, QUOTED);
    if (body.len)
        snprintf(text, size, "ended in \"%s%s\"", cut ? "..." : "", quoted.data);
    else
        snprintf(text, size, listens ? "ended with the listening line" : "stayed empty");
    buf_release(&all);
    buf_release(&quoted);
    return text;
}
