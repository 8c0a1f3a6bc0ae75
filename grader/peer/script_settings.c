/* What a script says before its first step. */
#include "peer/script_parts.h"

#include "base/buf.h"

static int set_title(Parser *p)
{
    Word *word = parser_next(p);
    if (!word || !word->string)
        return parser_complain(p, "title wants a string", NULL, "");
    p->script->title = x_strndup(word->text, word->len);
    return 0;
}

static int set_args(Parser *p)
{
    uint64_t number;
    Word *word = parser_next(p);
    if (!word)
        return 0;
    if (!word_number(word, 0, 65535, &number))
        return parser_complain(p, "args wants a port, 0 to 65535, not", word, "");
    p->script->port = (int)number;
    if (!(word = parser_next(p)))
        return 0;
    if (!word_number(word, 0, 1000000, &number))
        return parser_complain(p, "the second of args is a number, not", word, "");
    p->script->has_second_argument = true;
    p->script->second_argument = (int)number;
    return 0;
}

static int set_untraced(Parser *p)
{
    p->script->untraced = true;
    return 0;
}

static int set_narrow(Parser *p)
{
    uint64_t bytes = NARROW_USUAL;
    Word *word = parser_next(p);
    if (word && !word_number(word, NARROW_USUAL, 1 << 20, &bytes))
        return parser_complain(p, "narrow wants the bytes of the buffer, 2048 at least, not", word,
                               "");
    p->script->narrow = (int)bytes;
    return 0;
}

static int set_burn(Parser *p)
{
    Word *word = parser_next(p);
    if (!word || !word_time(word, &p->script->burn_ns))
        return parser_complain(p, "burn wants a time like 60ms", word, "");
    return 0;
}

static int set_limit(Parser *p)
{
    uint64_t number;
    Word *what = parser_next(p), *word = parser_next(p);
    if (!what || !word_is(what, "descriptors"))
        return parser_complain(p, "limit knows only: limit descriptors N", NULL, "");
    if (!word || !word_number(word, 16, 1048576, &number))
        return parser_complain(p, "limit descriptors wants a number, 16 at least, not", word, "");
    p->script->descriptors = (int)number;
    return 0;
}

static const struct {
    const char *name;
    int (*set)(Parser *p);
} settings[] = {
    {"title", set_title}, {"args", set_args},   {"untraced", set_untraced},
    {"burn", set_burn},   {"limit", set_limit}, {"narrow", set_narrow},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

int setting_named(const Word *word)
{
    for (int i = 0; i < SETTINGS; i++)
        if (word_is(word, settings[i].name))
            return i;
    return -1;
}

int setting_read(Parser *p, int i)
{
    if (p->script->n_steps > 0)
        return parser_complain(p, settings[i].name, NULL, " stands before the first step");
    if (p->said & (1u << i))
        return parser_complain(p, settings[i].name, NULL, " is given twice");
    p->said |= 1u << i;
    p->at = 1;
    return settings[i].set(p);
}
