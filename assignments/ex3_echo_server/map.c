#include "map.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

/* Tokens count upward, so their low bits spread evenly without a hash function. */
static Connection **bucket(const Map *map, Token token)
{
    return &map->buckets[token & (map->size - 1)];
}

int map_init(Map *map)
{
    *map = (Map){.buckets = calloc(FIRST_SIZE, sizeof *map->buckets), .size = FIRST_SIZE};
    return map->buckets ? 0 : -1;
}

static int grow(Map *map)
{
    Map bigger = {.size = map->size * 2, .length = map->length};
    bigger.buckets = calloc(bigger.size, sizeof *bigger.buckets);
    if (bigger.buckets == NULL)
        return -1;
    for (size_t i = 0; i < map->size; i++) {
        Connection *c = map->buckets[i];
        while (c) {
            Connection *next = c->next;
            Connection **head = bucket(&bigger, c->token);
            c->next = *head;
            *head = c;
            c = next;
        }
    }
    free(map->buckets);
    *map = bigger;
    return 0;
}

Connection *map_add(Map *map, Token token, int fd)
{
    if (map->length == map->size && grow(map) == -1)
        return NULL;
    Connection *c = malloc(sizeof *c);
    if (c == NULL)
        return NULL;
    Connection **head = bucket(map, token);
    *c = (Connection){.token = token, .fd = fd, .interest = READABLE, .next = *head};
    *head = c;
    map->length++;
    return c;
}

Connection *map_find(const Map *map, Token token)
{
    Connection *c = *bucket(map, token);
    while (c && c->token != token)
        c = c->next;
    return c;
}

void map_remove(Map *map, Connection *connection)
{
    Connection **at = bucket(map, connection->token);
    while (*at != connection)
        at = &(*at)->next;
    *at = connection->next;
    map->length--;
    free(connection->owed);
    free(connection);
}
