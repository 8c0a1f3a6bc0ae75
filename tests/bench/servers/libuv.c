/* libuv: one buffer for all reads, uv_try_write() first, and what it does not take by uv_write(). */
#include <uv.h>

#include "server.h"

typedef struct Rest {
    uv_write_t request; /* first: libuv's pointer is ours */
    char bytes[];
} Rest;

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer);

static void on_written(uv_write_t *request, int status)
{
    if (status == 0)
        uv_read_start(request->handle, on_alloc, on_read);
    free(request);
}

/* While something is owed nothing is read, as in the other servers. */
static void owe(uv_stream_t *stream, const char *from, size_t length)
{
    Rest *rest = malloc(sizeof *rest + length);
    memcpy(rest->bytes, from, length);
    uv_buf_t all = uv_buf_init(rest->bytes, (unsigned)length);
    uv_read_stop(stream);
    uv_write(&rest->request, stream, &all, 1, on_written);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    if (got == 0)
        return;
    uv_buf_t all = uv_buf_init(buffer->base, got > 0 ? (unsigned)got : 0);
    int put = got > 0 ? uv_try_write(stream, &all, 1) : UV_EOF;
    if (put < 0 && put != UV_EAGAIN) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    put = put < 0 ? 0 : put;
    if (put < got)
        owe(stream, buffer->base + put, (size_t)(got - put));
}

static void on_listener(uv_stream_t *listener, int status)
{
    uv_tcp_t *client = malloc(sizeof *client);
    uv_tcp_init(listener->loop, client);
    if (status < 0 || uv_accept(listener, (uv_stream_t *)client) < 0) {
        uv_close((uv_handle_t *)client, on_closed);
        return;
    }
    uv_tcp_nodelay(client, 1);
    uv_read_start((uv_stream_t *)client, on_alloc, on_read);
}

int main(void)
{
    uv_tcp_t listener;
    uv_tcp_init(uv_default_loop(), &listener);
    uv_tcp_open(&listener, listen_anywhere());
    uv_listen((uv_stream_t *)&listener, SOMAXCONN, on_listener);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
