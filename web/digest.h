/*
 * What the pages ask often, kept from the results: for each student and check whether
 * the latest submission fails it and since when (web_check), and how many attempts an
 * exercise took to its full points (web_attempts). Results are taken in submission
 * after submission; the setting `digest` says how far, so what a killed server left out,
 * or `grader run --db` stored, is made good by the next call.
 */
#ifndef WEB_DIGEST_H
#define WEB_DIGEST_H

#include "course.h"

int digest_bring_up(Db *db, Fault *fault);

#endif
