/* The files of web/static/, built into the program (web/embed.sh). */
#ifndef WEB_STATIC_H
#define WEB_STATIC_H

#include <stddef.h>

typedef struct StaticFile {
    const char *name, *version; /* version: of its bytes */
    const unsigned char *bytes;
    size_t len;
} StaticFile;

extern const StaticFile static_files[];
extern const int n_static_files;

const StaticFile *static_file(const char *name); /* NULL: none */

#endif
