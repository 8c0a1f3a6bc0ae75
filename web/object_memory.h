/*
 * What libgit2 may take at once. A delta of few bytes may stand on a base of gigabytes
 * (zeros pack 1,000 to 1), and the library unpacks the whole of it to read the few: the
 * sizes that it tells before say nothing of that. And a chain of deltas takes that much once for
 * each link, for each file that stands at its end: 20 KB of a push are hours of unpacking.
 */
#ifndef WEB_OBJECT_MEMORY_H
#define WEB_OBJECT_MEMORY_H

#include <stdbool.h>

enum { OBJECT_MEMORY = 16 << 20, OBJECT_PIECE = 64 << 10, OBJECT_WORK = 1 << 30 };

/* Once, before the library begins: one piece of more than OBJECT_MEMORY bytes is refused. */
void object_memory_bound(void);

/* From here on this thread may ask for OBJECT_WORK bytes in pieces of more than OBJECT_PIECE; what
 * is beyond that is refused. Once for each page and each export (objects_open()). */
void object_memory_begin(void);

/* Was this thread refused one since it last asked? */
bool object_memory_refused(void);

#endif
