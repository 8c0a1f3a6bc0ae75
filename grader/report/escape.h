/*
 * Text from a submission made inert for what reads a report. Each function
 * cleans first (base/text.h: no control characters, valid UTF-8), reads at
 * most ESCAPE_MOST bytes, and takes a NULL as "".
 */
#ifndef GRADER_REPORT_ESCAPE_H
#define GRADER_REPORT_ESCAPE_H

#include <jansson.h>

#include "base/buf.h"

enum { ESCAPE_MOST = 4096 };

/* Workflow commands of GitHub Actions: the message behind `::`, and the value
 * of a property (`title=`). A line that would begin with `::`, and `##[`
 * anywhere, get a backslash, so that no line is a command of its own. */
void escape_command(Buf *out, const char *text);
void escape_command_value(Buf *out, const char *text);

/* Words in a paragraph or a table cell of Markdown, on one line: punctuation
 * becomes character references, so that nothing is markup, HTML, a link or a
 * mention. */
void escape_markdown(Buf *out, const char *text);
/* A code span. In a table cell a bar needs a backslash, which is shown elsewhere. */
void escape_markdown_code(Buf *out, const char *text, bool cell);
/* A fenced block; `text` is whole lines, of any length. */
void escape_markdown_block(Buf *out, const char *text);

/* XML 1.0, for content and attribute values; with `line`, line ends and tabs
 * become references, as attributes need them. What begins a workflow command
 * is a reference too. */
void escape_xml(Buf *out, const char *text, bool line);

/* Appends a value as JSON and gives it up, with `##[` in its strings as a reference: the
 * same value to who reads JSON, no command to who reads lines. */
void escape_json_take(Buf *out, json_t *value, size_t flags);

#endif
