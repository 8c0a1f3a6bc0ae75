#ifndef NET_H
#define NET_H

/* Listens on 127.0.0.1:port and says so; -1 on failure. */
int net_listen(int port);

/* One connection, non-blocking; -1 on failure. */
int net_accept(int server);

#endif
