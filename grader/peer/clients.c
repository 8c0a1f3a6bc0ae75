#include "peer/script_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static int add(Clients *clients, char *name)
{
    if (clients->n == SCRIPT_CLIENTS) {
        free(name);
        return -1;
    }
    size_t n = (size_t)clients->n + 1;
    clients->names = x_realloc(clients->names, n * sizeof *clients->names);
    clients->states = x_realloc(clients->states, n);
    clients->names[n - 1] = name;
    clients->states[n - 1] = CLIENT_NEW;
    return clients->n++;
}

void clients_init(Clients *clients, const char *text, size_t len)
{
    *clients = (Clients){0};
    const char *end = text + len;
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        Words words;
        uint64_t count;
        if (!stop)
            stop = end;
        if (words_split(&words, line, (size_t)(stop - line), NULL) == 0 && words.n > 1 &&
            word_is(&words.word[1], "clients") &&
            word_number(&words.word[0], 1, SCRIPT_CLIENTS, &count) && (int)count > clients->group)
            clients->group = (int)count;
        words_release(&words);
        line = stop + 1;
    }
    for (int i = 1; i <= clients->group; i++)
        add(clients, x_printf("C%d", i));
}

void clients_release(Clients *clients)
{
    for (int i = 0; i < clients->n; i++)
        free(clients->names[i]);
    free(clients->names);
    free(clients->states);
    *clients = (Clients){0};
}

static bool may_be_a_name(const Word *word)
{
    uint64_t number;
    if (word->string || word->len == 0 || word->text[0] < 'A' || word->text[0] > 'Z')
        return false;
    Word rest = {.text = word->text + 1, .len = word->len - 1};
    return rest.len == 0 || word_number(&rest, 1, 9999, &number);
}

int clients_find(Clients *clients, const Word *word)
{
    if (!may_be_a_name(word))
        return -1;
    for (int i = 0; i < clients->n; i++)
        if (strcmp(clients->names[i], word->text) == 0)
            return i;
    return add(clients, x_strdup(word->text));
}

static const char *why_not(unsigned state, unsigned needs)
{
    if (needs == CLIENT_NEW)
        return "is connected already";
    return state == CLIENT_NEW ? "is not connected at this place"
                               : "has closed its side before this place";
}

int clients_step(Clients *clients, int first, int count, unsigned needs, unsigned then,
                 Fault *fault)
{
    for (int i = first; i < first + count; i++) {
        if (!(clients->states[i] & needs))
            return fault_set(fault, "%s %s", clients->names[i], why_not(clients->states[i], needs));
        if (then)
            clients->states[i] = (unsigned char)then;
    }
    return 0;
}
