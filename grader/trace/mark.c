#include "trace/mark.h"

#include <stdlib.h>
#include <string.h>

MarkKind mark_parse(const Event *event, unsigned *task)
{
    static const char *const words[] = {"poll ", "ready ", "pending ", "wake "};
    char text[32], *end;
    size_t len = event->data ? event->data_len : 0;
    if (len >= sizeof text)
        return MARK_OTHER;
    if (len)
        memcpy(text, event->data, len);
    text[len] = 0;
    for (int i = 0; i < MARK_OTHER; i++) {
        size_t word = strlen(words[i]);
        if (strncmp(text, words[i], word) != 0 || text[word] < '0' || text[word] > '9')
            continue;
        unsigned long number = strtoul(text + word, &end, 10);
        bool known = (*end == 0 || *end == '\n') && number >= 1 && number <= MARK_TASKS;
        *task = (unsigned)number;
        return known ? (MarkKind)i : MARK_OTHER;
    }
    return MARK_OTHER;
}
