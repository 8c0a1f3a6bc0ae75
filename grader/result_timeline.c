#include "result_timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result_json.h"

/* --- joining --- */

const Lane *timeline_lane(const Timeline *timeline, LaneOf of)
{
    for (int i = 0; i < timeline->n_lanes; i++)
        if (timeline->lanes[i].of == of)
            return &timeline->lanes[i];
    return NULL;
}

static Lane *new_lane(Timeline *timeline)
{
    size_t n = (size_t)timeline->n_lanes + 1;
    timeline->lanes = x_realloc(timeline->lanes, n * sizeof *timeline->lanes);
    Lane *lane = &timeline->lanes[timeline->n_lanes++];
    *lane = (Lane){.cpu_us_per_s = -1, .wakeups_per_s = -1, .reaction_us = -1};
    return lane;
}

static void move(Lane *lane, int64_t by_us)
{
    for (int i = 0; i < lane->n_spans; i++) {
        lane->spans[i].start_us += by_us;
        lane->spans[i].end_us += by_us;
    }
}

static void copy_lane(Timeline *into, const Lane *lane, int64_t by_us)
{
    Lane *copy = new_lane(into);
    *copy = *lane;
    copy->name = x_strdup(lane->name ? lane->name : "");
    copy->spans = x_calloc((size_t)lane->n_spans + 1, sizeof *copy->spans);
    for (int i = 0; i < lane->n_spans; i++) {
        copy->spans[i] = lane->spans[i];
        if (lane->spans[i].label)
            copy->spans[i].label = x_strdup(lane->spans[i].label);
    }
    move(copy, by_us);
}

/* Makes room for what `part` has before the peer sends; how far its lanes then move. */
static int64_t line_up(Timeline *into, const Timeline *part)
{
    if (into->chain || into->data_us < 0 || part->data_us < 0)
        return 0;
    int64_t by_us = into->data_us - part->data_us;
    if (by_us >= 0)
        return by_us;
    for (int i = 0; i < into->n_lanes; i++)
        move(&into->lanes[i], -by_us);
    into->data_us -= by_us;
    into->length_us -= by_us;
    return 0;
}

void timeline_join(Timeline *into, const Timeline *part, LaneOf of)
{
    if (!timeline_lane(part, of))
        return;
    if (into->n_lanes > 0 && into->chain != part->chain)
        return;
    if (into->n_lanes == 0)
        *into = (Timeline){.length_us = part->length_us,
                           .data_us = part->data_us,
                           .chain = part->chain,
                           .lanes = into->lanes};
    int64_t by_us = line_up(into, part);
    for (int i = 0; i < part->n_lanes; i++)
        if (part->lanes[i].of == of)
            copy_lane(into, &part->lanes[i], by_us);
    if (part->length_us + by_us > into->length_us)
        into->length_us = part->length_us + by_us;
}

/* --- as JSON --- */

static const char *const kind_names[] = {
    [SPAN_RUN] = "run",   [SPAN_BLOCK] = "block",   [SPAN_WOULD] = "would",
    [SPAN_DATA] = "data", [SPAN_ASLEEP] = "asleep", [SPAN_MARK] = "mark"};
static const char *const lane_names[] = {
    [LANE_OWN] = "own", [LANE_SPINNER] = "spinner", [LANE_REFERENCE] = "reference"};
enum {
    KINDS = sizeof kind_names / sizeof *kind_names,
    OWNERS = sizeof lane_names / sizeof *lane_names
};

