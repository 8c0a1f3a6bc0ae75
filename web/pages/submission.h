/* The parts of the submission's page, a file each. */
#ifndef WEB_PAGES_SUBMISSION_H
#define WEB_PAGES_SUBMISSION_H

#include "frame.h"

/* Every check of an exercise: what fell short first, each citing lines of the sources. */
void submission_checks(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise);

/* Its files, cited lines marked, what lies far from them folded. */
void submission_sources(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise);

/* Its run drawn beside the reference's, and what it cost. `id`: unique on the page. */
void submission_run(Buf *out, const ExerciseResult *exercise, int id, bool staff);

/* Which of the page's sources this is, and whether this line is marked there; -1: none. */
int submission_source(const SubmissionPage *page, const char *exercise, const char *file, int line);

/* C source with comments, strings and preprocessor lines marked. `comment`: whether a block
 * comment is open; updated. */
void source_line(Buf *out, const char *line, size_t len, bool *comment);

#endif
