/* What the clients of a scenario do, line by line: a message's "burst.peer:7" leads to the seventh. */
#include "frame.h"

#include <string.h>

static void script_line(Buf *out, int number, const char *line, size_t len)
{
    size_t blank = strspn(line, " \t");
    html_add(out, "<span class=\"l\" id=\"L%d\" data-n=\"%d\">", number, number);
    if (blank < len && line[blank] == '#')
        buf_str(out, "<span class=\"comment\">");
    html_text_n(out, line, len);
    if (blank < len && line[blank] == '#')
        buf_str(out, "</span>");
    buf_str(out, "\n</span>");
}

void pages_scenario(Buf *out, const Frame *frame, const ScenarioPage *page)
{
    const char *text = page->script;
    frame_begin(out, frame, page->name, PLACE_NONE, false);
    html_add(out, "<h1>%t</h1>\n<p class=\"lead\">A scenario of <a href=\"/exercise/%u\">exercise ",
             page->name, page->exercise.id);
    part_number(out, page->exercise.id);
    html_add(
        out,
        ": %t</a>: what the grader starts your program with, and what its clients then do, line "
        "by line.</p>\n<p class=\"of\">To play it yourself, start your program with a port, then "
        "<code>build/grader/grader peer %t/%t PORT</code>. <code>A send</code> and <code>A "
        "expect</code> are a client’s; after <code>settle</code> the program is asleep; "
        "<code>%t.peer:7</code> in a report is line 7.</p>\n<pre class=\"source script\" "
        "tabindex=\"0\">",
        page->exercise.title, page->exercise.id, page->name, page->name);
    for (int number = 1; *text; number++) {
        size_t len = strcspn(text, "\n");
        script_line(out, number, text, len);
        text += len + (text[len] == '\n');
    }
    buf_str(out, "</pre>\n");
    frame_end(out, frame);
}
