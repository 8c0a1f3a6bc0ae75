#include "trace/strace_parser.h"

#include <stdlib.h>
#include <string.h>

/* A loop asks for the same few frames over and over, and to resolve one costs
 * a walk through DWARF. */
typedef struct CachedFrame {
    const char *module; /* interned; NULL: empty */
    uint64_t offset;
    int n_lines;
    SourceLine lines[STRACE_STACK];
} CachedFrame;

void frames_expect(Frames *frames, const Call *call, uint64_t from, uint64_t to)
{
    frames->n_lines = 0;
    frames->first[0] = call->first;
    frames->end[0] = call->first + (unsigned)call->n_events;
    frames->first[1] = from;
    frames->end[1] = to;
}

static bool awaited(const Frames *frames)
{
    return frames->first[0] < frames->end[0] || frames->first[1] < frames->end[1];
}

/* "/prog(main+0x5c) [0x12a9]"; what a path may hold is in front of the last "(". */
static bool frame_parts(Slice text, Slice *module, uint64_t *offset)
{
    size_t at = text.len;
    while (at && text.at[at - 1] != '[')
        at--;
    int64_t number;
    if (at < 2 || !slice_starts(slice_from(text, at), "0x") ||
        !slice_number(slice_from(text, at), &number, NULL))
        return false;
    *offset = (uint64_t)number;
    Slice path = {text.at, at - 2};
    while (path.len && path.at[path.len - 1] != '(')
        path.len--;
    if (path.len < 2)
        return false;
    path.len--;
    *module = path;
    return true;
}

static CachedFrame *resolved(StraceParser *parser, const char *module, uint64_t offset)
{
    Frames *frames = &parser->frames;
    if (!frames->cache)
        frames->cache = x_calloc(FRAME_CACHE, sizeof *frames->cache);
    CachedFrame *frame = &frames->cache[(offset ^ offset >> 8) % FRAME_CACHE];
    if (frame->module == module && frame->offset == offset)
        return frame;
    *frame = (CachedFrame){.module = module, .offset = offset};
    int n = frames->resolve(frames->context, module, offset, frame->lines, STRACE_STACK);
    for (int i = 0; i < n && i < STRACE_STACK; i++) {
        if (frame->lines[i].file)
            frame->lines[i].file = trace_intern(parser->trace, frame->lines[i].file);
        frame->n_lines++;
    }
    return frame;
}

void frames_read(StraceParser *parser, Slice text)
{
    Frames *frames = &parser->frames;
    Slice module;
    uint64_t offset;
    if (!frames->resolve || !awaited(frames) || frames->n_lines == STRACE_STACK ||
        !frame_parts(text, &module, &offset))
        return;
    char *path = x_strndup(module.at, module.len);
    const CachedFrame *frame = resolved(parser, trace_intern(parser->trace, path), offset);
    free(path);
    for (int i = 0; i < frame->n_lines && frames->n_lines < STRACE_STACK; i++)
        frames->lines[frames->n_lines++] = frame->lines[i];
}

static void give_stack(const Frames *frames, Event *event)
{
    if (!event || event->stack)
        return;
    size_t size = (size_t)frames->n_lines * sizeof *event->stack;
    event->stack = x_calloc(1, size);
    memcpy(event->stack, frames->lines, size);
    event->stack_len = frames->n_lines;
    event->at = frames->lines[0];
}

void frames_flush(StraceParser *parser)
{
    Frames *frames = &parser->frames;
    for (int range = 0; range < 2; range++) {
        for (uint64_t i = frames->first[range]; frames->n_lines && i < frames->end[range]; i++)
            give_stack(frames, trace_event(parser->trace, i));
        frames->first[range] = frames->end[range] = 0;
    }
    frames->n_lines = 0;
}
