/* The parts of the submission's page, a file each. */
#ifndef WEB_PAGES_SUBMISSION_H
#define WEB_PAGES_SUBMISSION_H

#include "frame.h"

/* Every check of an exercise: what fell short first, each citing lines of the sources. */
void submission_checks(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise);

/* What may still be drawn of sources, as lines near cited ones and as others: their bytes, and LINE_COST
 * for each line. Highlighted, it becomes up to twenty times as much HTML, which a few students who ask
 * for their page again and again must not keep the server busy with. */
enum { SOURCES_DRAWN = 256 << 10, LINE_COST = 40 };
typedef struct Room {
    size_t cited, others;
} Room;
/* Of the whole page: what is near cited lines comes first, wherever it is. */
Room submission_room(const SubmissionPage *page);

/* Its files, cited lines marked, what lies far from them folded; what finds no room is named. */
void submission_sources(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                        Room *room);

/* Its run drawn beside the reference's, and what it cost. `id`: unique on the page. */
void submission_run(Buf *out, const ExerciseResult *exercise, int id, bool staff);

/* Which of the page's sources this is, and whether this line is marked there; -1: none. */
int submission_source(const SubmissionPage *page, const char *exercise, const char *file, int line);

/* C source with comments, strings and preprocessor lines marked. `comment`: whether a block
 * comment is open; updated. */
void source_line(Buf *out, const char *line, size_t len, bool *comment);

#endif
