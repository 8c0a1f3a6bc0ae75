/*
 * What libgit2 may take at once. A delta of few bytes may stand on a base of gigabytes
 * (zeros pack 1,000 to 1), and the library unpacks the whole of it to read the few: the
 * sizes that it tells before say nothing of that.
 */
#ifndef WEB_OBJECT_MEMORY_H
#define WEB_OBJECT_MEMORY_H

#include <stdbool.h>

enum { OBJECT_MEMORY = 16 << 20 };

/* Once, before the library begins: one piece of more than OBJECT_MEMORY bytes is refused. */
void object_memory_bound(void);

/* Was this thread refused one since it last asked? */
bool object_memory_refused(void);

#endif
