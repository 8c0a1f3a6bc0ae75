/*
 * Private to the Linux symbols. Debugging information is written by a
 * compiler over hostile source, or by the source itself (`.section
 * .debug_info`), and libdw is a large reader of it. So a process of its own
 * reads it (symbol_dwarf_linux.c), without root, bounded in memory and time,
 * and free to do nothing but that (symbol_confine_linux.c); symbol_linux.c asks
 * it over a socket, believes no length of its answers, and does without lines
 * once it has crashed or is late.
 */
#ifndef GRADER_SYMBOL_LINUX_H
#define GRADER_SYMBOL_LINUX_H

#include <stdint.h>

enum { SYMBOL_FRAMES = 16, SYMBOL_NAME = 240 };

/* An answer to one offset (a question is a uint64_t). The first one, unasked,
 * says by `count` whether there is any information. */
typedef struct SymbolAnswer {
    int32_t count;
    struct {
        int32_t line;
        char file[SYMBOL_NAME]; /* as the compiler named it; NUL-terminated */
    } frames[SYMBOL_FRAMES];    /* innermost first */
} SymbolAnswer;

/* Reads questions from `channel` and answers them, until its end. `binary` is open on an ELF file. */
void symbol_serve(int binary, int channel);

/* From here on this process can read what it has open, have memory and answer. 0, or -1 where the
 * kernel has no filters for system calls. */
int symbol_confine(void);

#endif
