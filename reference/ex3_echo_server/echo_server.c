#include "echo_server.h"

// STUB: #include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER     ((Token)0)
#define FIRST_CLIENT ((Token)1)
/* SIGTERM or SIGINT. Clients never count that far. (Not UINT64_MAX: kqueue keeps a token in a
 * pointer.) */
#define STOP ((Token)UINTPTR_MAX)

/* Bytes of one read, so the most that a client is ever owed, too. */
enum { READ_MOST = 64 * 1024 };

// STUB: // TODO 1 is server_run(), at the end of this file: begin there.
// STUB: //
// STUB: // TODO 2 (the rest of tokens, 2 points): accept clients until none is left (EAGAIN); while
// STUB: // that is not done, the loop spins. Make each connection non-blocking (never-blocks asks
// STUB: // for it; its points come with TODO 3), add it to the map under the next token, and
// STUB: // register it under that token as READABLE. Turn Nagle's delay off as well: setsockopt(fd,
// STUB: // IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), see tcp(7); the README's "Nagle's trap"
// STUB: // shows what the delay does to an echo. What fails for one client (no memory, registering)
// STUB: // ends that client only: take it out of the map again, close it and go on. (That the delay
// STUB: // can't be turned off is no reason to.) After EINTR or ECONNABORTED accept again; at any
// STUB: // other error return: TODO 6 sees to those.
// STUB: //
// STUB: // TODO 3 (never-blocks, 3 points; echo-one, 2; many-clients, 4; burst-then-silence, 1;
// STUB: // idle-asleep, 2; past-1024, 1; half of slow-reader, 2): when a connection is readable,
// STUB: // read once, and write once what was read. EAGAIN and EINTR are no errors. From read():
// STUB: // the event comes again. From write(): it took nothing; those bytes are lost until TODO 5
// STUB: // is done.
// STUB: //
// STUB: // TODO 4 (close-clean, 3 points; reset-sigpipe, 2 points): at the end of data (read
// STUB: // returns 0) and at an error, deregister the connection, close it, take it out of the map.
// STUB: // (Should deregistering fail, close it all the same: that takes it out, too.) After
// STUB: // map_remove() the Connection is gone: return at once. A write to a client that is gone
// STUB: // raises SIGPIPE, which ends the program: ignore that signal, by signal(SIGPIPE, SIG_IGN)
// STUB: // in server_init(), and the write fails with EPIPE instead.
// STUB: //
// STUB: // TODO 5 (the other half of slow-reader, 2 points; backpressure, write-interest,
// STUB: // half-close, 2 each): what write() does not take (all of it, at EAGAIN or EINTR) is owed.
// STUB: // Keep it in `owed`, and registry_reregister() the connection as WRITABLE alone: a client
// STUB: // that is owed something is not read. `paid` says how much of it is written, and is 0 for
// STUB: // each new debt. When all is paid, free `owed`, set it to NULL, and reregister as
// STUB: // READABLE. For each event do one of the two, and go by the state, not by the flags: if
// STUB: // something is owed, pay; if not, read. (A reset sets both flags, whatever is registered.)
// STUB: // What fails here (no memory, registering) ends this client.
// STUB: //
// STUB: // TODO 6 (out-of-descriptors, 1 point): when accept() fails for want of descriptors or
// STUB: // memory (EMFILE, ENFILE, ENOBUFS, ENOMEM; take any error but TODO 2's three for one of
// STUB: // these), the client stays in the kernel's queue and the listener stays readable: the loop
// STUB: // spins. Deregister the listener then, and register it again when a client has left, or
// STUB: // when a second of poll_wait() has brought nothing: the shortage may be another program's.
// STUB: // Should that registration fail, try again in the same way; should deregistering fail,
// STUB: // `accepting` stays true, and the next accept() that fails tries again. `accepting` says
// STUB: // whether the listener is registered at present.
// STUB:
// BEGIN SOLUTION
enum { PAUSE_MS = 1000 }; /* after so long fallback an event, try to accept again */

/* Nothing was read or written, and nothing is wrong: another time. */
static bool not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* --- accepting --- */

/* If no descriptor or memory is left for a client, it stays in the kernel's queue and
 * keeps the listener readable: if we went on asking, the loop would spin. So accepting
 * pauses, until a client has left or PAUSE_MS have passed without an event. (While other
 * clients keep the server busy, no wait stays empty for so long: then accepting resumes
 * only when one of them has left.) */
static void set_accepting(Server *server, bool accepting)
{
    Registry *registry = &server->poll.registry;
    if (accepting == server->accepting)
        return;
    int failed = accepting ? registry_register(registry, server->listener, LISTENER, READABLE)
                           : registry_deregister(registry, server->listener);
    /* If it failed, `accepting` stays as it was, and the next occasion tries again. */
    if (!failed)
        server->accepting = accepting;
}

/* -1: the connection is not taken, and is the caller's to close. */
static int take_connection(Server *server, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
        return -1;
    /* An echo is sent at once, not kept back until an earlier one is acknowledged. */
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* if it fails: slower, not wrong */

    Connection *c = map_add(&server->connections, server->next, fd);
    if (c == NULL)
        return -1;
    if (registry_register(&server->poll.registry, fd, c->token, c->interest) == -1) {
        map_remove(&server->connections, c);
        return -1;
    }
    server->next++;
    return 0;
}

