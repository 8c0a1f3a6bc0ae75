/*
 * What of ours needs a look: jobs that ended in `error`, attempts that fail now (grader
 * status 3, a killed grader), a disk that is nearly full. Staff see it on every page; where
 * mail is on (mail.h) instructors get it, at the most once in ALERT_S.
 *
 * It is looked at when an attempt ends, when a push is refused for want of disk and when the
 * server starts; an idle server looks at nothing.
 */
#ifndef WEB_ALERT_H
#define WEB_ALERT_H

#include "course.h"

enum { ALERT_S = 3600 };

/* One line for staff, appended; nothing where all is well. */
void alert_text(const Course *course, Db *db, Buf *out);

/* An attempt has ended (`failed`: by a failure of ours), a push found no room, or the server
 * has started. */
void alert_look(const Course *course, Db *db, bool failed);

#endif
