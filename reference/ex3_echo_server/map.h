/*
 * The connection map: from a token to the connection that has it. Memory is
 * owned by the map; a Connection is valid until map_remove().
 */
#ifndef MAP_H
#define MAP_H

#include <stddef.h>

#include "poll.h"

typedef struct Connection {
    Token token;
    int fd;
    Interest interest;       /* what is registered at present; READABLE at first */
    char *owed;              /* read, not yet written back; NULL while nothing is owed */
    size_t owed_length;      /* bytes in `owed` */
    size_t paid;             /* so many of them are written already */
    struct Connection *next; /* in the same bucket */
} Connection;

typedef struct Map {
    Connection **buckets;
    size_t size;   /* how many buckets: a power of two */
    size_t length; /* how many connections */
} Map;

int map_init(Map *map);                             /* 0, or -1: no memory */
Connection *map_add(Map *map, Token token, int fd); /* NULL: no memory */
Connection *map_find(const Map *map, Token token);  /* NULL: there is none (any more) */
void map_remove(Map *map, Connection *connection);  /* frees it and what it owes */

#endif
