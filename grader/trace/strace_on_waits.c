/* Calls that wait for descriptors, and epoll_ctl(2). */
#include "trace/strace_parser.h"

#include <string.h>

static const FlagName poll_flags[] = {
    {"EPOLLIN", EVF_READABLE},     {"EPOLLOUT", EVF_WRITABLE},    {"EPOLLRDHUP", EVF_HANGUP},
    {"EPOLLHUP", EVF_HANGUP},      {"EPOLLERR", EVF_ERROR},       {"EPOLLET", EVF_EDGE},
    {"EPOLLONESHOT", EVF_ONESHOT}, {"EPOLLRDNORM", EVF_READABLE}, {"EPOLLWRNORM", EVF_WRITABLE},
    {"POLLIN", EVF_READABLE},      {"POLLOUT", EVF_WRITABLE},     {"POLLRDHUP", EVF_HANGUP},
    {"POLLHUP", EVF_HANGUP},       {"POLLERR", EVF_ERROR},        {"POLLNVAL", EVF_ERROR},
    {"POLLRDNORM", EVF_READABLE},  {"POLLWRNORM", EVF_WRITABLE},  {NULL, 0}};

/* Milliseconds, or a structure, or NULL. */
static int64_t timeout_of(const Call *call, int arg)
{
    if (call->n_args <= arg)
        return TIMEOUT_UNKNOWN;
    Slice timeout = call->args[arg];
    bool structure = slice_starts(timeout, "{") || slice_is(timeout, "NULL");
    return structure ? slice_time(timeout) : slice_ms(timeout);
}

static void add_wake(Call *call, const CallSpec *spec, Event wake)
{
    wake.kind = EV_WAKE;
    wake.start_ns = call->end_ns;
    wake.call = spec->name;
    call_add(call, wake);
}

/* --- epoll --- */

/* "data={u32=1, u64=651...}", or "data=0x..." of other versions. */
static uint64_t token_of(Slice event)
{
    Slice data = slice_field(event, "data"), wide = slice_field(data, "u64");
    int64_t token = 0;
    slice_number(wide.at ? wide : data, &token, NULL);
    return (uint64_t)token;
}

void finish_epoll_ctl(Call *call, const CallSpec *spec)
{
    static const FlagName operations[] = {{"EPOLL_CTL_ADD", EVF_ADD},
                                          {"EPOLL_CTL_MOD", EVF_MODIFY},
                                          {"EPOLL_CTL_DEL", EVF_REMOVE},
                                          {NULL, 0}};
    int fd;
    unsigned object = call_object(call, 2, &fd);
    Event event = call_event(call, spec, EV_WATCH, fd);
    event.via = VIA_EPOLL;
    event.queue = call_object(call, 0, NULL);
    event.flags |= slice_flags(call->args[1], operations);
    if (!(event.flags & EVF_REMOVE)) {
        event.flags |= slice_flags(slice_field(call->args[3], "events"), poll_flags);
        event.token = token_of(call->args[3]);
    }
    if (!call_failed(call) && event.flags & (EVF_ADD | EVF_MODIFY))
        trace_watch(call->trace, event.queue, object, fd, event.token, call->start_ns);
    else if (!call_failed(call) && event.flags & EVF_REMOVE)
        trace_unwatch(call->trace, event.queue, object, fd, call->end_ns);
    call_add(call, event);
}

void begin_epoll_wait(Call *call, const CallSpec *spec)
{
    Event event = call_event(call, spec, EV_WAIT, -1);
    event.via = VIA_EPOLL;
    event.queue = call_object(call, 0, NULL);
    event.timeout_ns = timeout_of(call, spec->arg);
    call_begin(call, &event);
}

void finish_epoll_wait(Call *call, const CallSpec *spec)
{
    Event *wait = call_begun(call, 0);
    unsigned queue = call_object(call, 0, NULL);
    if (wait) {
        wait->timeout_ns = timeout_of(call, spec->arg);
        queue = wait->queue;
        call_complete(call, wait);
    }
    Slice list = call->args[1], item;
    for (int64_t i = 0; i < call->outcome.result && slice_item(&list, &item); i++) {
        if (!slice_starts(item, "{"))
            break;
        int64_t fd = -1;
        Event wake = call_event(call, spec, EV_WAKE, -1);
        wake.via = VIA_EPOLL;
        wake.queue = queue;
        wake.flags = slice_flags(slice_field(item, "events"), poll_flags);
        wake.token = token_of(item);
        wake.object = trace_watched(call->trace, queue, wake.token, &fd);
        wake.fd = wake.object ? (int)fd : -1;
        add_wake(call, spec, wake);
    }
}

/* --- poll and select: the watches last for one call --- */

static void begin_watch(Call *call, const CallSpec *spec, Via via, int fd, unsigned flags)
{
    Event watch = call_event(call, spec, EV_WATCH, fd);
    watch.via = via;
    watch.flags |= flags | EVF_ADD | EVF_TRANSIENT;
    call_begin(call, &watch);
}

