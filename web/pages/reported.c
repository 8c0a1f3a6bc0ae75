/* What pages say of results that came as reports of GitHub Actions. */
#include "frame.h"

void part_weaker(Buf *out)
{
    buf_str(out, "<span class=\"weaker\" title=\"The machine that ran the student's code also "
                 "reported this result (grade-one-job.yml): whoever left the sandbox there could "
                 "have written it.\">weaker promise</span>");
}

static void repository(Buf *out, const Frame *frame, const RepoLine *line)
{
    html_add(out, "<tr><th scope=\"row\"><bdi>%t</bdi></th><td><bdi>%t</bdi></td>", line->name,
             line->actor);
    html_add(out, "<td class=\"number\">%d</td><td>", line->reports);
    html_ago(out, line->since_s, frame->now_s);
    buf_str(out, "</td><td>");
    form_begin(out, frame, "/activity/link", "search");
    html_add(
        out,
        "<input type=\"hidden\" name=\"repository\" value=\"%t\">"
        "<label for=\"whose-%t\">Student</label>"
        "<input id=\"whose-%t\" name=\"name\" value=\"%t\" required maxlength=\"39\" "
        "autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\"><button>Link</button>"
        "</form></td></tr>\n",
        line->number, line->number, line->number, line->expected);
}

void part_repositories(Buf *out, const Frame *frame, const RepoLine *lines, int n)
{
    if (n == 0)
        return;
    buf_str(out,
            "<h2>Whose repositories are these?</h2>\n<p class=\"of\">Their reports wait until "
            "somebody says whose work they hold. One that is named after a student links by itself "
            "when that student pushes.</p>\n<div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-label=\"Repositories that wait\"><table><thead><tr>"
            "<th scope=\"col\">Repository</th><th scope=\"col\">Pushed by</th>"
            "<th scope=\"col\" class=\"number\">Reports</th><th scope=\"col\">The last</th>"
            "<th scope=\"col\">Whose</th></tr></thead><tbody>\n");
    for (int i = 0; i < n; i++)
        repository(out, frame, &lines[i]);
    buf_str(out, "</tbody></table></div>\n");
}
