/* Calls that make, name and close descriptors, and make them non-blocking. */
#include "trace/strace_parser.h"

#include <string.h>

static const FlagName open_flags[] = {{"SOCK_NONBLOCK", EVF_SET},
                                      {"O_NONBLOCK", EVF_SET},
                                      {"EFD_NONBLOCK", EVF_SET},
                                      {"TFD_NONBLOCK", EVF_SET},
                                      {"SFD_NONBLOCK", EVF_SET},
                                      {"SOCK_CLOEXEC", EVF_CLOEXEC},
                                      {"O_CLOEXEC", EVF_CLOEXEC},
                                      {"EFD_CLOEXEC", EVF_CLOEXEC},
                                      {"TFD_CLOEXEC", EVF_CLOEXEC},
                                      {"SFD_CLOEXEC", EVF_CLOEXEC},
                                      {"EPOLL_CLOEXEC", EVF_CLOEXEC},
                                      {"FD_CLOEXEC", EVF_CLOEXEC},
                                      {"CLOSE_RANGE_CLOEXEC", EVF_CLOEXEC},
                                      {NULL, 0}};

static unsigned flags_of(const Call *call, int arg)
{
    return arg >= 0 ? slice_flags(call->args[arg], open_flags) : 0;
}

/* A new open file: its object, and O_NONBLOCK if it was born with it. */
static unsigned opened(Call *call, int fd, ObjectKind kind, unsigned flags)
{
    int process = call->thread->process;
    unsigned object = trace_open(call->trace, process, fd, kind, call->end_ns);
    if (flags & EVF_CLOEXEC)
        trace_set_cloexec(call->trace, process, fd, true);
    return object;
}

static void born_nonblocking(Call *call, const CallSpec *spec, int fd, unsigned flags)
{
    if (!(flags & EVF_SET))
        return;
    Event event = call_event(call, spec, EV_NONBLOCK, fd);
    event.flags |= EVF_SET;
    call_add(call, event);
}

void finish_socket(Call *call, const CallSpec *spec)
{
    unsigned flags = flags_of(call, spec->arg);
    int fd = call_failed(call) ? -1 : (int)call->outcome.result;
    opened(call, fd, OBJECT_SOCKET, flags);
    Event event = call_event(call, spec, EV_SOCKET, fd);
    event.flags |= flags & EVF_CLOEXEC;
    call_add(call, event);
    born_nonblocking(call, spec, fd, flags);
}

/* socketpair(2), pipe(2): "[3<pipe:[1]>, 4<pipe:[1]>]" is the first argument that is a list. */
void finish_pair(Call *call, const CallSpec *spec)
{
    int list = spec->kind == EV_SOCKET ? 3 : 0;
    unsigned flags = flags_of(call, 1);
    Slice items = call->args[list], item;
    if (call_failed(call) || !slice_starts(items, "["))
        return;
    for (int i = 0; i < 2 && slice_item(&items, &item); i++) {
        int fd = slice_fd(item);
        opened(call, fd, (ObjectKind)spec->flags, flags);
        if (spec->kind == EV_SOCKET)
            call_add(call, call_event(call, spec, EV_SOCKET, fd));
        born_nonblocking(call, spec, fd, flags);
    }
}

void finish_open(Call *call, const CallSpec *spec)
{
    unsigned flags = flags_of(call, spec->arg);
    if (call_failed(call))
        return;
    opened(call, (int)call->outcome.result, (ObjectKind)spec->flags, flags);
    born_nonblocking(call, spec, (int)call->outcome.result, flags);
}

/* With a descriptor for its first argument it only changes that one. */
void finish_signalfd(Call *call, const CallSpec *spec)
{
    if (slice_fd(call->args[0]) < 0)
        finish_open(call, spec);
}

void finish_queue(Call *call, const CallSpec *spec)
{
    int fd = call_failed(call) ? -1 : (int)call->outcome.result;
    opened(call, fd, OBJECT_QUEUE, flags_of(call, spec->arg));
    Event event = call_event(call, spec, EV_QUEUE, fd);
    event.via = VIA_EPOLL;
    event.queue = event.object;
    call_add(call, event);
}

void finish_listen(Call *call, const CallSpec *spec)
{
    int fd;
    unsigned object = call_object(call, 0, &fd);
    if (!call_failed(call))
        trace_set_kind(call->trace, object, OBJECT_LISTENER);
    call_add(call, call_event(call, spec, EV_LISTEN, fd));
}

void begin_accept(Call *call, const CallSpec *spec)
{
    Event event = call_event(call, spec, EV_ACCEPT, -1);
    event.listener = call_object(call, 0, NULL);
    call_begin(call, &event);
}

