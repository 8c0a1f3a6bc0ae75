#include "frame.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *class_name, *words;
} states[] = {
    [JOB_NONE] = {"none", "no push yet"},
    [JOB_PENDING] = {"waits", "arriving"},
    [JOB_QUEUED] = {"waits", "queued"},
    [JOB_RUNNING] = {"runs", "grading"},
    [JOB_DONE] = {"done", "graded"},
    [JOB_SUPERSEDED] = {"none", "newer push came"},
    [JOB_ABORTED] = {"none", "push fell through"},
    [JOB_ERROR] = {"broke", "our failure"},
};
enum { STATES = sizeof states / sizeof *states };

void part_state(Buf *out, JobState state, int place)
{
    int which = (unsigned)state < STATES ? (int)state : JOB_NONE;
    html_add(out, "<span class=\"state %s\">%s", states[which].class_name, states[which].words);
    if (state == JOB_QUEUED && place > 0)
        html_add(out, " · place %d", place);
    buf_str(out, "</span>");
}

const char *part_came(Came came)
{
    static const char *const words[] = {"", "no build", "stub", "missing"};
    return words[came];
}

const char *share_class(int halves, int max_halves)
{
    static const char *const names[] = {"f0", "f1", "f2", "f3", "f4", "f5",
                                        "f6", "f7", "f8", "f9", "f10"};
    if (max_halves <= 0 || halves <= 0)
        return names[0];
    int tenth = halves >= max_halves ? 10 : (int)((int64_t)halves * 10 / max_halves);
    return names[tenth];
}

void part_bar(Buf *out, double part, double whole, const char *class_name)
{
    double share = whole > 0 && part > 0 ? part / whole * 100 : 0;
    buf_printf(out,
               "<svg class=\"bar %s\" width=\"100%%\" height=\"6\" aria-hidden=\"true\">"
               "<rect class=\"track\" width=\"100%%\" height=\"6\" rx=\"3\"/>"
               "<rect class=\"fill\" width=\"%.1f%%\" height=\"6\" rx=\"3\"/></svg>",
               class_name, share > 100 ? 100 : share);
}

void part_score(Buf *out, int halves, int max_halves)
{
    html_add(out, "<span class=\"score\"><strong>%p</strong> <span class=\"of\">/ %p</span></span>",
             halves, max_halves);
    if (max_halves > 0)
        part_bar(out, halves, max_halves, share_class(halves, max_halves));
}

void part_sections(Buf *out, const char *path, const char *const *sections, int n,
                   const char *section)
{
    if (n == 0)
        return;
    const char *more = strchr(path, '?') ? "&" : "?";
    html_add(out,
             "<nav class=\"sections\" aria-label=\"Sections\"><ul><li><a href=\"%t\"%s>All"
             "</a></li>",
             path, *section ? "" : " aria-current=\"true\"");
    for (int i = 0; i < n; i++)
        html_add(out, "<li><a href=\"%t%tsection=%u\"%s><bdi>%t</bdi></a></li>", path, more,
                 sections[i], strcmp(sections[i], section) == 0 ? " aria-current=\"true\"" : "",
                 sections[i]);
    buf_str(out, "</ul></nav>\n");
}

void part_number(Buf *out, const char *exercise)
{
    const char *digits = exercise + 2;
    size_t n = 0;
    if (strncmp(exercise, "ex", 2) == 0)
        while (isdigit((unsigned char)digits[n]))
            n++;
    if (n > 0 && (digits[n] == '_' || !digits[n]))
        html_text_n(out, digits, n);
    else
        html_text(out, exercise);
}

void part_due(Buf *out, const Frame *frame, const ExerciseName *exercise)
{
    int64_t left = exercise->due_s - frame->now_s;
    if (exercise->due_s == 0)
        return;
    html_add(out, " <span class=\"of due%s\">%s ", left < 0 ? " over" : "",
             left < 0 ? "was due" : "due");
    html_time(out, exercise->due_s);
    if (left >= 0) {
        buf_str(out, ", in ");
        html_span(out, left);
    }
    buf_str(out, "</span>");
}

/* --- messages --- */

/* Where the name before ".peer:7" begins; NULL: there is none. `line` is the 7. */
static const char *scenario_place(const char *text, const char **mark, int *line)
{
    static const char end[] = ".peer:";
    for (*mark = text; (*mark = strstr(*mark, end)) != NULL; *mark += sizeof end - 1) {
        const char *name = *mark, *digits = *mark + sizeof end - 1;
        while (name > text && (islower((unsigned char)name[-1]) ||
                               isdigit((unsigned char)name[-1]) || name[-1] == '-'))
            name--;
        size_t n = strspn(digits, "0123456789");
        if (name < *mark && n > 0 && n < 6) {
            *line = atoi(digits);
            return name;
        }
    }
    return NULL;
}

