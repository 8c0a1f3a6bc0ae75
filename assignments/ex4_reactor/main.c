/*
 * Exercise 4: the read of exercise 2 behind a future, for many connections.
 *
 *     reactor [PORT [TASKS]]      port 9000 if left out, 0: any free one; 1 task
 *
 * Accepts TASKS connections. The task of each waits for data, prints it, and
 * finishes; if its peer closes or resets first, it prints `closed` and has not failed.
 * Exit status: 0 when all have finished; 1 if something failed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "executor.h"
#include "reactor.h"
#include "read_future.h"
#include "task.h"

enum { TASKS_MOST = 1000 }; /* each holds a descriptor, of which a program usually gets 1,024 */

/* The n-th argument, a number; `fallback` if it was left out. */
static long argument(int argc, char **argv, int n, long fallback, long least, long most)
{
    if (argc <= n)
        return fallback;
    char *end;
    long number = strtol(argv[n], &end, 10);
    if (argc > 3 || end == argv[n] || *end != '\0' || number < least || number > most)
        errx(EXIT_FAILURE, "usage: %s [PORT [TASKS]]", argv[0]);
    return number;
}

/* A socket that listens on 127.0.0.1:port, and says so on stdout. */
static int listen_on(in_port_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        err(EXIT_FAILURE, "socket");

    /* The last run's connections may hold the port for a minute; take it all the same. */
    int yes = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(EXIT_FAILURE, "setsockopt");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) == -1 ||
        listen(listener, SOMAXCONN) == -1)
        err(EXIT_FAILURE, "127.0.0.1:%d", port);

    /* If the kernel was to choose the port, this is where it says which. */
    if (getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        err(EXIT_FAILURE, "getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout); /* in a pipe's buffer the line would stay, and somebody waits for it */
    return listener;
}

/* The next connection that comes, made non-blocking. One that is gone before we come to it
 * (ECONNABORTED) does not end the others; what else can fail here (accept(2)) ends the program. */
static int accept_connection(int listener)
{
    int connection;
    do
        connection = accept(listener, NULL, NULL);
    while (connection == -1 && (errno == EINTR || errno == ECONNABORTED));
    if (connection == -1)
        err(EXIT_FAILURE, "accept");

    int flags = fcntl(connection, F_GETFL);
    if (flags == -1 || fcntl(connection, F_SETFL, flags | O_NONBLOCK) == -1)
        err(EXIT_FAILURE, "fcntl");
    return connection;
}

/* The work of one task, itself a future: READY when the data of its connection is printed. */
typedef struct Printer {
    Future future; /* first: a pointer to it is a pointer to the Printer */
    ReadFuture read;
    Task task;
} Printer;

/* A future that waits for another one polls it with the same Context: so the reactor gets the
 * waker of the whole task, and one wake polls both. It calls `poll` itself: future_poll() would
 * leave the task's marks a second time. */
static Poll printer_poll(Future *future, Context *cx)
{
    Printer *self = (Printer *)future;
    if (self->read.future.poll(&self->read.future, cx) == PENDING)
        return PENDING;

    const char *data = self->read.data;
    size_t length = self->read.length;
    printf("task %u: ", cx->waker.task);
    fwrite(data, 1, length, stdout);
    if (length == 0)
        puts("closed");
    else if (data[length - 1] != '\n')
        putchar('\n');
    fflush(stdout);
    return READY;
}

int main(int argc, char **argv)
{
    long port = argument(argc, argv, 1, 9000, 0, 65535);
    unsigned tasks = (unsigned)argument(argc, argv, 2, 1, 1, TASKS_MOST);
    int listener = listen_on((in_port_t)port);

    Printer *printers = calloc(tasks, sizeof *printers);
    if (printers == NULL)
        err(EXIT_FAILURE, "calloc");
    Reactor reactor;
    if (reactor_open(&reactor, tasks) == -1)
        err(EXIT_FAILURE, "reactor_open");
    Executor executor = {.reactor = &reactor};

    /* All are accepted first, blocking; only then does the executor run. */
    for (unsigned i = 0; i < tasks; i++) { /* token i is of task i + 1 */
        Printer *printer = &printers[i];
        printer->future.poll = printer_poll;
        read_future_init(&printer->read, &reactor, i, accept_connection(listener));
        executor_spawn(&executor, &printer->task, i + 1, &printer->future);
    }
    if (executor_run(&executor) == -1)
        err(EXIT_FAILURE, "executor_run");

    reactor_close(&reactor);
    free(printers);
    close(listener);
    if (fflush(stdout) == EOF || ferror(stdout))
        err(EXIT_FAILURE, "stdout");
    return EXIT_SUCCESS;
}
