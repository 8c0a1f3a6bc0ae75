#include "trace/strace_parser.h"

#include <stdlib.h>
#include <string.h>

/* Each traced call costs the program some 30 us, so: those that move bytes,
 * wait, or change what a descriptor stands for, and no others. pread(2) and
 * open(2) are left out (no socket can be meant; files are told by -y). */
const char strace_calls[] =
    "execve,?execveat,?fork,?vfork,clone,?clone3,"
    "socket,socketpair,listen,accept,accept4,shutdown,close,?close_range,"
    "dup,?dup2,dup3,fcntl,ioctl,?pipe,pipe2,timerfd_create,?signalfd,signalfd4,?eventfd,eventfd2,"
    "read,write,readv,writev,?preadv2,?pwritev2,recvfrom,sendto,recvmsg,sendmsg,recvmmsg,sendmmsg,"
    "splice,sendfile,?epoll_create,epoll_create1,epoll_ctl,?epoll_wait,epoll_pwait,?epoll_pwait2,"
    "?poll,ppoll,?select,pselect6,nanosleep,clock_nanosleep,?pause,rt_sigtimedwait,rt_sigsuspend,"
    "futex,restart_syscall";

const unsigned strace_blind = 0;

/* Sorted by name, for bsearch(). */
static const CallSpec calls[] = {
    {"accept", begin_accept, finish_accept, EV_ACCEPT, -1, 0},
    {"accept4", begin_accept, finish_accept, EV_ACCEPT, 3, 0},
    {"clock_nanosleep", begin_sleep, finish_sleep, EV_SLEEP, 2, 1},
    {"clone", begin_spawn, finish_spawn, EV_SPAWN, 0, 0},
    {"clone3", begin_spawn, finish_spawn, EV_SPAWN, 0, 0},
    {"close", begin_close, finish_close, EV_CLOSE, 0, 0},
    {"close_range", NULL, finish_close_range, EV_CLOSE, 0, 0},
    {"dup", NULL, finish_dup, EV_DUP, -1, 0},
    {"dup2", NULL, finish_dup, EV_DUP, -1, 0},
    {"dup3", NULL, finish_dup, EV_DUP, 2, 0},
    {"epoll_create", NULL, finish_queue, EV_QUEUE, -1, 0},
    {"epoll_create1", NULL, finish_queue, EV_QUEUE, 0, 0},
    {"epoll_ctl", NULL, finish_epoll_ctl, EV_WATCH, 3, 0},
    {"epoll_pwait", begin_epoll_wait, finish_epoll_wait, EV_WAIT, 3, 0},
    {"epoll_pwait2", begin_epoll_wait, finish_epoll_wait, EV_WAIT, 3, 0},
    {"epoll_wait", begin_epoll_wait, finish_epoll_wait, EV_WAIT, 3, 0},
    {"eventfd", NULL, finish_open, EV_NONBLOCK, -1, OBJECT_EVENTFD},
    {"eventfd2", NULL, finish_open, EV_NONBLOCK, 1, OBJECT_EVENTFD},
    {"execve", NULL, finish_exec, EV_SPAWN, 0, 0},
    {"execveat", NULL, finish_exec, EV_SPAWN, 0, 0},
    {"fcntl", NULL, finish_fcntl, EV_NONBLOCK, 1, 0},
    {"fork", begin_spawn, finish_spawn, EV_SPAWN, -1, 0},
    {"futex", begin_futex, finish_sleep, EV_SLEEP, 3, 0},
    {"ioctl", NULL, finish_ioctl, EV_NONBLOCK, 1, 0},
    {"listen", NULL, finish_listen, EV_LISTEN, -1, 0},
    {"nanosleep", begin_sleep, finish_sleep, EV_SLEEP, 0, 0},
    {"pause", begin_sleep, finish_sleep, EV_SLEEP, -1, 0},
    {"pipe", NULL, finish_pair, EV_NONBLOCK, 0, OBJECT_OTHER},
    {"pipe2", NULL, finish_pair, EV_NONBLOCK, 0, OBJECT_OTHER},
    {"poll", begin_poll, finish_poll, EV_WAIT, 2, 0},
    {"ppoll", begin_poll, finish_poll, EV_WAIT, 2, 0},
    {"preadv", begin_move, finish_move, EV_READ, -1, 0},
    {"preadv2", begin_move, finish_move, EV_READ, 4, 0},
    {"pselect6", begin_select, finish_select, EV_WAIT, 4, 0},
    {"pwritev", begin_move, finish_move, EV_WRITE, -1, 0},
    {"pwritev2", begin_move, finish_move, EV_WRITE, 4, 0},
    {"read", begin_move, finish_move, EV_READ, -1, 0},
    {"readv", begin_move, finish_move, EV_READ, -1, 0},
    {"recvfrom", begin_move, finish_move, EV_READ, 3, 0},
    {"recvmmsg", begin_move, finish_move, EV_READ, 3, 1},
    {"recvmsg", begin_move, finish_move, EV_READ, 2, 0},
    {"rt_sigsuspend", begin_sleep, finish_sleep, EV_SLEEP, -1, 0},
    {"rt_sigtimedwait", begin_sleep, finish_sleep, EV_SLEEP, 2, 0},
    {"select", begin_select, finish_select, EV_WAIT, 4, 0},
    {"sendfile", begin_transfer, finish_transfer, EV_READ, 1, 0},
    {"sendmmsg", begin_move, finish_move, EV_WRITE, 3, 1},
    {"sendmsg", begin_move, finish_move, EV_WRITE, 2, 0},
    {"sendto", begin_move, finish_move, EV_WRITE, 3, 0},
    {"shutdown", NULL, finish_shutdown, EV_SHUTDOWN, 1, 0},
    {"signalfd", NULL, finish_signalfd, EV_NONBLOCK, -1, OBJECT_SIGNALFD},
    {"signalfd4", NULL, finish_signalfd, EV_NONBLOCK, 3, OBJECT_SIGNALFD},
    {"socket", NULL, finish_socket, EV_SOCKET, 1, 0},
    {"socketpair", NULL, finish_pair, EV_SOCKET, 1, OBJECT_SOCKET},
    {"splice", begin_transfer, finish_transfer, EV_READ, 0, 2},
    {"timerfd_create", NULL, finish_open, EV_NONBLOCK, 1, OBJECT_TIMER},
    {"vfork", begin_spawn, finish_spawn, EV_SPAWN, -1, 0},
    {"write", begin_move, finish_move, EV_WRITE, -1, 0},
    {"writev", begin_move, finish_move, EV_WRITE, -1, 0},
};