void finish_accept(Call *call, const CallSpec *spec)
{
    unsigned flags = flags_of(call, spec->arg), object = 0;
    int fd = call_failed(call) ? -1 : (int)call->outcome.result;
    if (fd >= 0)
        object = opened(call, fd, OBJECT_CONNECTION, flags);
    Event *event = call_begun(call, 0);
    if (event) {
        Object *connection = trace_object_mutable(call->trace, object);
        if (connection)
            connection->listener = event->listener;
        event->fd = fd;
        event->object = object;
        event->flags |= flags & EVF_CLOEXEC;
        call_complete(call, event);
    }
    born_nonblocking(call, spec, fd, fd >= 0 ? flags : 0);
}

void finish_shutdown(Call *call, const CallSpec *spec)
{
    static const FlagName halves[] = {{"SHUT_RD", EVF_READABLE},
                                      {"SHUT_WR", EVF_WRITABLE},
                                      {"SHUT_RDWR", EVF_READABLE | EVF_WRITABLE},
                                      {NULL, 0}};
    int fd;
    call_object(call, 0, &fd);
    Event event = call_event(call, spec, EV_SHUTDOWN, fd);
    event.flags |= slice_flags(call->args[1], halves);
    call_add(call, event);
}

/* --- closing --- */

static void closed(Call *call, Event *event, int fd)
{
    event->object = trace_close(call->trace, call->thread->process, fd, call->start_ns);
    const Object *object = trace_object(call->trace, event->object);
    if (object && object->names == 0)
        event->flags |= EVF_LAST;
}

/* The kernel gives the number free as soon as it is entered: another thread
 * may have it again before this call has returned. */
void begin_close(Call *call, const CallSpec *spec)
{
    int fd = slice_fd(call->args[0]);
    Event event = call_event(call, spec, EV_CLOSE, fd);
    if (slice_fd_known(call->args[0]))
        closed(call, &event, fd);
    call_begin(call, &event);
}

void finish_close(Call *call, const CallSpec *spec)
{
    (void)spec;
    Event *event = call_begun(call, 0);
    if (event)
        call_complete(call, event);
}

void finish_close_range(Call *call, const CallSpec *spec)
{
    int64_t first, last;
    if (call_failed(call) || !slice_number(call->args[0], &first, NULL) ||
        !slice_number(call->args[1], &last, NULL))
        return;
    bool only_marks = flags_of(call, 2) & EVF_CLOEXEC;
    int process = call->thread->process;
    for (int64_t fd = first < 0 ? 0 : first; fd <= last && fd < TRACE_NAMES; fd++) {
        if (!trace_lookup(call->trace, process, (int)fd))
            continue;
        if (only_marks) {
            trace_set_cloexec(call->trace, process, (int)fd, true);
            continue;
        }
        Event event = call_event(call, spec, EV_CLOSE, (int)fd);
        closed(call, &event, (int)fd);
        call_add(call, event);
    }
}

/* --- other names --- */

static void named_again(Call *call, const CallSpec *spec, int old_fd, int new_fd, bool cloexec)
{
    int process = call->thread->process;
    if (call_failed(call) || old_fd == new_fd)
        return;
    if (trace_lookup(call->trace, process, new_fd)) { /* dup2(2) closes what was there */
        Event event = call_event(call, spec, EV_CLOSE, new_fd);
        closed(call, &event, new_fd);
        call_add(call, event);
    }
    trace_dup(call->trace, process, old_fd, new_fd, call->end_ns);
    trace_set_cloexec(call->trace, process, new_fd, cloexec);
    call_add(call, call_event(call, spec, EV_DUP, new_fd));
}

void finish_dup(Call *call, const CallSpec *spec)
{
    int old_fd;
    call_object(call, 0, &old_fd);
    bool cloexec = flags_of(call, spec->arg) & EVF_CLOEXEC;
    named_again(call, spec, old_fd, (int)call->outcome.result, cloexec);
}

static void nonblock(Call *call, const CallSpec *spec, int fd, bool on)
{
    Event event = call_event(call, spec, EV_NONBLOCK, fd);
    event.flags |= on ? EVF_SET : 0;
    call_add(call, event);
}

void finish_fcntl(Call *call, const CallSpec *spec)
{
    int fd;
    Slice command = call->args[1];
    call_object(call, 0, &fd);
    if (slice_is(command, "F_SETFL"))
        nonblock(call, spec, fd, flags_of(call, 2) & EVF_SET);
    else if (slice_is(command, "F_DUPFD"))
        named_again(call, spec, fd, (int)call->outcome.result, false);
    else if (slice_is(command, "F_DUPFD_CLOEXEC"))
        named_again(call, spec, fd, (int)call->outcome.result, true);
    else if (slice_is(command, "F_SETFD") && !call_failed(call))
        trace_set_cloexec(call->trace, call->thread->process, fd, flags_of(call, 2) & EVF_CLOEXEC);
}

void finish_ioctl(Call *call, const CallSpec *spec)
{
    int fd;
    if (!slice_is(call->args[1], "FIONBIO"))
        return;
    call_object(call, 0, &fd);
    nonblock(call, spec, fd, !slice_is(call->args[2], "[0]"));
}
