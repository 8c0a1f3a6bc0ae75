/*
 * Whose work a repository on GitHub holds. Once known it stays: web_repo has the repository's
 * number, which outlives names, and the student. It becomes known
 *   by the roster    the repository is called PREFIX + github_username (without a prefix: its
 *                    name ends in -USERNAME, the longest that fits), and who pushed is that
 *                    student: github_id, or the user name where the roster has no id. So nobody
 *                    takes another's place by making a repository of their name;
 *   by staff         `courseweb repo link OWNER/NAME STUDENT`, or the activity page.
 * Until then its reports are kept, and wait.
 */
#ifndef WEB_WHOSE_H
#define WEB_WHOSE_H

#include "people.h"
#include "trust.h"

/* The student whom the roster names; 0: none, or more than one. */
int64_t whose_by_roster(Db *db, const Trust *trust, const Claims *claims);

/* Writes down that there is this repository, and whose it is if that is known now: the person's
 * id, else 0. -1 and the fault. Inside a transaction. */
int64_t whose_repository(Db *db, const Trust *trust, const Claims *claims, Fault *fault);

/* By its name ("owner/name", any case) or its number. `name` NULL or "": nobody's. `number` (of
 * at least 21 bytes) gets the repository's. */
int whose_link(Db *db, const char *repository, const char *name, char *number, Fault *fault);

#endif