static int by_name(const void *key, const void *element)
{
    const Slice *name = key;
    const char *other = ((const CallSpec *)element)->name;
    size_t len = strlen(other);
    int order = memcmp(name->at, other, name->len < len ? name->len : len);
    return order ? order : (name->len > len) - (name->len < len);
}

const CallSpec *call_spec(Slice name)
{
    return bsearch(&name, calls, sizeof calls / sizeof *calls, sizeof *calls, by_name);
}

/* --- what the handlers share --- */

bool call_failed(const Call *call)
{
    return !call->outcome.returned || call->outcome.result < 0;
}

Event call_event(const Call *call, const CallSpec *spec, EventKind kind, int fd)
{
    return (Event){.kind = kind,
                   .thread = call->thread->id,
                   .process = call->thread->process,
                   .fd = fd,
                   .object = trace_lookup(call->trace, call->thread->process, fd),
                   .start_ns = call->start_ns,
                   .end_ns = call->start_ns,
                   .call = spec->name,
                   .result = -1};
}

unsigned call_object(Call *call, int i, int *fd)
{
    int number = slice_fd(call->args[i]);
    if (fd)
        *fd = number;
    unsigned object = trace_lookup(call->trace, call->thread->process, number);
    if (!object && slice_fd_known(call->args[i]))
        object = trace_open(call->trace, call->thread->process, number,
                            slice_fd_kind(call->args[i]), call->start_ns);
    return object;
}

void call_begin(Call *call, const Event *event)
{
    if (!call->n_events)
        call->first = trace_total(call->trace);
    call->n_events++;
    Event begun = *event;
    begun.flags |= EVF_UNFINISHED;
    trace_add_take(call->trace, &begun);
}

Event *call_begun(const Call *call, int i)
{
    return i < call->n_events ? trace_event(call->trace, call->first + (unsigned)i) : NULL;
}

void call_fill(Call *call, Event *event)
{
    event->end_ns = call->end_ns;
    event->result = call->outcome.result;
    event->error = call->outcome.error;
    event->flags &= ~(unsigned)EVF_UNFINISHED;
    if (!call->outcome.returned)
        event->flags |= EVF_UNFINISHED;
    if (call->outcome.restarted)
        event->flags |= EVF_RESTARTED;
    free(event->raw);
    event->raw = slice_evidence(call->text);
}

void call_complete(Call *call, Event *event)
{
    call_fill(call, event);
    trace_settle(call->trace, event);
}

void call_add(Call *call, Event event)
{
    call_fill(call, &event);
    trace_add_take(call->trace, &event);
}
