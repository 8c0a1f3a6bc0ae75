#include "trace/strace_parser.h"

#include <string.h>

#include <errno.h>

/* Cuts " <0.000123>" off the end; without it, -1. */
static int64_t take_lasted(Slice *text)
{
    size_t at = text->len;
    if (!at || text->at[at - 1] != '>')
        return -1;
    while (at && text->at[at - 1] != '<')
        at--;
    Slice time = slice_from(*text, at);
    int64_t ns;
    size_t used;
    if (at < 2 || text->at[at - 2] != ' ' || !slice_clock(time, &ns, &used) || used + 1 != time.len)
        return -1;
    text->len = at - 2;
    return ns;
}

static Slice take_word(Slice *text)
{
    size_t len = 0;
    while (len < text->len &&
           (text->at[len] == '_' || (text->at[len] >= '0' && text->at[len] <= '9') ||
            (text->at[len] >= 'a' && text->at[len] <= 'z')))
        len++;
    Slice word = {text->at, len};
    *text = slice_from(*text, len);
    return word;
}

static bool take(Slice *text, const char *begins)
{
    if (!slice_starts(*text, begins))
        return false;
    *text = slice_from(*text, strlen(begins));
    return true;
}

static bool drop_end(Slice *text, const char *ends)
{
    if (!slice_ends(*text, ends))
        return false;
    text->len -= strlen(ends);
    return true;
}

static LineShape call_shape(Line *line)
{
    Slice rest = line->text;
    if (take(&rest, "<... ")) {
        line->name = take_word(&rest);
        if (!line->name.len || !take(&rest, " resumed>"))
            return LINE_ODD;
        line->lasted_ns = take_lasted(&rest);
        line->text = rest;
        return LINE_RESUMED;
    }
    line->name = take_word(&rest);
    if (!line->name.len || !rest.len || rest.at[0] != '(')
        return LINE_ODD;
    line->lasted_ns = take_lasted(&line->text);
    return drop_end(&line->text, "<unfinished ...>") ? LINE_UNFINISHED : LINE_CALL;
}

static LineShape shape(Line *line)
{
    if (take(&line->text, "+++ "))
        return drop_end(&line->text, " +++") ? LINE_EXITED : LINE_ODD;
    if (take(&line->text, "--- stopped by "))
        return LINE_STOPPED;
    if (take(&line->text, "--- "))
        return drop_end(&line->text, " ---") ? LINE_SIGNAL : LINE_ODD;
    /* "????" stands for a call that was under way when the tracer came. */
    if (slice_starts(line->text, "???"))
        return LINE_STOPPED;
    return call_shape(line);
}

static bool take_blanks(Slice *text)
{
    size_t len = 0;
    while (len < text->len && text->at[len] == ' ')
        len++;
    *text = slice_from(*text, len);
    return len > 0;
}

Line line_read(Slice text)
{
    Line line = {.shape = LINE_ODD, .lasted_ns = -1};
    if (take(&text, " > ")) {
        line.shape = LINE_FRAME;
        line.text = text;
        return line;
    }
    int64_t thread;
    size_t used;
    if (!slice_number(text, &thread, &used) || thread <= 0 || thread > INT32_MAX)
        return line;
    text = slice_from(text, used);
    if (!take_blanks(&text) || !slice_clock(text, &line.time_ns, &used))
        return line;
    text = slice_from(text, used);
    if (!take_blanks(&text))
        return line;
    line.thread = (int)thread;
    line.text = line.whole = text;
    line.shape = shape(&line);
    return line;
}

bool outcome_read(Slice text, Outcome *outcome)
{
    *outcome = (Outcome){.result = -1};
    take_blanks(&text);
    if (!take(&text, "="))
        return false;
    take_blanks(&text);
    if (take(&text, "?")) {
        take_blanks(&text);
        outcome->restarted = slice_starts(text, "ERESTART");
        outcome->returned = outcome->restarted;
        outcome->error = outcome->restarted ? EINTR : 0;
        outcome->more = text;
        return true;
    }
    size_t used;
    if (!slice_number(text, &outcome->result, &used))
        return false;
    outcome->returned = true;
    outcome->more = slice_from(text, used);
    if (outcome->result == -1 && slice_starts(outcome->more, " E"))
        outcome->error = slice_errno(slice_from(outcome->more, 1));
    return true;
}
