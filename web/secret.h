/*
 * Secrets: 256 random bits, written as 64 hex digits, shown once. What is stored is
 * their SHA-256: being random, they need no salt and no slow hash.
 */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_BYTES = 32, SECRET_TEXT = 2 * SECRET_BYTES + 1, SECRET_HASH = 32 };

/* A new one. Ends the process if the kernel has no random bytes: nothing works then. */
void secret_make(char text[SECRET_TEXT]);

void secret_hash(const char *text, unsigned char hash[SECRET_HASH]);

/* Is it the one with this hash? The time it takes tells nothing. `hash` may be of any
 * length, also 0 (nobody has it). */
bool secret_matches(const char *text, const void *hash, size_t len);

/* 64 hex digits for `purpose`, made from a secret: a CSRF token from a session. */
void secret_derive(const char *text, const char *purpose, char derived[SECRET_TEXT]);

/* Equal texts, in a time that depends on the length of `given` alone. */
bool secret_equal(const char *given, const char *wanted);

#endif
