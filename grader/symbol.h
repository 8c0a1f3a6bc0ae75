/*
 * Addresses of a submission's program -> lines of its own source, by DWARF
 * (libdw), inlined frames included. The debugging information was written by
 * a compiler over hostile source: names that are not in the copied folder
 * (`#line 1 "/etc/shadow"`) are not lines of the submission.
 */
#ifndef GRADER_SYMBOL_H
#define GRADER_SYMBOL_H

#include "trace/event.h"

typedef struct Symbols Symbols;

/* `folder`: where the source is, to tell own files. NULL if the binary has no such information. */
Symbols *symbols_open(const char *binary, const char *folder);
void symbols_close(Symbols *symbols);

/* A StraceResolve: `context` is the Symbols. Frames of other modules give 0.
 * `offset` is a return address: the line is that of the call before it. */
int symbols_resolve(void *context, const char *module, uint64_t offset, SourceLine *lines,
                    int most);

#endif
