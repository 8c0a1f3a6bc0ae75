#include "peer/script_parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

Word *parser_next(Parser *p)
{
    return p->at < p->words.n ? &p->words.word[p->at++] : NULL;
}

int parser_complain(Parser *p, const char *before, const Word *word, const char *behind)
{
    Buf quoted;
    buf_init(&quoted, 200);
    if (word)
        text_quote(&quoted, word->text, word->len, 40);
    fault_set(p->fault, "%s%s%s%s%s", before, word ? " \"" : "", quoted.data, word ? "\"" : "",
              behind);
    buf_release(&quoted);
    return -1;
}

/* --- steps --- */

typedef enum Takes { NOTHING, DATA, DATA_AND_LIMIT, LIMIT, TIME, SIGNAL } Takes;

typedef struct VerbRow {
    const char *name;
    Takes takes;
    int64_t usual_ns; /* the limit where none is given */
    unsigned needs;   /* states that its clients may be in; 0: it has no client */
    unsigned then;    /* the state that they are in afterwards; 0: the same */
} VerbRow;

enum { CONNECTED = CLIENT_OPEN | CLIENT_HALF };

static const VerbRow verbs[VERBS] = {
    [VERB_CONNECT] = {"connect", LIMIT, 5 * NS_PER_S, CLIENT_NEW, CLIENT_OPEN},
    [VERB_SEND] = {"send", DATA, 0, CLIENT_OPEN, 0},
    [VERB_EXPECT] = {"expect", DATA_AND_LIMIT, NS_PER_S, CONNECTED, 0},
    [VERB_EXPECT_END] = {"expect-end", LIMIT, NS_PER_S, CONNECTED, 0},
    [VERB_HALF_CLOSE] = {"half-close", NOTHING, 0, CLIENT_OPEN, CLIENT_HALF},
    [VERB_CLOSE] = {"close", NOTHING, 0, CONNECTED, CLIENT_NEW},
    [VERB_RESET] = {"reset", NOTHING, 0, CONNECTED, CLIENT_NEW},
    [VERB_PAUSE_READING] = {"pause-reading", NOTHING, 0, CONNECTED, 0},
    [VERB_RESUME_READING] = {"resume-reading", NOTHING, 0, CONNECTED, 0},
    [VERB_SETTLE] = {"settle", LIMIT, NS_PER_S, 0, 0},
    [VERB_WATCH] = {"watch", TIME, 0, 0, 0},
    [VERB_PAUSE] = {"pause", TIME, 0, 0, 0},
    [VERB_CRAMP] = {"cramp", NOTHING, 0, 0, 0},
    [VERB_INTERRUPT] = {"interrupt", NOTHING, 0, 0, 0},
    [VERB_SIGNAL] = {"signal", SIGNAL, 0, 0, 0},
    [VERB_EXIT] = {"exit", LIMIT, NS_PER_S, 0, 0},
};

const char *verb_name(Verb verb)
{
    return verbs[verb].name;
}

static int take_signal(Parser *p, Step *step)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {
        {"TERM", SIGTERM}, {"INT", SIGINT}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"USR1", SIGUSR1},
    };
    Word *word = parser_next(p);
    for (size_t i = 0; word && i < sizeof signals / sizeof *signals; i++) {
        if (word_is(word, signals[i].name)) {
            step->signal = signals[i].number;
            return 0;
        }
    }
    return parser_complain(p, "signal knows TERM, INT, STOP, CONT and USR1, not", word, "");
}

static int take_times(Parser *p, Step *step)
{
    if (p->at == p->words.n || !word_is(&p->words.word[p->at], "x"))
        return 0;
    p->at++;
    Word *word = parser_next(p);
    if (!word || !word_number(word, 1, SCRIPT_PAYLOAD / step->data_len, &step->times))
        return parser_complain(p, "x wants how many times, 64 MiB at most in all, not", word, "");
    return 0;
}

static int take_data(Parser *p, Step *step)
{
    Word *word = parser_next(p);
    step->times = 1;
    if (word && !word->string && word_number(word, 1, SCRIPT_PAYLOAD, &step->times))
        return 0;
    if (!word || !word->string || word->len == 0)
        return parser_complain(p, verbs[step->verb].name, NULL,
                               " wants a string, or a number of bytes (64 MiB at most)");
    step->data = x_strndup(word->text, word->len);
    step->data_len = word->len;
    step->numbered = step->numbered && memmem(word->text, word->len, "%d", 2);
    return take_times(p, step);
}

static int take_time(Parser *p, Step *step)
{
    Word *word = parser_next(p);
    if (!word && verbs[step->verb].takes == TIME)
        return parser_complain(p, verbs[step->verb].name, NULL, " wants a time like 500ms");
    if (!word)
        step->time_ns = verbs[step->verb].usual_ns;
    else if (!word_time(word, &step->time_ns))
        return parser_complain(p, "a time is like 200us, 30ms or 1.5s, a minute at most, not", word,
                               "");
    return 0;
}

static int take_rest(Parser *p, Step *step)
{
    switch (verbs[step->verb].takes) {
    case DATA:
        return take_data(p, step);
    case DATA_AND_LIMIT:
        return take_data(p, step) || take_time(p, step) ? -1 : 0;
    case LIMIT:
    case TIME:
        return take_time(p, step);
    case SIGNAL:
        return take_signal(p, step);
    case NOTHING:
        break;
    }
    return 0;
}

