/* The run drawn, and its cost in figures. */
#include <stdio.h>
#include <string.h>

#include "submission.h"
#include "svg.h"

typedef struct Cost {
    bool own;
    const char *name;
    double cpu_us, wakeups, reaction_us; /* -1: not known */
    bool blocked;                        /* most of the time: one thread for each connection */
} Cost;

/* It waits in a read that blocks: cheap for one, and it can wait for one only. */
static bool is_blocked(const Timeline *timeline, const Lane *lane)
{
    int64_t blocked = 0;
    for (int i = 0; i < lane->n_spans; i++)
        if (lane->spans[i].kind == SPAN_BLOCK)
            blocked += lane->spans[i].end_us - lane->spans[i].start_us;
    return 2 * blocked > timeline->length_us;
}

static void cost_row(Buf *out, const Cost *cost)
{
    html_add(out, "<tr%s><th scope=\"row\">%t", cost->own ? " class=\"own\"" : "", cost->name);
    if (cost->cpu_us >= 0)
        part_bar(out, cost->cpu_us, 1e6, "cpu");
    buf_str(out, "</th><td class=\"number\">");
    html_figure(out, cost->cpu_us < 0 ? -1 : cost->cpu_us / 1e3);
    buf_str(out, "</td><td class=\"number\">");
    html_figure(out, cost->wakeups);
    buf_str(out, "</td><td class=\"number\">");
    html_figure(out, cost->reaction_us < 0 ? -1 : cost->reaction_us / 1e3);
    buf_str(out, "</td><td class=\"number\">");
    if (cost->blocked)
        buf_str(out, "10,000 blocked threads");
    else
        html_figure(out, cost->cpu_us < 0 ? -1 : cost->cpu_us / 100);
    buf_str(out, "</td></tr>\n");
}

static void cost_head(Buf *out, const ExerciseResult *exercise)
{
    html_add(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Cost of %t\">"
        "<table class=\"cost\"><caption>While nothing happens; in the last column for 10,000 such "
        "connections</caption><thead><tr>"
        "<th scope=\"col\">Program</th>"
        "<th scope=\"col\" class=\"number\">CPU, ms/s</th>"
        "<th scope=\"col\" class=\"number\">Wake-ups/s</th>"
        "<th scope=\"col\" class=\"number\">Reaction, ms</th>"
        "<th scope=\"col\" class=\"number\">CPUs, × 10,000</th>"
        "</tr></thead><tbody>\n",
        exercise->title);
}

static void costs(Buf *out, const ExerciseResult *exercise, bool staff)
{
    const Timeline *timeline = &exercise->timeline;
    const CpuFigures *cpu = &exercise->cpu;
    if (timeline->n_lanes > 0 && !timeline->chain) {
        cost_head(out, exercise);
        for (int i = 0; i < timeline->n_lanes; i++) {
            const Lane *lane = &timeline->lanes[i];
            cost_row(out,
                     &(Cost){lane->of == LANE_OWN, lane->name, lane->cpu_us_per_s,
                             lane->wakeups_per_s, lane->reaction_us, is_blocked(timeline, lane)});
        }
    } else if (cpu->known) {
        cost_head(out, exercise);
        cost_row(out, &(Cost){true, staff ? "this program" : "your program", cpu->idle_cpu_us_per_s,
                              cpu->idle_wakeups_per_s, cpu->reaction_us, false});
        if (cpu->reference_idle_cpu_us_per_s >= 0)
            cost_row(out, &(Cost){false, "the reference", cpu->reference_idle_cpu_us_per_s, -1, -1,
                                  false});
    } else {
        return;
    }
    buf_str(out, "</tbody></table></div>\n");
}

static void chains(Buf *out, const Timeline *timeline, bool staff)
{
    enum { COLUMNS = 3 };
    buf_str(out, "<div class=\"pair\">");
    for (int i = 0; i + COLUMNS <= timeline->n_lanes; i += COLUMNS) {
        const Lane *lane = &timeline->lanes[i];
        const char *whose = lane->of != LANE_OWN ? "The reference"
                            : staff              ? "This submission"
                                                 : "Your run";
        const char *comma = lane->of == LANE_OWN ? strstr(lane->name, ", ") : NULL;
        char caption[160]; /* of another scenario than data-later: its name */
        snprintf(caption, sizeof caption, "%s%s%.80s", whose, comma ? ": " : "",
                 comma ? comma + 2 : "");
        svg_chain(out, lane, caption);
    }
    buf_str(out, "</div>\n");
}

void submission_run(Buf *out, const ExerciseResult *exercise, int id, bool staff)
{
    if (exercise->timeline.n_lanes == 0 && !exercise->cpu.known)
        return;
    buf_str(out, "<h3>The run</h3>\n");
    if (exercise->timeline.chain)
        chains(out, &exercise->timeline, staff);
    else if (exercise->timeline.n_lanes > 0)
        svg_timeline(out, &exercise->timeline, id);
    costs(out, exercise, staff);
}
