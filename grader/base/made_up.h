/*
 * Made-up bytes: what a scripted client sends where the script names only a
 * number. "0000017." stands at byte 136: each block of eight tells its own
 * place, so that a lost, doubled or displaced one shows, and from where it is.
 */
#ifndef GRADER_BASE_MADE_UP_H
#define GRADER_BASE_MADE_UP_H

#include <stddef.h>
#include <stdint.h>

/* Writes the bytes from `offset` on; returns `len`. */
size_t made_up_copy(uint64_t offset, char *out, size_t len);

/* Where among made-up bytes these stand, the first of them; -1: they hold no whole block. */
int64_t made_up_place(const char *bytes, size_t len);

#endif
