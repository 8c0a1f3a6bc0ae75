/*
 * What the files of the script parser share: script.c reads lines into steps,
 * script_settings.c what stands before them, clients.c knows who the clients are and
 * what each may do next, repeat.c which line is read next.
 */
#ifndef GRADER_PEER_SCRIPT_PARTS_H
#define GRADER_PEER_SCRIPT_PARTS_H

#include "peer/script.h"
#include "peer/words.h"

/* What a client is in, as far as its own steps tell. */
typedef enum ClientState {
    CLIENT_NEW = 1 << 0, /* not connected, or closed */
    CLIENT_OPEN = 1 << 1,
    CLIENT_HALF = 1 << 2 /* its own side is closed */
} ClientState;

typedef struct Clients {
    int group;             /* C1..Cn are the first n clients; 0: no `N clients` */
    char **names;          /* owned until script.c takes them */
    unsigned char *states; /* ClientState of each */
    int n;
} Clients;

/* Looks for the largest `N clients` ahead of everything else, so that the
 * clients of a group stand side by side. */
void clients_init(Clients *clients, const char *text, size_t len);
void clients_release(Clients *clients); /* safe twice */

/* The client of this name, new or known; -1: no client is called so, or there are too many. */
int clients_find(Clients *clients, const Word *word);

/* May these `count` clients from `first` do a verb that asks for one of
 * `needs`? Then they are in `then` (0: as before). 0, or -1 and the fault. */
int clients_step(Clients *clients, int first, int count, unsigned needs, unsigned then,
                 Fault *fault);

/* The lines between `repeat` and `end`. Starts zeroed. */
typedef struct Repeat {
    uint64_t left;     /* how often they are still to be read, this time included; 0: none open */
    const char *first; /* of these lines; NULL: not seen yet */
    int line;          /* where `repeat` stands */
    bool back;         /* the first of them is next */
} Repeat;

/* 0, or -1 and the fault. `word`: how often; NULL: not said. */
int repeat_begin(Repeat *repeat, int line, const Word *word, Fault *fault);
int repeat_end(Repeat *repeat, Fault *fault);
/* The line to read when `behind` stands behind the one that was; `line` is the number of that one. */
const char *repeat_next(Repeat *repeat, const char *behind, int *line);

typedef struct Parser {
    Script *script;
    Clients clients;
    Words words;
    int at; /* the next word */
    int line;
    unsigned said; /* settings that were given, by their place in the table */
    Repeat repeat;
    Fault *fault;
} Parser;

/* NULL: the line has no more. */
Word *parser_next(Parser *p);
/* "the word": for messages, so that a wrong script can't write to a terminal. -1. */
int parser_complain(Parser *p, const char *before, const Word *word, const char *behind);

/* Which setting this word is, -1: none; and the rest of its line. 0, or -1 and the fault. */
int setting_named(const Word *word);
int setting_read(Parser *p, int setting);

#endif
