/*
 * Drawings as inline SVG: presentation attributes and classes only, colours from
 * style.css, so that they follow dark and light. Each says in words what it shows.
 */
#ifndef WEB_PAGES_SVG_H
#define WEB_PAGES_SVG_H

#include "html.h"
#include "pages.h"

/* Points over submissions: the best so far as a line, each submission a dot. Nothing for
 * fewer than two. `history` is the newest first. */
void svg_curve(Buf *out, const HistoryRow *history, int n, int n_exercises, int max_halves);

/* Upright bars with their counts; `labels` below them; `own` is marked (-1: none). */
typedef struct Bars {
    const int *counts;
    const char *const *labels;
    int n, own;
    const char *says; /* what this shows, for who does not see it */
} Bars;
void svg_bars(Buf *out, const Bars *bars);

/* The lanes of a run in the lesson's notation, over one axis. `id` tells the drawings of
 * one page apart. The chain of exercise 4 is drawn by svg_chain(). */
void svg_timeline(Buf *out, const Timeline *timeline, int id);
/* Three lanes (kernel, reactor, executor) from the top down, with arrows. */
void svg_chain(Buf *out, const Lane *lanes, const char *whose);

#endif
