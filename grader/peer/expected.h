/*
 * What a client is to receive: the bytes of its `expect` steps, one behind the
 * other, compared as they arrive. So nothing need be kept for a step that
 * comes later, however early or much the program sends.
 */
#ifndef GRADER_PEER_EXPECTED_H
#define GRADER_PEER_EXPECTED_H

#include "base/buf.h"
#include "peer/payload.h"

enum { EXPECTED_SEEN = 256 };

typedef struct Expected {
    const Script *script;
    int client;
    int step;        /* the expect step that the next byte belongs to; n_steps: none */
    Payload payload; /* of that step */
    uint64_t at;     /* how many bytes of it have come */
    bool wrong;  /* the byte behind those is not the one expected; nothing is compared any more */
    Buf seen;    /* the first bytes that came for that step */
    Buf instead; /* wrong: the first bytes from that one on */
} Expected;

/* The expect steps of `client` behind step `from`, up to its next connect. */
void expected_init(Expected *expected, const Script *script, int client, int from);
void expected_release(Expected *expected); /* safe twice */
void expected_feed(Expected *expected, const char *bytes, size_t len);

bool expected_met(const Expected *expected, int step); /* all bytes of that step have come */
/* That step can't be met any more, whatever comes. */
bool expected_failed(const Expected *expected, int step);

#endif
