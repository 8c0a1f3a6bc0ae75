/* A Trace in words, one event a line: what the recorded logs are compared with. Times are in
 * microseconds since the first event, process and thread ids are numbered as they appear. */
#ifndef TRACE_DUMP_H
#define TRACE_DUMP_H

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "trace/trace.h"

enum { DUMP_MOST = 1 << 24, DUMP_IDS = 64 };

typedef struct DumpIds {
    int ids[DUMP_IDS], n;
} DumpIds;

static int dump_id(DumpIds *ids, int id)
{
    for (int i = 0; i < ids->n; i++)
        if (ids->ids[i] == id)
            return i + 1;
    if (ids->n < DUMP_IDS)
        ids->ids[ids->n++] = id;
    return ids->n;
}

static void dump_flags(Buf *out, unsigned flags)
{
    static const char *const names[] = {
        "readable", "writable", "hangup",     "error",     "edge",     "oneshot", "add",
        "modify",   "remove",   "transient",  "set",       "dontwait", "peek",    "thread",
        "last",     "cut",      "unfinished", "restarted", "cloexec"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & 1u << i)
            buf_printf(out, " %s", names[i]);
}

static void dump_time(Buf *out, const char *name, int64_t ns)
{
    if (ns == -1)
        buf_printf(out, " %s=never", name);
    else if (ns == TIMEOUT_UNKNOWN)
        buf_printf(out, " %s=unknown", name);
    else
        buf_printf(out, " %s=%" PRId64 "us", name, ns / 1000);
}

/* Not strerror(), whose words are not everywhere the same. */
static const char *dump_error(int error)
{
    static const struct {
        int error;
        const char *name;
    } names[] = {{EAGAIN, "EAGAIN"},     {EINTR, "EINTR"},        {EBADF, "EBADF"},
                 {EEXIST, "EEXIST"},     {EINVAL, "EINVAL"},      {ENOENT, "ENOENT"},
                 {ENOTCONN, "ENOTCONN"}, {ETIMEDOUT, "ETIMEDOUT"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error)
            return names[i].name;
    return "another error";
}

static void dump_event(Buf *out, const Event *event, int64_t zero_ns, DumpIds *ids)
{
    static const char *const vias[] = {"", " epoll", " kqueue", " poll", " select"};
    int process = dump_id(ids, event->process), thread = dump_id(ids, event->thread);
    buf_printf(out, "%8" PRId64 " +%-6" PRId64 " %d/%d %s%s", (event->start_ns - zero_ns) / 1000,
               (event->end_ns - event->start_ns) / 1000, process, thread,
               event_kind_name(event->kind), vias[event->via]);
    if (event->fd >= 0 || event->object)
        buf_printf(out, " fd=%d#%u", event->fd, event->object);
    if (event->queue)
        buf_printf(out, " queue=#%u", event->queue);
    if (event->listener)
        buf_printf(out, " listener=#%u", event->listener);
    if (event->kind == EV_WATCH || event->kind == EV_WAKE)
        buf_printf(out, " token=%" PRIu64, event->token);
    if (event->kind == EV_WAIT || event->kind == EV_SLEEP)
        dump_time(out, "timeout", event->timeout_ns);
    if (event->signal)
        buf_printf(out, " signal=%d", event->signal);
    dump_flags(out, event->flags);
    if (event->kind == EV_SPAWN && event->result > 0)
        buf_printf(out, " = id %d", dump_id(ids, (int)event->result));
    else if (event->error)
        buf_printf(out, " = %" PRId64 " %s", event->result, dump_error(event->error));
    else
        buf_printf(out, " = %" PRId64, event->result);
    if (event->data) {
        buf_str(out, " \"");
        text_quote(out, event->data, event->data_len, 80);
        buf_str(out, "\"");
    }
    for (int i = 0; i < event->stack_len; i++)
        buf_printf(out, " %s:%d", event->stack[i].file, event->stack[i].line);
    buf_printf(out, " (%s)\n", event->call);
}

static void dump_objects(Buf *out, const Trace *trace)
{
    static const char *const kinds[] = {"other", "stdio", "socket",   "listener", "connection",
                                        "queue", "timer", "signalfd", "eventfd"};
    for (unsigned i = 1; i <= trace_objects(trace); i++) {
        const Object *object = trace_object(trace, i);
        buf_printf(out, "#%u %s fd=%d names=%d%s", i, kinds[object->kind], object->fd,
                   object->names, object->closed_ns ? " closed" : "");
        if (object->kind == OBJECT_CONNECTION)
            buf_printf(out, " ordinal=%d listener=#%u", object->ordinal, object->listener);
        buf_char(out, '\n');
    }
}

static void trace_dump(Buf *out, const Trace *trace)
{
    DumpIds ids = {.n = 0};
    const Event *first = trace_at(trace, 0);
    for (size_t i = 0; i < trace_len(trace); i++)
        dump_event(out, trace_at(trace, i), first->start_ns, &ids);
    dump_objects(out, trace);
    buf_printf(out, "would block: %" PRIu64 "\n", trace_count_would_block(trace));
}

#endif
