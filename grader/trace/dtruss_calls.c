#include "trace/dtruss_parser.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"

/* Numbers of macOS, since dtruss writes no names. */
enum {
    MAC_F_DUPFD = 0,
    MAC_F_SETFL = 4,
    MAC_F_DUPFD_CLOEXEC = 67,
    MAC_O_NONBLOCK = 0x4,
    MAC_MSG_PEEK = 0x2,
    MAC_MSG_DONTWAIT = 0x80,
    MAC_EVFILT_READ = -1,
    MAC_EVFILT_WRITE = -2,
    MAC_EV_ADD = 0x1,
    MAC_EV_DELETE = 0x2,
    MAC_EV_ONESHOT = 0x10,
    MAC_EV_CLEAR = 0x20,
    MAC_EV_ERROR = 0x4000,
    MAC_EV_EOF = 0x8000,
    CHANGES_MOST = 256 /* of one call */
};
#define MAC_FIONBIO INT64_C(0x8004667e)

typedef struct DtrussSpec {
    const char *name;
    void (*handle)(DtrussCall *call, const struct DtrussSpec *spec);
    EventKind kind;
    int arg; /* READ, WRITE: index of the MSG_ flags; kevent: of its timeout */
} DtrussSpec;

static int64_t number_at(const DtrussCall *call, int i, int64_t otherwise)
{
    int64_t value;
    return i < call->n_args && slice_number(call->args[i], &value, NULL) ? value : otherwise;
}

/* -1 comes as 0xFFFFFFFF and as 0xFFFFFFFFFFFFFFFF. */
static int fd_at(const DtrussCall *call, int i)
{
    int64_t fd = number_at(call, i, -1);
    return fd >= 0 && fd < INT32_MAX ? (int)fd : -1;
}

static Event event_of(const DtrussCall *call, EventKind kind, int fd)
{
    return (Event){.kind = kind,
                   .process = call->process,
                   .thread = call->thread,
                   .fd = fd,
                   .object = trace_lookup(call->trace, call->process, fd),
                   .start_ns = call->start_ns,
                   .end_ns = call->end_ns,
                   .call = call->name,
                   .result = call->error ? -1 : call->result,
                   .error = call->error};
}

static Event *add(DtrussCall *call, Event event)
{
    event.raw = slice_evidence(call->text);
    return trace_add_take(call->trace, &event);
}

/* --- descriptors --- */

static void on_socket(DtrussCall *call, const DtrussSpec *spec)
{
    int fd = call->error ? -1 : (int)call->result;
    trace_open(call->trace, call->process, fd,
               spec->kind == EV_QUEUE ? OBJECT_QUEUE : OBJECT_SOCKET, call->end_ns);
    Event event = event_of(call, spec->kind, fd);
    if (spec->kind == EV_QUEUE) {
        event.via = VIA_KQUEUE;
        event.queue = event.object;
    }
    add(call, event);
}

static void on_listen(DtrussCall *call, const DtrussSpec *spec)
{
    Event event = event_of(call, spec->kind, fd_at(call, 0));
    if (!call->error)
        trace_set_kind(call->trace, event.object, OBJECT_LISTENER);
    add(call, event);
}

static void on_accept(DtrussCall *call, const DtrussSpec *spec)
{
    int fd = call->error ? -1 : (int)call->result;
    unsigned listener = trace_lookup(call->trace, call->process, fd_at(call, 0));
    unsigned object = trace_open(call->trace, call->process, fd, OBJECT_CONNECTION, call->end_ns);
    if (object)
        trace_object_mutable(call->trace, object)->listener = listener;
    Event event = event_of(call, spec->kind, fd);
    event.listener = listener;
    add(call, event);
}

static void on_close(DtrussCall *call, const DtrussSpec *spec)
{
    int fd = fd_at(call, 0);
    Event event = event_of(call, spec->kind, fd);
    if (!call->error) {
        trace_close(call->trace, call->process, fd, call->end_ns);
        const Object *object = trace_object(call->trace, event.object);
        event.flags = object && !object->names ? EVF_LAST : 0;
    }
    add(call, event);
}

static void on_dup(DtrussCall *call, const DtrussSpec *spec)
{
    if (call->error)
        return;
    trace_dup(call->trace, call->process, fd_at(call, 0), (int)call->result, call->end_ns);
    add(call, event_of(call, EV_DUP, (int)call->result));
    (void)spec;
}

static void nonblock(DtrussCall *call, bool on)
{
    Event event = event_of(call, EV_NONBLOCK, fd_at(call, 0));
    event.flags = on ? EVF_SET : 0;
    add(call, event);
}

