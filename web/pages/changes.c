/* What changed between two submissions: names of checks, a sign before each. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* "Ex. 2 asleep" of "ex2_event_loop/asleep", leading to what was seen of it. */
static void changed(Buf *out, int64_t submission, const char *name)
{
    const char *check = strchr(name, '/');
    if (!check) { /* none that is known to us */
        html_text(out, name);
        return;
    }
    char *exercise = x_strndup(name, (size_t)(check - name));
    html_add(out, "<a href=\"/submission/%D#%u-%u\">Ex. ", submission, exercise, check + 1);
    part_number(out, exercise);
    html_add(out, " %t</a>", check + 1);
    free(exercise);
}

static void names(Buf *out, int64_t submission, const char *const *checks, int n,
                  const char *class_name, const char *says)
{
    enum { SHOWN = 6 };
    for (int i = 0; i < n && i < SHOWN; i++) {
        html_add(out, "<li class=\"%s\" title=\"%t\"><span class=\"unseen\">%s </span>", class_name,
                 checks[i], says);
        changed(out, submission, checks[i]);
        buf_str(out, "</li>");
    }
    if (n <= SHOWN)
        return;
    html_add(out, "<li class=\"%s\"><details><summary>%d more</summary>", class_name, n - SHOWN);
    for (int i = SHOWN; i < n; i++) {
        changed(out, submission, checks[i]);
        buf_str(out, i + 1 < n ? ", " : "");
    }
    buf_str(out, "</details></li>");
}

void part_changes(Buf *out, const Changes *changes, int64_t submission)
{
    if (changes->n_gained + changes->n_lost == 0)
        return;
    buf_str(out, "<ul class=\"changes\">");
    names(out, submission, changes->gained, changes->n_gained, "gained", "now passes:");
    names(out, submission, changes->lost, changes->n_lost, "lost", "no longer passes:");
    buf_str(out, "</ul>");
}
