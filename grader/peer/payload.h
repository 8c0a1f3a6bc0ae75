/*
 * The bytes that one client sends, or expects, in one step. Made where they
 * are needed and never held whole: a step may be SCRIPT_PAYLOAD bytes long.
 */
#ifndef GRADER_PEER_PAYLOAD_H
#define GRADER_PEER_PAYLOAD_H

#include "peer/script.h"

typedef struct Payload {
    char *data; /* one repetition, owned; NULL: base/made_up.h */
    size_t len;
    uint64_t total; /* bytes in all */
} Payload;

/* `number` is what %d stands for. */
void payload_init(Payload *payload, const Step *step, int number);
void payload_release(Payload *payload); /* safe twice */

/* Writes the bytes from `offset` on, at most `len`; returns how many there were. */
size_t payload_copy(const Payload *payload, uint64_t offset, char *out, size_t len);

#endif