static void on_fcntl(DtrussCall *call, const DtrussSpec *spec)
{
    int64_t command = number_at(call, 1, -1);
    if (command == MAC_F_SETFL)
        nonblock(call, number_at(call, 2, 0) & MAC_O_NONBLOCK);
    else if (command == MAC_F_DUPFD || command == MAC_F_DUPFD_CLOEXEC)
        on_dup(call, spec);
}

/* The value is behind an address: to be set is what it is called for. */
static void on_ioctl(DtrussCall *call, const DtrussSpec *spec)
{
    (void)spec;
    if ((number_at(call, 1, 0) & 0xffffffff) == MAC_FIONBIO)
        nonblock(call, !slice_is(call->args[2], "[0]"));
}

static void on_plain(DtrussCall *call, const DtrussSpec *spec)
{
    add(call, event_of(call, spec->kind, fd_at(call, 0)));
}

static void on_fork(DtrussCall *call, const DtrussSpec *spec)
{
    if (!call->error && call->result > 0 && call->result <= INT32_MAX)
        trace_fork(call->trace, call->process, (int)call->result);
    if (call->result != 0) /* 0: the child's own line */
        add(call, event_of(call, spec->kind, -1));
}

/* --- bytes --- */

static void take_data(DtrussCall *call, Event *event)
{
    bool cut = false;
    Buf *data = &call->parser->scratch;
    buf_clear(data);
    if (call->error || call->result <= 0 || !slice_string(call->args[1], data, &cut))
        return;
    size_t len = data->len < (size_t)call->result ? data->len : (size_t)call->result;
    if (len < (size_t)call->result)
        event->flags |= EVF_CUT;
    if (len) {
        event->data = x_strndup(data->data, len);
        event->data_len = len;
    }
}

static void on_move(DtrussCall *call, const DtrussSpec *spec)
{
    Event event = event_of(call, spec->kind, fd_at(call, 0));
    int64_t flags = spec->arg >= 0 ? number_at(call, spec->arg, 0) : 0;
    event.flags |= flags & MAC_MSG_PEEK ? EVF_PEEK : 0;
    event.flags |= flags & MAC_MSG_DONTWAIT ? EVF_DONTWAIT : 0;
    take_data(call, &event);
    add(call, event);
}

/* --- waiting --- */

static int64_t timeout_at(const DtrussCall *call, int i)
{
    if (i < call->n_args && slice_starts(call->args[i], "{"))
        return slice_time(call->args[i]);
    return number_at(call, i, 1) == 0 ? -1 : TIMEOUT_UNKNOWN; /* NULL: without end */
}

static unsigned filter_flags(int64_t filter)
{
    if (filter == MAC_EVFILT_READ)
        return EVF_READABLE;
    return filter == MAC_EVFILT_WRITE ? EVF_WRITABLE : 0;
}

static int64_t field(Slice item, const char *name)
{
    int64_t value;
    return slice_number(slice_field(item, name), &value, NULL) ? value : 0;
}

static void on_change(DtrussCall *call, unsigned queue, Slice item)
{
    bool known = item.len > 0;
    int64_t filter = field(item, "filter"), flags = field(item, "flags");
    int64_t ident = known ? field(item, "ident") : -1;
    Event event = event_of(call, EV_WATCH, ident >= 0 && ident < INT32_MAX ? (int)ident : -1);
    event.via = VIA_KQUEUE;
    event.queue = queue;
    event.token = (uint64_t)field(item, "udata");
    event.flags = filter_flags(filter);
    event.flags |= flags & MAC_EV_ADD ? EVF_ADD : 0;
    event.flags |= flags & MAC_EV_DELETE ? EVF_REMOVE : 0;
    event.flags |= flags & MAC_EV_ONESHOT ? EVF_ONESHOT : 0;
    event.flags |= flags & MAC_EV_CLEAR ? EVF_EDGE : 0;
    event.end_ns = event.start_ns;
    int64_t key = (int64_t)event.fd * 16 - filter;
    if (!call->error && flags & MAC_EV_DELETE)
        trace_unwatch(call->trace, queue, event.object, key, call->start_ns);
    else if (!call->error && flags & MAC_EV_ADD)
        trace_watch(call->trace, queue, event.object, key, event.token, call->start_ns);
    add(call, event);
}

static void on_ready(DtrussCall *call, unsigned queue, Slice item)
{
    int64_t flags = field(item, "flags"), ident = field(item, "ident");
    Event event =
        event_of(call, EV_WAKE, item.len && ident >= 0 && ident < INT32_MAX ? (int)ident : -1);
    event.via = VIA_KQUEUE;
    event.queue = queue;
    event.token = (uint64_t)field(item, "udata");
    event.flags = filter_flags(field(item, "filter"));
    event.flags |= flags & MAC_EV_EOF ? EVF_HANGUP : 0;
    event.flags |= flags & MAC_EV_ERROR ? EVF_ERROR : 0;
    event.start_ns = event.end_ns = call->end_ns;
    add(call, event);
}

