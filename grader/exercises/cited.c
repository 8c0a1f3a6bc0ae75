/* Calls to cite where none is at fault by itself. */
#include "exercises/common.h"

#include <string.h>
#include <unistd.h>

#include "trace/trace.h"

const Event *printed_with(const Observation *run, const char *text)
{
    const Event *write;
    for (size_t from = 0; run->trace && (write = trace_next(run->trace, &from, EV_WRITE, 0));)
        if (write->fd == STDOUT_FILENO && write->result > 0 && write->data &&
            memmem(write->data, write->data_len, text, strlen(text)))
            return write;
    return NULL;
}

/* (A loader reads libraries, and that is nobody's doing.) */
static bool takes_time(const Trace *trace, const Event *event)
{
    const Object *object = trace_object(trace, event->object);
    bool stands = event->flags & EVF_UNFINISHED;
    return event->kind == EV_WAIT || event->kind == EV_SLEEP ||
           (event->kind == EV_ACCEPT && stands) ||
           (event->kind == EV_WRITE && stands && object && object->kind == OBJECT_CONNECTION) ||
           (event->kind == EV_READ && object && object->kind != OBJECT_OTHER);
}

/* Where it was at the last: the call that it never came back from (of which no line is known), and the
 * one before. */
void cite_last(Verdict *v, const Observation *run)
{
    const Event *last = NULL, *before = NULL;
    for (size_t i = 0; run->trace && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (takes_time(run->trace, event)) {
            before = last;
            last = event;
        }
    }
    if (last && (last->flags & EVF_UNFINISHED))
        verdict_cite(v, before);
    verdict_cite(v, last);
}
