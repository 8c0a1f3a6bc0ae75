#include "base/capture.h"

#include <stdlib.h>
#include <string.h>

#include "base/budget.h"

static Budget budget = {.most = CAPTURE_BUDGET};

void capture_init(Capture *capture, size_t max)
{
    *capture = (Capture){.half = max / 2};
    buf_init(&capture->head, capture->half);
}

void capture_release(Capture *capture)
{
    free(capture->tail);
    buf_release(&capture->head);
    budget_hold(&budget, &capture->held, 0);
    capture_init(capture, capture->half * 2);
}

/* --- counting --- */

/* A word counts at the moment it is complete, however its bytes came in. */
static void count_words(Capture *capture, size_t before)
{
    static const char *const words[RESERVED_KINDS] = {[RESERVED_WOULD_BLOCK] = "WouldBlock",
                                                      [RESERVED_CPU_US] = "cpu_us",
                                                      [RESERVED_TASK] = "task"};
    for (int i = 0; i < RESERVED_KINDS; i++) {
        size_t len = strlen(words[i]);
        if (before < len && capture->line_len >= len && memcmp(capture->line, words[i], len) == 0)
            capture->reserved[i]++;
    }
}

static void count_lines(Capture *capture, const char *bytes, size_t len)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t part = end ? (size_t)(end - bytes) : len;
        size_t before = capture->line_len, room = sizeof capture->line - before;
        size_t kept = part < room ? part : room;
        memcpy(capture->line + before, bytes, kept);
        capture->line_len += kept;
        count_words(capture, before);
        if (end) {
            capture->line_len = 0;
            part++;
        }
        bytes += part;
        len -= part;
    }
}

/* --- keeping --- */

/* How many of `more` bytes may be kept, where so many of this kind are kept without asking. */
static size_t allowed(const Capture *capture, size_t more, size_t least)
{
    size_t have = capture->head.len;
    if (budget_has(&budget, more))
        return more;
    return have < least ? (more < least - have ? more : least - have) : 0;
}

static size_t least_half(const Capture *capture)
{
    return capture->half < CAPTURE_LEAST / 2 ? capture->half : CAPTURE_LEAST / 2;
}

/* Returns how much of it the head took. Where the budget is used up the ring begins early. */
static size_t head_add(Capture *capture, const char *bytes, size_t len)
{
    size_t room = capture->tail ? 0 : capture->half - capture->head.len;
    size_t first = allowed(capture, len < room ? len : room, least_half(capture));
    buf_add(&capture->head, bytes, first);
    return first;
}

static void ring_add(Capture *capture, const char *bytes, size_t len)
{
    if (!len || !capture->half)
        return;
    if (!capture->tail) {
        capture->ring = budget_has(&budget, capture->half) ? capture->half : least_half(capture);
        capture->tail = x_calloc(1, capture->ring);
    }
    if (len > capture->ring) {
        bytes += len - capture->ring;
        len = capture->ring;
    }
    size_t straight = capture->ring - capture->tail_at;
    if (straight > len)
        straight = len;
    memcpy(capture->tail + capture->tail_at, bytes, straight);
    memcpy(capture->tail, bytes + straight, len - straight);
    capture->tail_at = (capture->tail_at + len) % capture->ring;
}

void capture_add(Capture *capture, const char *bytes, size_t len)
{
    count_lines(capture, bytes, len);
    capture->total += len;
    size_t first = head_add(capture, bytes, len);
    ring_add(capture, bytes + first, len - first);
    budget_hold(&budget, &capture->held, capture->head.cap + capture->ring);
}

static size_t kept_of_tail(const Capture *capture)
{
    uint64_t behind = capture->total - capture->head.len;
    return behind < capture->ring ? (size_t)behind : capture->ring;
}

uint64_t capture_dropped(const Capture *capture)
{
    return capture->total - capture->head.len - kept_of_tail(capture);
}

void capture_text(const Capture *capture, Buf *out)
{
    size_t kept = kept_of_tail(capture);
    buf_add(out, capture->head.data, capture->head.len);
    if (!kept)
        return;
    size_t from = (capture->tail_at + capture->ring - kept) % capture->ring;
    size_t straight = capture->ring - from;
    if (straight > kept)
        straight = kept;
    buf_add(out, capture->tail + from, straight);
    buf_add(out, capture->tail, kept - straight);
}
