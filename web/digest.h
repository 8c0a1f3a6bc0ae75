/*
 * What the pages ask often, kept from the results: for each student and check whether
 * the latest submission fails it and since when (web_check), how many attempts an
 * exercise took to its full points, and what came of the latest (web_attempts; a stub as
 * it was given out is no attempt). Results are taken in submission
 * after submission; the setting `digest` says how far, so what a killed server left out,
 * or `grader run --db` stored, is made good by the next call.
 */
#ifndef WEB_DIGEST_H
#define WEB_DIGEST_H

#include "course.h"

int digest_bring_up(Db *db, Fault *fault);

#endif
