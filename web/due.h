/*
 * When exercises are due: for everybody, and later (or earlier) for somebody who was given other
 * time. Pushes are taken and graded whenever they come; grades by the due dates leave out what was
 * handed in behind them (command `grades --due`, and the class page).
 */
#ifndef WEB_DUE_H
#define WEB_DUE_H

#include "db.h"

/* Unix time, that second included; 0: never. `person` 0: for everybody. */
int64_t due_of(Db *db, int64_t person, const char *exercise);
/* `due_s` 0 takes it away: then everybody's holds for that person, and none for everybody. */
int due_set(Db *db, int64_t person, const char *exercise, int64_t due_s, Fault *fault);
/* Is there any? */
bool due_any(Db *db);
/* The course's exercise of this id or number ("3"); the caller frees. NULL: there is none. */
char *due_exercise(Db *db, const char *name);

#endif
