/*
 * One line of a script as words: bare ones, and strings with their escapes
 * taken out. A `#` outside a string begins a comment.
 */
#ifndef GRADER_PEER_WORDS_H
#define GRADER_PEER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { WORDS_MOST = 8 };

typedef struct Word {
    char *text; /* owned; NUL-terminated, and may hold NULs if it is a string */
    size_t len;
    bool string;
} Word;

typedef struct Words {
    Word word[WORDS_MOST];
    int n;
} Words;

/* 0, or -1 and what is wrong (without the place). */
int words_split(Words *words, const char *line, size_t len, Fault *fault);
void words_release(Words *words); /* safe twice */

bool word_is(const Word *word, const char *text); /* a bare word with this text */
/* A bare word of digits from `least` to `most`, no more of them than needed. */
bool word_number(const Word *word, uint64_t least, uint64_t most, uint64_t *number);
/* "30ms", "1.5s", "200us": more than nothing and a minute at most. */
bool word_time(const Word *word, int64_t *ns);

#endif
