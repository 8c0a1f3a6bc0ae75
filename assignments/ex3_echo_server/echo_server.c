#include "echo_server.h"

#include <err.h>
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

// TODO 1 is server_run(), at the end of this file: begin there.
//
// TODO 2 (the rest of tokens, 2 points): accept clients until none is left (EAGAIN); while
// that is not done, the loop spins. Make each connection non-blocking (never-blocks asks
// for it; its points come with TODO 3), add it to the map under the next token, and
// register it under that token as READABLE. Turn Nagle's delay off as well: setsockopt(fd,
// IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), see tcp(7); the README's "Nagle's trap"
// shows what the delay does to an echo. What fails for one client (no memory, registering)
// ends that client only: take it out of the map again, close it and go on. (That the delay
// can't be turned off is no reason to.) After EINTR or ECONNABORTED accept again; at any
// other error return: TODO 6 sees to those.
//
// TODO 3 (never-blocks, 3 points; echo-one, 2; many-clients, 4; burst-then-silence, 1;
// idle-asleep, 2; past-1024, 1; half of slow-reader, 2): when a connection is readable,
// read once, and write once what was read. EAGAIN and EINTR are no errors. From read():
// the event comes again. From write(): it took nothing; those bytes are lost until TODO 5
// is done.
//
// TODO 4 (close-clean, 3 points; reset-sigpipe, 2 points): at the end of data (read
// returns 0) and at an error, deregister the connection, close it, take it out of the map.
// (Should deregistering fail, close it all the same: that takes it out, too.) After
// map_remove() the Connection is gone: return at once. A write to a client that is gone
// raises SIGPIPE, which ends the program: ignore that signal, by signal(SIGPIPE, SIG_IGN)
// in server_init(), and the write fails with EPIPE instead.
//
// TODO 5 (the other half of slow-reader, 2 points; backpressure, write-interest,
// half-close, 2 each): what write() does not take (all of it, at EAGAIN or EINTR) is owed.
// Keep it in `owed`, and registry_reregister() the connection as WRITABLE alone: a client
// that is owed something is not read. `paid` says how much of it is written, and is 0 for
// each new debt. When all is paid, free `owed`, set it to NULL, and reregister as
// READABLE. For each event do one of the two, and go by the state, not by the flags: if
// something is owed, pay; if not, read. (A reset sets both flags, whatever is registered.)
// What fails here (no memory, registering) ends this client.
//
// TODO 6 (out-of-descriptors, 1 point): when accept() fails for want of descriptors or
// memory (EMFILE, ENFILE, ENOBUFS, ENOMEM; take any error but TODO 2's three for one of
// these), the client stays in the kernel's queue and the listener stays readable: the loop
// spins. Deregister the listener then, and register it again when a client has left, or
// when a second of poll_wait() has brought nothing: the shortage may be another program's.
// Should that registration fail, try again in the same way; should deregistering fail,
// `accepting` stays true, and the next accept() that fails tries again. `accepting` says
// whether the listener is registered at present.

int server_init(Server *server)
{
    *server = (Server){.next = FIRST_CLIENT};
    if (map_init(&server->connections) == -1 || poll_open(&server->poll) == -1)
        return -1;
    // TODO 7 (stop, 1 point): register SIGTERM and SIGINT under STOP. When an event
    // has that token, server_run() returns 0.
    return 0;
}

int server_run(Server *server, int listener)
{
    server->listener = listener;
    // TODO 1 (the listener's part of tokens, 1 point): register the listener under
    // LISTENER as READABLE, and set `accepting`. Then, for ever: sleep in poll_wait()
    // without a limit, and look at the token of each event. LISTENER: there are clients
    // to accept (TODO 2). Another: map_find() knows the connection (TODO 3). If it finds
    // none, go on with the next event: kqueue brings two events of a client that is
    // watched for both, and the first may have disconnected it. If the registration or
    // poll_wait() fails, return -1.
    errx(EXIT_FAILURE, "TODO 1 is to do: server_run() in echo_server.c");
}
