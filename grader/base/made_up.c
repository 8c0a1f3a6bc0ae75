#include "base/made_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8, DIGITS = BLOCK - 1 };

size_t made_up_copy(uint64_t offset, char *out, size_t len)
{
    char block[32];
    size_t done = 0;
    while (done < len) {
        size_t from = (offset + done) % BLOCK, n = BLOCK - from;
        if (n > len - done)
            n = len - done;
        snprintf(block, sizeof block, "%07u.", (unsigned)((offset + done) / BLOCK));
        memcpy(out + done, block + from, n);
        done += n;
    }
    return done;
}

int64_t made_up_place(const char *bytes, size_t len)
{
    char block[BLOCK + 1] = "";
    for (size_t i = 0; i < BLOCK && i + BLOCK <= len; i++) {
        memcpy(block, bytes + i, BLOCK);
        if (strspn(block, "0123456789") == DIGITS && block[DIGITS] == '.')
            return (int64_t)strtoul(block, NULL, 10) * BLOCK - (int64_t)i;
    }
    return -1;
}
