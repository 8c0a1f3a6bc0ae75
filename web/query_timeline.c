/*
 * The runs of a submission drawn beside ours: its own lanes, stored with it, and what the
 * programs of ours did on the machine that graded it.
 */
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "result_timeline.h"
#include "store.h"

typedef struct Drawn {
    Timeline own[PAGES_EXERCISES_MOST], ours[PAGES_EXERCISES_MOST]; /* by index in results */
    int n;
} Drawn;

static int result_index(const Query *query, const char *exercise, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(query->results[i].id, exercise) == 0)
            return i;
    return -1;
}

/* A damaged one is left out: the page has its verdicts all the same. */
static void read_some(const Query *query, sqlite3_stmt *row, Timeline *timelines, int n)
{
    while (db_row(row)) {
        int at = result_index(query, db_column(row, 0), n);
        if (at >= 0 && timelines[at].n_lanes == 0)
            timeline_unpack(sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1),
                            &timelines[at]);
    }
}

static void read_all(const Query *query, int64_t submission, Drawn *drawn)
{
    read_some(query,
              db_ask(query->db, NULL,
                     "SELECT exercise, timeline FROM exercise"
                     " WHERE submission = ? AND timeline IS NOT NULL",
                     "i", submission),
              drawn->own, drawn->n);
    read_some(query,
              db_ask(query->db, NULL,
                     "SELECT b.exercise, b.timeline FROM submission s"
                     " JOIN baseline b ON b.key = s.baseline WHERE s.id = ? AND s.baseline <> ''",
                     "i", submission),
              drawn->ours, drawn->n);
}

static void release_all(Drawn *drawn)
{
    for (int i = 0; i < drawn->n; i++) {
        timeline_release(&drawn->own[i]);
        timeline_release(&drawn->ours[i]);
    }
}

/* What the lesson compares: a program that spins, what was written before in this course,
 * this one, the reference. */
static void join_compared(const Drawn *drawn, int at, Timeline *timeline)
{
    for (int i = 0; i < drawn->n && timeline->n_lanes == 0; i++)
        timeline_join(timeline, &drawn->ours[i], LANE_SPINNER);
    for (int i = 0; i <= at; i++)
        timeline_join(timeline, &drawn->own[i], LANE_OWN);
    timeline_join(timeline, &drawn->ours[at], LANE_REFERENCE);
}

/* Whoever looks at somebody else's is not "you". */
static void name_for_staff(Timeline *timeline)
{
    for (int i = 0; i < timeline->n_lanes; i++) {
        Lane *lane = &timeline->lanes[i];
        if (lane->of != LANE_OWN || strncmp(lane->name, "your ", 5) != 0)
            continue;
        char *name = x_strdup(lane->name + 5);
        free(lane->name);
        lane->name = name;
    }
}

static void join_chain(const Drawn *drawn, int at, Timeline *timeline)
{
    timeline_join(timeline, &drawn->own[at], LANE_OWN);
    timeline_join(timeline, &drawn->ours[at], LANE_REFERENCE);
}

void query_timelines(Query *query, int64_t submission)
{
    Drawn drawn = {.n = query->n_results < PAGES_EXERCISES_MOST ? query->n_results
                                                                : PAGES_EXERCISES_MOST};
    read_all(query, submission, &drawn);
    for (int i = 0; i < drawn.n; i++) {
        Timeline *timeline = &query->results[i].timeline;
        if (drawn.own[i].n_lanes > 0)
            (drawn.own[i].chain ? join_chain : join_compared)(&drawn, i, timeline);
        if (query->viewer.role >= ROLE_TA)
            name_for_staff(timeline);
    }
    release_all(&drawn);
}