/* kevent(queue, changes, n, events, n, timeout): n changes, and a wait if
 * there is room for events (dtruss itself shows three arguments only). */
static void on_kevent(DtrussCall *call, const DtrussSpec *spec)
{
    unsigned queue = trace_lookup(call->trace, call->process, fd_at(call, 0));
    int64_t changes = number_at(call, 2, 0);
    Slice list = call->args[1], item;
    bool shown = slice_starts(list, "[");
    for (int64_t i = 0; i < changes && i < CHANGES_MOST; i++) {
        if (!shown || !slice_item(&list, &item) || !slice_starts(item, "{"))
            item = SLICE("");
        on_change(call, queue, item);
    }
    if (call->n_args > 4 && number_at(call, 4, 0) <= 0)
        return;
    Event wait = event_of(call, EV_WAIT, -1);
    wait.via = VIA_KQUEUE;
    wait.queue = queue;
    wait.timeout_ns = call->n_args > spec->arg ? timeout_at(call, spec->arg) : TIMEOUT_UNKNOWN;
    add(call, wait);
    list = call->args[3];
    shown = slice_starts(list, "[");
    for (int64_t i = 0; i < call->result && i < CHANGES_MOST && !call->error; i++) {
        if (!shown || !slice_item(&list, &item) || !slice_starts(item, "{"))
            item = SLICE("");
        on_ready(call, queue, item);
    }
}

/* poll(fds, n, ms), select(n, in, out, except, timeout): what is watched is not shown. */
static void on_poll(DtrussCall *call, const DtrussSpec *spec)
{
    bool poll = spec->arg == 2;
    bool none = number_at(call, poll ? 1 : 0, 1) == 0;
    Event event = event_of(call, none ? EV_SLEEP : EV_WAIT, -1);
    event.via = none ? VIA_NONE : poll ? VIA_POLL : VIA_SELECT;
    event.timeout_ns = timeout_at(call, spec->arg);
    if (poll) {
        int64_t ms = (int32_t)number_at(call, 2, -1);
        event.timeout_ns = ms < 0 ? -1 : ms * NS_PER_MS;
    }
    add(call, event);
}

/* __semwait_signal(2) is nanosleep(2): that it times out is success. */
static void on_sleep(DtrussCall *call, const DtrussSpec *spec)
{
    Event event = event_of(call, spec->kind, -1);
    event.timeout_ns = TIMEOUT_UNKNOWN;
    int64_t s = number_at(call, 4, -1), ns = number_at(call, 5, -1);
    if (s >= 0 && ns >= 0 && ns < NS_PER_S && s < INT32_MAX)
        event.timeout_ns = s * NS_PER_S + ns;
    if (event.error == ETIMEDOUT)
        event.result = event.error = 0;
    add(call, event);
}

static const DtrussSpec specs[] = {
    {"__semwait_signal", on_sleep, EV_SLEEP, 0},
    {"accept", on_accept, EV_ACCEPT, 0},
    {"close", on_close, EV_CLOSE, 0},
    {"dup", on_dup, EV_DUP, 0},
    {"dup2", on_dup, EV_DUP, 0},
    {"fcntl", on_fcntl, EV_NONBLOCK, 0},
    {"fork", on_fork, EV_SPAWN, 0},
    {"ioctl", on_ioctl, EV_NONBLOCK, 0},
    {"kevent", on_kevent, EV_WAIT, 5},
    {"kevent64", on_kevent, EV_WAIT, 6},
    {"kqueue", on_socket, EV_QUEUE, 0},
    {"listen", on_listen, EV_LISTEN, 0},
    {"poll", on_poll, EV_WAIT, 2},
    {"read", on_move, EV_READ, -1},
    {"readv", on_move, EV_READ, -1},
    {"recvfrom", on_move, EV_READ, 3},
    {"recvmsg", on_move, EV_READ, 2},
    {"select", on_poll, EV_WAIT, 4},
    {"sendmsg", on_move, EV_WRITE, 2},
    {"sendto", on_move, EV_WRITE, 3},
    {"shutdown", on_plain, EV_SHUTDOWN, 0},
    {"socket", on_socket, EV_SOCKET, 0},
    {"vfork", on_fork, EV_SPAWN, 0},
    {"write", on_move, EV_WRITE, -1},
    {"writev", on_move, EV_WRITE, -1},
};

bool dtruss_call(DtrussCall *call, Slice name)
{
    static const char nocancel[] = "_nocancel";
    if (slice_ends(name, nocancel))
        name.len -= sizeof nocancel - 1;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        if (slice_is(name, specs[i].name)) {
            call->name = specs[i].name;
            specs[i].handle(call, &specs[i]);
            return true;
        }
    }
    return false;
}
