/*
 * An instant as a person writes it, in local time, or in UTC where a Z stands behind it:
 *
 *   2026-12-01               the last second of that day
 *   2026-12-01 23:59         the last second of that minute; a T for the blank will do
 *   2026-12-01 23:59:30
 */
#ifndef GRADER_BASE_DATE_H
#define GRADER_BASE_DATE_H

#include <stdint.h>

#include "base/fault.h"

/* Unix time, in seconds. 0, or -1 and the fault, which shows how it is written. */
int date_read(const char *text, int64_t *unix_s, Fault *fault);

#endif
