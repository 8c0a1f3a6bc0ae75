/* An echo server as the bench sees it: a process on a core of its own. */
#ifndef TESTS_BENCH_ECHO_SERVER_H
#define TESTS_BENCH_ECHO_SERVER_H

#include "bench.h"

typedef struct EchoServer {
    pid_t pid;
    int port;
} EchoServer;

/* Starts `command PORT` with port 0 and reads its port from the line that it prints. */
EchoServer echo_server_start(const char *command);
void echo_server_stop(const EchoServer *server);

double echo_server_cpu(const EchoServer *server);    /* seconds since it began */
long echo_server_switches(const EchoServer *server); /* how often it went to sleep */
long echo_server_resident(const EchoServer *server); /* bytes of memory in use */

/* The bench takes the first core of the machine, and servers the last. */
void pin_to_core(bool first);

#endif