/* `A`, `C7`, `100 clients`, or nothing of the kind. */
static int take_clients(Parser *p, Step *step)
{
    uint64_t count;
    Word *word = &p->words.word[0];
    *step = (Step){.line = p->line, .client = -1};
    if (p->words.n > 1 && word_is(&p->words.word[1], "clients")) {
        if (!word_number(word, 1, SCRIPT_CLIENTS, &count))
            return parser_complain(p, "there may be 1 to 4096 clients, not", word, "");
        step->client = 0;
        step->clients = (int)count;
        step->numbered = true;
        p->at = 2;
        return 0;
    }
    p->at = 0;
    if (word->text[0] < 'A' || word->text[0] > 'Z' || word->string)
        return 0;
    step->client = clients_find(&p->clients, word);
    step->clients = 1;
    p->at = 1;
    return step->client < 0
               ? parser_complain(p, "", word,
                                 " is no client: a capital letter, or a capital letter "
                                 "and a number, 4096 of them at most")
               : 0;
}

static int take_verb(Parser *p, Step *step)
{
    Word *word = parser_next(p);
    if (!word)
        return parser_complain(p, "a client without a verb", NULL, "");
    int verb = 0;
    while (verb < VERBS && !word_is(word, verbs[verb].name))
        verb++;
    if (verb == VERBS)
        return parser_complain(p, "no verb or setting is called", word, "");
    step->verb = (Verb)verb;
    if (verbs[verb].needs && step->client < 0)
        return parser_complain(p, verbs[verb].name, NULL,
                               " wants a client before it: A, or 100 clients");
    if (!verbs[verb].needs && step->client >= 0)
        return parser_complain(p, verbs[verb].name, NULL, " has no client");
    return 0;
}

static int read_step(Parser *p, Step *step)
{
    Script *script = p->script;
    if (take_clients(p, step) || take_verb(p, step) || take_rest(p, step))
        return -1;
    if (script->n_steps > 0 && script->steps[script->n_steps - 1].verb == VERB_EXIT)
        return parser_complain(p, "nothing may stand behind exit", NULL, "");
    const VerbRow *row = &verbs[step->verb];
    return row->needs ? clients_step(&p->clients, step->client, step->clients, row->needs,
                                     row->then, p->fault)
                      : 0;
}

static int add_step(Parser *p)
{
    Script *script = p->script;
    Step step;
    if (script->n_steps == SCRIPT_STEPS)
        return parser_complain(p, "more than 1000 steps", NULL, "");
    if (read_step(p, &step)) {
        free(step.data);
        return -1;
    }
    script->steps = x_realloc(script->steps, ((size_t)script->n_steps + 1) * sizeof step);
    script->steps[script->n_steps++] = step;
    return 0;
}

static int read_repeat(Parser *p)
{
    const Word *first = parser_next(p);
    return word_is(first, "end") ? repeat_end(&p->repeat, p->fault)
                                 : repeat_begin(&p->repeat, p->line, parser_next(p), p->fault);
}

static int read_words(Parser *p)
{
    const Word *first = &p->words.word[0];
    p->at = 0;
    if (word_is(first, "repeat") || word_is(first, "end"))
        return read_repeat(p);
    int setting = setting_named(first);
    return setting >= 0 ? setting_read(p, setting) : add_step(p);
}

static int read_line(Parser *p, const char *line, size_t len)
{
    if (words_split(&p->words, line, len, p->fault))
        return -1;
    if (p->words.n == 0)
        return 0;
    int result = read_words(p);
    if (result == 0 && p->at < p->words.n)
        result = parser_complain(p, "too much on the line, from", &p->words.word[p->at], " on");
    words_release(&p->words);
    return result;
}

static int read_lines(Parser *p, const char *text, size_t len)
{
    if (len > SCRIPT_BYTES)
        return parser_complain(p, "longer than 64 KiB", NULL, "");
    const char *end = text + len;
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            stop = end;
        p->line++;
        if (read_line(p, line, (size_t)(stop - line)))
            return -1;
        line = repeat_next(&p->repeat, stop + 1, &p->line);
    }
    if (p->repeat.left)
        return parser_complain(p, "repeat wants an end behind it", NULL, "");
    return p->script->n_steps ? 0 : parser_complain(p, "holds no step", NULL, "");
}

int script_parse(Script *script, const char *name, const char *text, size_t len, Fault *fault)
{
    Fault what = {{0}};
    Parser p = {.script = script, .fault = &what};
    *script = (Script){.port = -1};
    if (len <= SCRIPT_BYTES)
        clients_init(&p.clients, text, len);
    int result = read_lines(&p, text, len);
    script->client_names = p.clients.names;
    script->n_clients = p.clients.n;
    p.clients.names = NULL;
    p.clients.n = 0;
    clients_release(&p.clients);
    if (result) {
        script_release(script);
        char place[200];
        script_place(place, sizeof place, name, p.line ? p.line : 1);
        fault_set(fault, "%s: %s", place, what.text);
    } else if (!script->title) {
        script->title = x_strdup(name);
    }
    return result;
}

const char *script_place(char *text, size_t size, const char *name, int line)
{
    snprintf(text, size, "%s%s:%d", name, strchr(name, '.') ? "" : ".peer", line);
    return text;
}

void script_release(Script *script)
{
    for (int i = 0; i < script->n_steps; i++)
        free(script->steps[i].data);
    for (int i = 0; i < script->n_clients; i++)
        free(script->client_names[i]);
    free(script->steps);
    free(script->client_names);
    free(script->title);
    *script = (Script){.port = -1};
}
