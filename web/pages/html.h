/*
 * HTML written into a Buf. html_text() is the one function that escapes: nothing from
 * outside reaches a page but through it, and what the others below take from outside
 * goes through it too.
 */
#ifndef WEB_PAGES_HTML_H
#define WEB_PAGES_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Text for content and for quoted attribute values: & < > " ' become references. What
 * no document may hold (control characters but tab and line ends, invalid UTF-8) and
 * characters that turn the direction of the text become U+FFFD. A NULL is "". */
void html_text(Buf *out, const char *text);
void html_text_n(Buf *out, const char *text, size_t len);

/* One piece of an address, percent-encoded: letters, digits and -_.~ stay. */
void html_piece(Buf *out, const char *text);

/* Markup with places:
 *   %t const char *   text, escaped
 *   %u const char *   a piece of an address
 *   %s const char *   markup of ours, as it stands
 *   %d int, %D int64_t
 *   %p int            points held in halves: 12.5
 *   %%                a per cent sign
 */
void html_add(Buf *out, const char *markup, ...);

void html_points(Buf *out, int halves);

/* 90 -> "90 s", 7200 -> "2 h", 200000 -> "2 d"; the two largest units where the first is small. */
void html_span(Buf *out, int64_t seconds);
/* 123456 -> "120 KB" */
void html_bytes(Buf *out, int64_t bytes);
/* <time datetime="..."> with the full time as its title; `at_s` 0: "never". */
void html_ago(Buf *out, int64_t at_s, int64_t now_s);
/* For how long something goes on that goes on still: "12 s"; a page that lives counts on. */
void html_for(Buf *out, int64_t since_s, int64_t now_s);
/* <time> with day and minute, in the time of the machine that serves. */
void html_time(Buf *out, int64_t at_s);
/* Three figures at most: 0.21, 12, 99.8, 1040; below 0: a dash. */
void html_figure(Buf *out, double value);

/* "", or "s" */
const char *html_plural(int64_t n);

#endif
