/*
 * The clients of the echo bench: N connections, each with one message under
 * way. Whoever has its echo whole sends again, until all together have had
 * as many echoes as were asked for.
 */
#ifndef TESTS_BENCH_ECHO_CLIENTS_H
#define TESTS_BENCH_ECHO_CLIENTS_H

#include <stddef.h>

enum { MESSAGE_MOST = 64 * 1024 };

typedef struct EchoClients EchoClients;

/* Connects them all, and waits until each has had one echo. */
EchoClients *echo_clients_connect(int port, int count, size_t message);
/* Sends so many messages in all, one for each client at least, and waits for their echoes. */
void echo_clients_talk(EchoClients *clients, long messages);
void echo_clients_close(EchoClients *clients);

#endif