static int index_of(const char *const *names, int n, const json_t *value)
{
    const char *name = json_string_value(value);
    for (int i = 0; name && i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static json_t *span_json(const Span *span)
{
    json_t *value = json_must(json_pack("[s,I,I]", kind_names[span->kind],
                                        (json_int_t)span->start_us, (json_int_t)span->end_us));
    if (span->label)
        json_array_append_new(value, json_text(span->label, TIMELINE_LABEL_MOST));
    return value;
}

/* -1: not known. */
static json_t *figure_json(double value)
{
    return json_must(json_real(isfinite(value) ? value : -1));
}

static json_t *lane_json(const Lane *lane)
{
    json_t *spans = json_must(json_array());
    int labels = 0;
    for (int i = 0; i < lane->n_spans && i < TIMELINE_SPANS_MOST; i++) {
        labels += lane->spans[i].label != NULL;
        if (labels <= TIMELINE_LABELS_MOST)
            json_array_append_new(spans, span_json(&lane->spans[i]));
    }
    return json_must(json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "of", lane_names[lane->of], "name",
                               json_text(lane->name, TIMELINE_LABEL_MOST), "cpu",
                               figure_json(lane->cpu_us_per_s), "wakeups",
                               figure_json(lane->wakeups_per_s), "reaction",
                               figure_json(lane->reaction_us), "spans", spans));
}

json_t *timeline_json(const Timeline *timeline, bool own)
{
    json_t *lanes = json_must(json_array());
    for (int i = 0; i < timeline->n_lanes && json_array_size(lanes) < TIMELINE_LANES_MOST; i++)
        if ((timeline->lanes[i].of == LANE_OWN) == own)
            json_array_append_new(lanes, lane_json(&timeline->lanes[i]));
    if (json_array_size(lanes) == 0) {
        json_decref(lanes);
        return NULL;
    }
    return json_must(json_pack("{s:I,s:I,s:b,s:o}", "length", (json_int_t)timeline->length_us,
                               "sent", (json_int_t)timeline->data_us, "chain", timeline->chain,
                               "lanes", lanes));
}

static double figure_of(const json_t *lane, const char *key)
{
    const json_t *value = json_object_get(lane, key);
    return json_is_number(value) ? json_number_value(value) : -1;
}

/* The arithmetic of drawing holds for a day, and a damaged database may say anything. */
static int64_t time_of(const json_t *value)
{
    const json_int_t most = INT64_C(86400) * 1000000;
    json_int_t us = json_integer_value(value);
    return us < 0 ? 0 : us > most ? most : us;
}

static void read_span(const json_t *value, Lane *lane)
{
    int kind = index_of(kind_names, KINDS, json_array_get(value, 0));
    const char *label = json_string_value(json_array_get(value, 3));
    if (kind < 0)
        return;
    lane->spans[lane->n_spans++] =
        (Span){(SpanKind)kind, time_of(json_array_get(value, 1)), time_of(json_array_get(value, 2)),
               label ? x_strdup(label) : NULL};
}

static void read_lane(const json_t *value, Timeline *timeline)
{
    int of = index_of(lane_names, OWNERS, json_object_get(value, "of"));
    const char *name = json_string_value(json_object_get(value, "name"));
    const json_t *spans = json_object_get(value, "spans");
    if (of < 0 || !name)
        return;
    Lane *lane = new_lane(timeline);
    lane->of = (LaneOf)of;
    lane->name = x_strdup(name);
    lane->cpu_us_per_s = figure_of(value, "cpu");
    lane->wakeups_per_s = figure_of(value, "wakeups");
    lane->reaction_us = figure_of(value, "reaction");
    lane->spans = x_calloc(json_array_size(spans) + 1, sizeof *lane->spans);
    for (size_t i = 0; i < json_array_size(spans) && i < TIMELINE_SPANS_MOST; i++)
        read_span(json_array_get(spans, i), lane);
}

bool timeline_from_json(const json_t *value, Timeline *timeline)
{
    const json_t *lanes = json_object_get(value, "lanes"), *sent = json_object_get(value, "sent");
    bool known = json_is_integer(sent) && json_integer_value(sent) >= 0;
    *timeline = (Timeline){.length_us = time_of(json_object_get(value, "length")),
                           .data_us = known ? time_of(sent) : -1,
                           .chain = json_is_true(json_object_get(value, "chain"))};
    for (size_t i = 0; i < json_array_size(lanes) && i < TIMELINE_LANES_MOST; i++)
        read_lane(json_array_get(lanes, i), timeline);
    /* A chain is drawn by threes. */
    bool whole = timeline->n_lanes > 0 && timeline->length_us > 0 &&
                 (!timeline->chain || timeline->n_lanes % 3 == 0);
    if (!whole)
        timeline_release(timeline);
    return whole;
}
