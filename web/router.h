/*
 * Which route an address takes. Patterns are pieces between slashes; `*` stands for one
 * piece of 1 to PIECE_MOST letters, digits, `-`, `_`, `.` that does not begin with a
 * dot. Nothing else ever matches: no empty piece, no "..", no odd character, so a piece
 * may be used in a name of a file.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

enum { PIECES_MOST = 4, PIECE_MOST = 64, PATH_MOST = 512 };

typedef struct Pieces {
    char text[PIECES_MOST][PIECE_MOST + 1]; /* what the stars stood for */
    int n;
} Pieces;

bool route_matches(const char *pattern, const char *path, Pieces *pieces);

/* Decodes %XX in place. False, with an empty text: not decodable, or a control
 * character in it. */
bool address_decode(char *text);

/* The value of a field of an application/x-www-form-urlencoded body, decoded; false: it is not
 * there, does not fit, or is no clean UTF-8. Line ends are kept. */
bool form_field(const char *body, const char *name, char *value, size_t size);

/* The value of a cookie of a Cookie header; false: not there or does not fit. */
bool cookie_field(const char *header, const char *name, char *value, size_t size);

/* Splits "user:password" of an `Authorization: Basic ...` header. False: it is none. */
bool basic_auth(const char *header, char *user, size_t user_size, char *password,
                size_t password_size);

#endif
