#include <errno.h>
#include <unistd.h>

#include "run_parts.h"

enum { PIECE = 65536, PIECES = 4, KEEP_MOST = 32 << 20 };

static void take_output(Run *run, Capture *capture, const char *bytes, size_t len)
{
    const Observation *o = run->observation;
    capture_add(capture, bytes, len);
    run_sample_cpu(run);
    if (o->out.total + o->err.total > RUN_FLOOD_BYTES)
        run_end(run, WHY_FLOOD);
}

static void take_out(Run *run, const char *bytes, size_t len)
{
    take_output(run, &run->observation->out, bytes, len);
}

static void take_err(Run *run, const char *bytes, size_t len)
{
    take_output(run, &run->observation->err, bytes, len);
}

static void take_info(Run *run, const char *bytes, size_t len)
{
    sandbox_info_feed(&run->info, bytes, len);
}

static void keep(Run *run, const char *bytes, size_t len)
{
    if (run->keep_fd < 0 || run->kept >= KEEP_MOST)
        return;
    ssize_t n = write(run->keep_fd, bytes, len);
    run->kept += len;
    if (n == (ssize_t)len)
        return;
    if (n >= 0)
        errno = ENOSPC;
    fault_errno(&run->observation->fault, "%s can't be written", run->spec.keep_trace);
    run_broken(run);
}

static void take_log(Run *run, const char *bytes, size_t len)
{
    strace_parser_feed(run->parser, bytes, len);
    keep(run, bytes, len);
}

static void (*const takers[STREAMS])(Run *run, const char *bytes, size_t len) = {
    [STREAM_OUT] = take_out,
    [STREAM_ERR] = take_err,
    [STREAM_INFO] = take_info,
    [STREAM_LOG] = take_log,
};

/* Reads at most `pieces`; returns false at the end of the stream. */
static bool read_some(Run *run, int which, int pieces)
{
    static char piece[PIECE]; /* one loop, one thread */
    Stream *stream = &run->streams[which];
    while (stream->fd >= 0 && pieces-- > 0) {
        ssize_t n = read(stream->fd, piece, sizeof piece);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR);
        takers[which](run, piece, (size_t)n);
    }
    return true;
}

static void on_stream(uv_poll_t *poll, int status, int events)
{
    Stream *stream = poll->data;
    Run *run = stream->run;
    int which = (int)(stream - run->streams);
    (void)status;
    (void)events;
    if (!read_some(run, which, PIECES))
        stream_close(run, which);
    run_check_over(run);
}

int stream_open(Run *run, int which, int fd)
{
    Stream *stream = &run->streams[which];
    stream->run = run;
    stream->poll.data = stream;
    if (uv_poll_init(run->loop, &stream->poll, fd) < 0) {
        close(fd);
        return fault_set(&run->observation->fault, "a pipe can't be watched");
    }
    stream->fd = fd;
    stream->polled = true;
    run->handles++;
    uv_poll_start(&stream->poll, UV_READABLE, on_stream);
    return 0;
}

void stream_drain(Run *run, int which)
{
    Stream *stream = &run->streams[which];
    /* A FIFO that nobody has opened yet looks like one at its end. */
    bool end = run->exited || which != STREAM_LOG;
    if (stream->fd >= 0 && !read_some(run, which, PIECES) && end)
        stream_close(run, which);
}

void stream_close(Run *run, int which)
{
    Stream *stream = &run->streams[which];
    if (stream->fd < 0)
        return;
    uv_poll_stop(&stream->poll);
    uv_close((uv_handle_t *)&stream->poll, run_on_closed);
    close(stream->fd);
    stream->fd = -1;
}