void part_message(Buf *out, const char *exercise, const char *text)
{
    int line;
    const char *name, *mark;
    while ((name = scenario_place(text, &mark, &line)) != NULL) {
        html_text_n(out, text, (size_t)(name - text));
        char *scenario = x_strndup(name, (size_t)(mark - name));
        html_add(out, "<a href=\"/scenario/%u/%u#L%d\">%t.peer:%d</a>", exercise, scenario, line,
                 scenario, line);
        free(scenario);
        text = mark + strlen(".peer:");
        text += strspn(text, "0123456789");
    }
    html_text(out, text);
}

/* --- jobs --- */

static void job_when(Buf *out, const Frame *frame, const JobLine *job)
{
    buf_str(out, "<td>");
    html_ago(out, job->pushed_s, frame->now_s);
    buf_str(out, "</td><td class=\"number\">");
    if (job->started_s > 0 && job->ended_s == 0)
        html_for(out, job->started_s, frame->now_s);
    else if (job->started_s > 0 && job->ended_s >= job->started_s)
        html_span(out, job->ended_s - job->started_s);
    else
        buf_str(out, "<span class=\"none\">–</span>");
    buf_str(out, "</td>");
}

void part_student(Buf *out, const char *student)
{
    if (*student)
        html_add(out, "<a href=\"/student/%u\"><bdi>%t</bdi></a>", student, student);
    else
        buf_str(out, "<span class=\"of\">another section</span>");
}

static void job_push(Buf *out, const JobLine *job)
{
    buf_str(out, "<td class=\"words\"><code class=\"commit\">");
    html_text_n(out, job->commit, strnlen(job->commit, 8));
    html_add(out, "</code> <bdi>%t</bdi></td>", job->message);
}

static void job_retry(Buf *out, const Frame *frame, const JobLine *job)
{
    buf_str(out, "<td>");
    form_begin(out, frame, "/activity/retry", "");
    html_add(out,
             "<button name=\"job\" value=\"%D\">Grade again<span class=\"unseen\"> the push "
             "of %t</span></button></form></td>",
             job->id, job->student);
}

static void job_result(Buf *out, const JobLine *job)
{
    buf_str(out, "<td>");
    if (job->submission)
        html_add(out, "<a href=\"/submission/%D\">result<span class=\"unseen\"> of %t</span></a>",
                 job->submission, job->student);
    buf_str(out, "</td>");
}

static void job_row(Buf *out, const Frame *frame, const JobLine *job, unsigned columns)
{
    buf_str(out, "<tr>");
    if (columns & JOBS_STUDENT) {
        buf_str(out, "<th scope=\"row\">");
        part_student(out, job->student);
        buf_str(out, "</th>");
    }
    buf_str(out, "<td>");
    part_state(out, job->state, job->place);
    if (job->attempt > 1)
        html_add(out, " <span class=\"of\">attempt %d of %d</span>", job->attempt,
                 job->attempts_most);
    buf_str(out, "</td>");
    job_when(out, frame, job);
    job_push(out, job);
    if (columns & JOBS_ERROR)
        html_add(out, "<td class=\"words\"><bdi>%t</bdi></td>", job->error);
    if (columns & JOBS_RESULT)
        job_result(out, job);
    if (columns & JOBS_RETRY)
        job_retry(out, frame, job);
    buf_str(out, "</tr>\n");
}

void part_jobs(Buf *out, const Frame *frame, const char *caption, const JobLine *jobs, int n,
               unsigned columns)
{
    static const struct {
        unsigned column;
        const char *name;
    } heads[] = {{JOBS_STUDENT, "Student"}, {0, "State"},          {0, "Pushed"},
                 {0, "Graded for"},         {0, "Push"},           {JOBS_ERROR, "What failed"},
                 {JOBS_RESULT, "Result"},   {JOBS_RETRY, "Action"}};
    html_add(out,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>"
             "<thead><tr>",
             caption);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!heads[i].column || columns & heads[i].column)
            html_add(out, "<th scope=\"col\">%s</th>", heads[i].name);
    buf_str(out, "</tr></thead><tbody>\n");
    for (int i = 0; i < n; i++)
        job_row(out, frame, &jobs[i], columns);
    buf_str(out, "</tbody></table></div>\n");
}
