/* Calls that move bytes. */
#include "trace/strace_parser.h"

#include <string.h>

#include <errno.h>

static const FlagName move_flags[] = {{"MSG_DONTWAIT", EVF_DONTWAIT},
                                      {"RWF_NOWAIT", EVF_DONTWAIT},
                                      {"MSG_PEEK", EVF_PEEK},
                                      {NULL, 0}};

/* mark.h writes to descriptor -1, which nothing else has a reason to do. */
static bool is_mark(const Call *call)
{
    return slice_is(call->args[0], "-1") && call->n_args > 1 && call->args[1].len &&
           call->args[1].at[0] == '"';
}

/* "msg_len=5" of each message that was moved. */
static int64_t moved_by_messages(const Call *call)
{
    int64_t sum = 0, one;
    Slice rest = call->args[1], value;
    for (int64_t i = 0; i < call->outcome.result && slice_take_field(&rest, "msg_len", &value); i++)
        if (slice_number(value, &one, NULL) && one > 0 && one < INT32_MAX)
            sum += one;
    return sum;
}

/* The bytes that were really moved, as far as the tracer shows them. */
static void take_data(Call *call, Event *event)
{
    Buf *data = &call->parser->data;
    bool cut = false;
    buf_clear(data);
    if (call->n_args < 2 || (!slice_string(call->args[1], data, &cut) && !call->args[1].len))
        return;
    if (!data->len)
        slice_vectors(call->args[1], data, &cut);
    size_t len = data->len;
    if (event->kind != EV_MARK && event->result < (int64_t)len)
        len = event->result < 0 ? 0 : (size_t)event->result;
    bool moved = event->kind == EV_MARK || event->result > 0;
    if (moved && (event->kind == EV_MARK ? cut : event->result > (int64_t)len))
        event->flags |= EVF_CUT;
    if (len || event->kind == EV_MARK) {
        event->data = x_strndup(data->data, len);
        event->data_len = len;
    }
}

void begin_move(Call *call, const CallSpec *spec)
{
    int fd;
    unsigned object = call_object(call, 0, &fd);
    bool mark = strcmp(spec->name, "write") == 0 && is_mark(call);
    Event event = call_event(call, spec, mark ? EV_MARK : spec->kind, fd);
    event.object = object;
    if (mark) /* so that one that the trace ends in has its text too */
        take_data(call, &event);
    call_begin(call, &event);
}

/* sendmsg(2) and its like: were descriptors among it (SCM_RIGHTS)? Under what numbers they
 * arrive, and in which order, is not followed. What follows the bytes of one message stands at the
 * end of a line, which is never cut off; of several it may be lost. */
static void look_for_descriptors(Call *call, const CallSpec *spec)
{
    static const char *const with_messages[] = {"sendmsg", "recvmsg", "sendmmsg", "recvmmsg"};
    bool messages = false;
    for (int i = 0; i < 4; i++)
        messages |= strcmp(spec->name, with_messages[i]) == 0;
    if (!messages || call_failed(call))
        return;
    size_t len = call->text.len;
    bool cut = len >= STRACE_LINE - 1024;
    Slice end = slice_from(call->text, len > 100 ? len - 100 : 0);
    bool bare = strcmp(spec->name + 4, "msg") == 0 && slice_find(end, SLICE("controllen=0, ")).at;
    if (slice_find(call->text, SLICE("cmsg_type=SCM_RIGHTS")).at || (cut && !bare))
        trace_lose(call->trace, "descriptors were passed on in messages (SCM_RIGHTS)");
}

void finish_move(Call *call, const CallSpec *spec)
{
    look_for_descriptors(call, spec);
    Event *event = call_begun(call, 0);
    if (!event)
        return;
    if (spec->arg >= 0)
        event->flags |= slice_flags(call->args[spec->arg], move_flags);
    call_fill(call, event);
    if (spec->flags && event->result > 0)
        event->result = moved_by_messages(call);
    if (!event->data)
        take_data(call, event);
    /* A mark counts only if the kernel found no such descriptor. */
    if (event->kind == EV_MARK && call->outcome.returned && event->error != EBADF)
        event->kind = EV_WRITE;
    trace_settle(call->trace, event); /* only now: what it holds is bounded there */
}

/* splice(2), sendfile(2): from the descriptor in argument spec->arg to that in spec->flags. */
void begin_transfer(Call *call, const CallSpec *spec)
{
    const int ends[2] = {spec->arg, (int)spec->flags};
    const EventKind kinds[2] = {EV_READ, EV_WRITE};
    for (int i = 0; i < 2; i++) {
        int fd;
        unsigned object = call_object(call, ends[i], &fd);
        Event event = call_event(call, spec, kinds[i], fd);
        event.object = object;
        call_begin(call, &event);
    }
}

void finish_transfer(Call *call, const CallSpec *spec)
{
    (void)spec;
    for (int i = 0; i < 2; i++) {
        Event *event = call_begun(call, i);
        if (!event)
            continue;
        if (call->n_args > 5 && slice_has_flag(call->args[5], "SPLICE_F_NONBLOCK"))
            event->flags |= EVF_DONTWAIT;
        call_complete(call, event);
    }
}
