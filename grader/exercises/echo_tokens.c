/* Tokens: what is registered with the kernel, and under which name. */
#include "exercises/echo.h"

#include "trace/trace.h"

/* What people put into the upper half, or leave there unset, says nothing. */
static uint32_t token_of(const Event *watch)
{
    return (uint32_t)watch->token;
}

/* "Upward from 1" leaves room for gaps, and none for addresses. */
enum { TOKEN_MOST = 1 << 20, REGISTERED_MOST = 512 };

typedef struct Tokens {
    const Event *registered[REGISTERED_MOST]; /* each thing under each token that it had, once */
    int n;
    const Event *listener;      /* its first registration */
    const Event *not_zero;      /* one with another token than 0 */
    const Event *unkeyed;       /* a connection watched by a call that knows no tokens */
    const Event *first, *again; /* two things under one token, one a connection at least */
    const Event *before, *down; /* connections registered one after the other, and not upward */
    int connections;
} Tokens;

static ObjectKind kind_of(const Trace *trace, const Event *event)
{
    const Object *object = trace_object(trace, event->object);
    return object ? object->kind : OBJECT_OTHER;
}

static bool known(const Tokens *tokens, const Event *watch)
{
    for (int i = 0; i < tokens->n; i++)
        if (tokens->registered[i]->object == watch->object &&
            token_of(tokens->registered[i]) == token_of(watch))
            return true;
    return false;
}

static void compare(const Trace *trace, Tokens *tokens, const Event *watch)
{
    bool connection = kind_of(trace, watch) == OBJECT_CONNECTION;
    if (tokens->again)
        return;
    for (int i = 0; i < tokens->n; i++) {
        const Event *other = tokens->registered[i];
        if (other->object == watch->object || token_of(other) != token_of(watch))
            continue;
        if (!connection && kind_of(trace, other) != OBJECT_CONNECTION)
            continue;
        tokens->first = other;
        tokens->again = watch;
        return;
    }
}

static void count(Tokens *tokens, const Event *watch, const Event **last)
{
    uint32_t least = *last ? token_of(*last) + 1 : 1;
    if (*last && (*last)->object == watch->object)
        return;
    tokens->connections++;
    if (!tokens->down && (token_of(watch) < least || token_of(watch) > TOKEN_MOST)) {
        tokens->before = *last;
        tokens->down = watch;
    }
    *last = watch;
}

static void collect(const Trace *trace, Tokens *tokens)
{
    const Event *watch, *last = NULL;
    *tokens = (Tokens){.n = 0};
    for (size_t from = 0; trace && (watch = trace_next(trace, &from, EV_WATCH, 0));) {
        ObjectKind kind = kind_of(trace, watch);
        if (watch->result < 0 || !(watch->flags & (EVF_ADD | EVF_MODIFY | EVF_TRANSIENT)))
            continue;
        if (watch->flags & EVF_TRANSIENT) {
            if (kind == OBJECT_CONNECTION && !tokens->unkeyed)
                tokens->unkeyed = watch;
            continue;
        }
        if (known(tokens, watch) || tokens->n == REGISTERED_MOST)
            continue;
        if (kind == OBJECT_LISTENER && !tokens->listener)
            tokens->listener = watch;
        if (kind == OBJECT_LISTENER && token_of(watch) && !tokens->not_zero)
            tokens->not_zero = watch;
        compare(trace, tokens, watch);
        if (kind == OBJECT_CONNECTION)
            count(tokens, watch, &last);
        tokens->registered[tokens->n++] = watch;
    }
}

static bool listener_right(const Tokens *tokens)
{
    return tokens->listener && !tokens->not_zero;
}

/* The other runs are there for what goes wrong with many clients, and with those that leave. */
static int halves_of(const Verdict *v, const Tokens *two, const Tokens *more)
{
    bool several = two->connections > 1;
    bool listener = listener_right(two) && !more->not_zero;
    bool unique = several && !two->again && !more->again;
    bool upward = several && !two->down && !more->down;
    return verdict_full(v) / 3 * (listener + unique + upward);
}

static void say_unregistered(Verdict *v, const Tokens *tokens)
{
    const char *expected = "the listener under token 0, each connection under one of its own";
    if (tokens->unkeyed)
        verdict_fail(v, 0, expected, "%s was asked about the connections, and knows no tokens",
                     tokens->unkeyed->call ? tokens->unkeyed->call : "a call");
    else
        verdict_fail(v, 0, expected, "nothing was registered with the kernel");
    verdict_cite(v, tokens->unkeyed);
}

static void say_listener(Verdict *v, int halves, const Tokens *tokens)
{
    if (tokens->not_zero)
        verdict_fail(v, halves, "token 0", "the listener was registered under token %u",
                     token_of(tokens->not_zero));
    else
        verdict_fail(v, halves, "the listener registered under token 0",
                     "the listener was never registered");
    verdict_cite(v, tokens->not_zero);
}

static void say_down(Verdict *v, int halves, const Tokens *tokens)
{
    const char *expected = "tokens that count upward from 1; a gap is no fault";
    if (tokens->before)
        verdict_fail(v, halves, expected, "the connection after token %u got token %u",
                     token_of(tokens->before), token_of(tokens->down));
    else
        verdict_fail(v, halves, expected, "the first connection got token %u",
                     token_of(tokens->down));
    verdict_cite(v, tokens->down);
}

static void say_what_is_wrong(Verdict *v, int halves, const Tokens *tokens)
{
    if (!tokens->listener && !tokens->connections) {
        say_unregistered(v, tokens);
    } else if (!listener_right(tokens)) {
        say_listener(v, halves, tokens);
    } else if (tokens->connections < 2) {
        verdict_fail(v, halves, "each connection registered under a token of its own",
                     tokens->connections ? "only one connection was registered"
                                         : "no connection was registered");
    } else if (tokens->again) {
        verdict_fail(v, halves, "a token is never used twice while the server runs",
                     "token %u was given to two", token_of(tokens->again));
        verdict_cite(v, tokens->again);
        verdict_cite(v, tokens->first);
    } else {
        say_down(v, halves, tokens);
    }
}

static bool sound(const Tokens *tokens)
{
    return !tokens->not_zero && !tokens->again && !tokens->down;
}

void echo_tokens(const Facts *facts, Verdict *v)
{
    static const char *const others[] = {"idle", "resets"};
    const Observation *run = facts_run(facts, "two-clients");
    Tokens two, more;
    collect(run->trace, &two);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const Observation *other = facts_run(facts, others[i]);
        collect(other->trace, &more);
        if (!sound(&more)) {
            run = sound(&two) ? other : run;
            break;
        }
    }
    int halves = halves_of(v, &two, &more);
    seen_in(v, run);
    if (halves == verdict_full(v))
        verdict_pass(v, "the listener has token 0, connections count upward and none comes twice");
    else
        say_what_is_wrong(v, halves, sound(&two) && !sound(&more) ? &more : &two);
}