/* Known now, though it was opened by a call that is not traced. */
static void meet(Call *call, Slice decorated)
{
    int process = call->thread->process, fd = slice_fd(decorated);
    if (!trace_lookup(call->trace, process, fd) && slice_fd_known(decorated))
        trace_open(call->trace, process, fd, slice_fd_kind(decorated), call->start_ns);
}

/* With nothing to watch it only passes time. */
static void begin_wait(Call *call, const CallSpec *spec, Via via)
{
    bool watches = call->n_events > 0;
    Event wait = call_event(call, spec, watches ? EV_WAIT : EV_SLEEP, -1);
    wait.via = watches ? via : VIA_NONE;
    wait.timeout_ns = timeout_of(call, spec->arg);
    call_begin(call, &wait);
}

void begin_poll(Call *call, const CallSpec *spec)
{
    Slice list = call->args[0], item;
    if (!slice_starts(list, "["))
        list = slice_from(list, list.len);
    while (slice_item(&list, &item)) {
        Slice watched = slice_field(item, "fd");
        if (slice_fd(watched) < 0)
            continue;
        meet(call, watched);
        begin_watch(call, spec, VIA_POLL, slice_fd(watched),
                    slice_flags(slice_field(item, "events"), poll_flags));
    }
    begin_wait(call, spec, VIA_POLL);
}

/* Events of the call but the last are its watches, the last is the wait. */
static void complete_all(Call *call)
{
    for (int i = 0; i < call->n_events; i++) {
        Event *event = call_begun(call, i);
        if (!event)
            continue;
        call_complete(call, event);
        if (event->kind == EV_WATCH && call->outcome.returned) {
            event->result = call->outcome.result < 0 ? -1 : 0;
            event->end_ns = event->start_ns;
        }
    }
}

static void wake_for(Call *call, const CallSpec *spec, Via via, int fd, unsigned flags)
{
    Event wake = call_event(call, spec, EV_WAKE, fd);
    wake.via = via;
    wake.flags = flags;
    add_wake(call, spec, wake);
}

/* After restart_syscall(2) the tracer shows how many were ready, not which:
 * where one was watched it is that one. */
static void wake_for_only(Call *call, const CallSpec *spec, Via via)
{
    const Event *watch = call->n_events == 2 ? call_begun(call, 0) : NULL;
    if (watch && call->outcome.result > 0)
        wake_for(call, spec, via, watch->fd,
                 watch->flags & (EVF_READABLE | EVF_WRITABLE | EVF_HANGUP));
    else if (call->outcome.result > 0)
        wake_for(call, spec, via, -1, 0);
}

void finish_poll(Call *call, const CallSpec *spec)
{
    complete_all(call);
    if (call_failed(call))
        return;
    /* " ([{fd=3, revents=POLLIN}], left {...})" */
    Slice list = slice_find(call->outcome.more, SLICE("([")), item;
    if (!list.at) {
        wake_for_only(call, spec, VIA_POLL);
        return;
    }
    list = slice_from(list, 1);
    for (int64_t i = 0; i < call->outcome.result && slice_item(&list, &item); i++) {
        if (!slice_starts(item, "{"))
            break;
        wake_for(call, spec, VIA_POLL, slice_fd(slice_field(item, "fd")),
                 slice_flags(slice_field(item, "revents"), poll_flags));
    }
}

/* --- select: sets "[3<socket:[1]> 5<pipe:[2]>]" --- */

/* The next descriptor of a set, the set moved on; false at its end. */
static bool set_take(Slice *set, Slice *decorated)
{
    while (set->len && (set->at[0] == ' ' || set->at[0] == '['))
        *set = slice_from(*set, 1);
    if (slice_fd(*set) < 0)
        return false;
    size_t end = 0;
    while (end < set->len && set->at[end] != ' ' && set->at[end] != ']')
        end = slice_skip(*set, end);
    *decorated = (Slice){set->at, end < set->len ? end : set->len};
    *set = slice_from(*set, end);
    return true;
}

static Slice set_of(Slice text)
{
    return slice_starts(text, "[") ? text : slice_from(text, text.len);
}

void begin_select(Call *call, const CallSpec *spec)
{
    static const unsigned meaning[] = {EVF_READABLE, EVF_WRITABLE, EVF_ERROR};
    for (int i = 0; i < 3; i++) {
        Slice set = set_of(call->args[1 + i]), item;
        while (set_take(&set, &item)) {
            meet(call, item);
            begin_watch(call, spec, VIA_SELECT, slice_fd(item), meaning[i]);
        }
    }
    begin_wait(call, spec, VIA_SELECT);
}

void finish_select(Call *call, const CallSpec *spec)
{
    static const struct {
        Slice begins;
        unsigned flag;
    } sets[] = {
        {{"in [", 4}, EVF_READABLE}, {{"out [", 5}, EVF_WRITABLE}, {{"except [", 8}, EVF_ERROR}};
    complete_all(call);
    if (call_failed(call) || !call->outcome.result)
        return;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        Slice set = slice_find(call->outcome.more, sets[i].begins), item;
        if (!set.at)
            continue;
        set = slice_from(set, sets[i].begins.len);
        while (set_take(&set, &item))
            wake_for(call, spec, VIA_SELECT, slice_fd(item), sets[i].flag);
    }
}
