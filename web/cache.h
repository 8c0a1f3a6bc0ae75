/*
 * Long pages as they were last sent, for as long as nothing in the database has changed
 * (SQLite tells it in microseconds) and they are not older than CACHE_S. One cache for
 * each thread of the HTTP library, so no lock; a page belongs to one session and one
 * address, for its forms carry that session's token.
 */
#ifndef WEB_CACHE_H
#define WEB_CACHE_H

#include "http.h"

enum { CACHE_PAGES = 8, CACHE_S = 10, CACHE_KEY = 1024, CACHE_BYTES = 2 << 20 };

/* Answers from the cache; false: it is not there. `key` says the address, arguments and all. */
bool cache_reply(Request *request, const char *key, enum MHD_Result *result);

/* Sends a page, gives the Buf's contents away, and keeps it if it is not too long. */
enum MHD_Result cache_keep(Request *request, const char *key, Buf *html);

#endif