/* Accepts every client that is in the queue. One for each event would do, too, but would cost
 * a poll_wait() for each client. */
static void accept_clients(Server *server)
{
    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd >= 0) {
            if (take_connection(server, fd) == -1)
                close(fd);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno == EINTR || errno == ECONNABORTED) {
            continue; /* a signal; or that client has left already */
        } else {
            set_accepting(server, false); /* no descriptor, no memory, or we do not know what */
            return;
        }
    }
}

/* --- one client: owe(), pay() and echo() return false if it is to be disconnected --- */

/* Called only while nothing is owed: serve() reads at no other time. */
static bool owe(Connection *c, const char *bytes, size_t length)
{
    c->owed = malloc(length);
    if (c->owed == NULL)
        return false;
    memcpy(c->owed, bytes, length);
    c->owed_length = length;
    c->paid = 0;
    return true;
}

static bool pay(Connection *c)
{
    ssize_t put = write(c->fd, c->owed + c->paid, c->owed_length - c->paid);
    if (put == -1)
        return not_now();
    c->paid += (size_t)put;
    if (c->paid == c->owed_length) {
        free(c->owed);
        c->owed = NULL;
    }
    return true;
}

/* One read and one write a turn, however much there is: the others have their
 * turn too, and a level-triggered event comes again. */
static bool echo(Connection *c)
{
    static char bytes[READ_MOST]; /* one for all: nothing in it outlives the turn */
    ssize_t got = read(c->fd, bytes, sizeof bytes);
    if (got == 0)
        return false; /* the end of the data */
    if (got == -1)
        return not_now();

    ssize_t put = write(c->fd, bytes, (size_t)got);
    if (put == -1) {
        if (!not_now())
            return false;
        put = 0;
    }
    if (put == got)
        return true;
    return owe(c, bytes + put, (size_t)(got - put));
}

static void disconnect(Server *server, Connection *c)
{
    registry_deregister(&server->poll.registry, c->fd); /* if it fails: close() does it, too */
    close(c->fd);
    map_remove(&server->connections, c);
    set_accepting(server, true); /* a descriptor is free again */
}

/* What is registered changes when a debt begins or ends, and at no other time. */
static bool update_interest(Server *server, Connection *c)
{
    Interest interest = c->owed ? WRITABLE : READABLE;
    if (interest == c->interest)
        return true;
    c->interest = interest;
    return registry_reregister(&server->poll.registry, c->fd, c->token, interest) == 0;
}

/* While something is owed nothing is read. So no client is owed more than one read brings,
 * and the end of data is not read before all is paid. (`owed` decides whether to pay or to
 * read, and not the event's flags: a reset sets both.) */
static void serve(Server *server, Connection *c)
{
    bool alive = c->owed ? pay(c) : echo(c);
    if (!alive || !update_interest(server, c))
        disconnect(server, c);
}

/* --- the loop --- */

static void dispatch(Server *server, Token token)
{
    if (token == LISTENER) {
        accept_clients(server);
        return;
    }
    Connection *c = map_find(&server->connections, token);
    /* Here always found: a client has one interest at a time, so a wait brings one event
     * of it. With two, kqueue brings two events, and after the first the client may be gone. */
    if (c != NULL)
        serve(server, c);
}

// END SOLUTION
int server_init(Server *server)
{
    *server = (Server){.next = FIRST_CLIENT};
    if (map_init(&server->connections) == -1 || poll_open(&server->poll) == -1)
        return -1;
    // BEGIN SOLUTION
    /* A write to a client that is gone shall fail, not end the program. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -1;
    if (registry_register_signal(&server->poll.registry, SIGTERM, STOP) == -1 ||
        registry_register_signal(&server->poll.registry, SIGINT, STOP) == -1)
        return -1;
    // END SOLUTION
    // STUB: // TODO 7 (stop, 1 point): register SIGTERM and SIGINT under STOP. When an event
    // STUB: // has that token, server_run() returns 0.
    return 0;
}

int server_run(Server *server, int listener)
{
    server->listener = listener;
    // BEGIN SOLUTION
    set_accepting(server, true);
    if (!server->accepting) /* it did not work: errno says why */
        return -1;

    Events events;
    for (;;) {
        if (poll_wait(&server->poll, &events, server->accepting ? -1 : PAUSE_MS) == -1)
            return -1;
        if (events.length == 0)
            set_accepting(server, true); /* nothing for a while, or a signal: no harm in trying */

        for (int i = 0; i < events.length; i++) {
            if (events.list[i].token == STOP)
                return 0;
            dispatch(server, events.list[i].token);
        }
    }
    // END SOLUTION
    // STUB: // TODO 1 (the listener's part of tokens, 1 point): register the listener under
    // STUB: // LISTENER as READABLE, and set `accepting`. Then, for ever: sleep in poll_wait()
    // STUB: // without a limit, and look at the token of each event. LISTENER: there are clients
    // STUB: // to accept (TODO 2). Another: map_find() knows the connection (TODO 3). If it finds
    // STUB: // none, go on with the next event: kqueue brings two events of a client that is
    // STUB: // watched for both, and the first may have disconnected it. If the registration or
    // STUB: // poll_wait() fails, return -1.
    // STUB: errx(EXIT_FAILURE, "TODO 1 is to do: server_run() in echo_server.c");
}
