#include "peer/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    PIECE = 65536,
    PIECES = 16
}; /* at most PIECES at once, so that other clients have their turn */

static void on_poll(uv_poll_t *poll, int status, int events);

static bool readable_matters(const Link *link)
{
    return link->connected && !link->paused && !link->ended;
}

static void update_poll(Link *link)
{
    int events = 0;
    if (!link->polled)
        return;
    if (readable_matters(link))
        events |= UV_READABLE;
    if (link->sending || (!link->connected && !link->connect_error))
        events |= UV_WRITABLE;
    if (events == link->events)
        return;
    link->events = events;
    if (events)
        uv_poll_start(&link->poll, events, on_poll);
    else
        uv_poll_stop(&link->poll);
}

static void keep_sent(Link *link, const char *bytes, size_t len)
{
    link->sent += len;
    link->peer->sent_total += len;
    link->progress_ns = clock_mono_ns();
    buf_add(&link->peer->sent, bytes, len);
}

static void sent_all(Link *link)
{
    link->sending = false;
    payload_release(&link->out);
    if (link->half_wanted)
        shutdown(link->fd, SHUT_WR);
    link->half_wanted = false;
}

static void write_some(Link *link)
{
    static char piece[PIECE]; /* one loop, one thread */
    for (int i = 0; i < PIECES; i++) {
        size_t len = payload_copy(&link->out, link->sent, piece, sizeof piece);
        if (len == 0) {
            sent_all(link);
            return;
        }
        ssize_t n = send(link->fd, piece, len, MSG_NOSIGNAL | (link->more ? MSG_MORE : 0));
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                link->send_error = errno;
                link->sending = false;
            }
            return;
        }
        keep_sent(link, piece, (size_t)n);
    }
}

static void note_end(Link *link, int error)
{
    link->ended = true;
    link->reset = error != 0;
    link->peer->ended = error == 0;
    link->peer->reset = error != 0;
}

static void read_some(Link *link)
{
    static char piece[PIECE];
    for (int i = 0; i < PIECES && !link->ended; i++) {
        ssize_t n = recv(link->fd, piece, sizeof piece, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            note_end(link, n < 0 ? errno : 0);
            return;
        }
        link->peer->received_total += (uint64_t)n;
        link->heard_ns = clock_mono_ns();
        buf_add(&link->peer->received, piece, (size_t)n);
        expected_feed(&link->in, piece, (size_t)n);
    }
}

static void finish_connect(Link *link)
{
    socklen_t len = sizeof link->connect_error;
    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &link->connect_error, &len) < 0)
        link->connect_error = errno;
    link->connected = !link->connect_error;
    link->peer->connected |= link->connected;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    Link *link = poll->data;
    if (status < 0)
        link->events = 0; /* libuv has stopped it */
    if (!link->connected)
        finish_connect(link);
    /* libuv tells a reset as an error of its own: the socket says which it is. */
    if (link->connected && link->sending && (status < 0 || (events & UV_WRITABLE)))
        write_some(link);
    if (readable_matters(link) && (status < 0 || (events & UV_READABLE)))
        read_some(link);
    update_poll(link);
    link->moved(link->context);
}

Link *link_open(uv_loop_t *loop, int fd, const struct sockaddr *address, socklen_t len,
                PeerClient *peer, void (*moved)(void *), void *context)
{
    Link *link = x_calloc(1, sizeof *link);
    *link = (Link){.fd = fd, .peer = peer, .moved = moved, .context = context};
    link->poll.data = link;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    int result = uv_poll_init(loop, &link->poll, fd);
    link->polled = result == 0;
    if (result < 0) {
        link->connect_error = -result;
    } else if (connect(fd, address, len) == 0) {
        link->connected = peer->connected = true;
    } else if (errno != EINPROGRESS) {
        link->connect_error = errno;
    }
    update_poll(link);
    return link;
}

int link_send_take(Link *link, Payload *payload, bool more)
{
    if (link->sending)
        return -1;
    link->out = *payload;
    *payload = (Payload){0};
    link->sent = 0;
    link->more = more;
    link->send_error = 0;
    link->sending = true;
    link->progress_ns = clock_mono_ns();
    write_some(link);
    update_poll(link);
    return 0;
}

bool link_takes(const Link *link)
{
    struct pollfd fd = {.fd = link->fd, .events = POLLOUT};
    return poll(&fd, 1, 0) > 0;
}

int link_port(const Link *link)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (getsockname(link->fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

void link_half_close(Link *link)
{
    if (link->sending)
        link->half_wanted = true;
    else
        shutdown(link->fd, SHUT_WR);
}

void link_pause(Link *link, bool paused)
{
    link->paused = paused;
    update_poll(link);
}

void link_leave(Link *link)
{
    link->paused = true;
    link->events = 0;
    if (link->polled)
        uv_poll_stop(&link->poll);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void link_close(Link *link, bool reset)
{
    /* A close with unread bytes would go out as a reset. */
    if (!reset && readable_matters(link))
        read_some(link);
    if (reset)
        setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    payload_release(&link->out);
    expected_release(&link->in);
    if (link->polled)
        uv_poll_stop(&link->poll);
    close(link->fd);
    if (link->polled)
        uv_close((uv_handle_t *)&link->poll, on_closed);
    else
        free(link);
}
