/*
 * A Result as the contract's JSON (schema 1), built with jansson. Keys stand
 * in the contract's order; dump with RESULT_JSON_FLAGS.
 *
 * What a program may rely on:
 *  - `score`, `max_score`: integers where whole, x.5 otherwise.
 *  - `observable_max_score` stands beside `max_score` at the top and in every
 *    exercise, always, also where they are equal.
 *  - `message` and an evidence's `file` and `text` are strings, "" if there is
 *    nothing to say; `line` is null if not known; `evidence` is a list.
 *  - `cpu` is null or has all four fields, each a number or null.
 *
 * Beyond the contract, and only where there is something to say:
 *  - top: `practice` (true) with --own; `promise` ("weaker", see store.h) where a course's server
 *    gives out what was reported to it.
 *  - exercise: `compiler` (its messages), `error` (our failure).
 *  - check: `reason` and `cause` for a skip; `seen`, `expected`, `why`,
 *    `scenario` for a fail; `failed_runs` and `runs` if it was repeated.
 *  - evidence: `source`, the line itself.
 *
 * Every string is cleaned (base/text.h) and bounded once more here: the
 * output is valid UTF-8 whatever the Result holds. An object that jansson
 * has no memory for ends the process, as everywhere.
 */
#ifndef GRADER_RESULT_JSON_H
#define GRADER_RESULT_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "result.h"

/* Twelve digits: figures with one decimal keep it, and no more. */
#define RESULT_JSON_FLAGS JSON_REAL_PRECISION(12)

json_t *result_json(const Result *result);                    /* the whole report */
json_t *result_json_exercise(const ExerciseResult *exercise); /* one of `exercises` */
json_t *result_json_checks(const ExerciseResult *exercise);   /* its `checks` */
json_t *result_json_cpu(const CpuFigures *cpu);               /* its `cpu` */

json_t *json_must(json_t *value);                 /* the value; NULL (no memory) ends the process */
json_t *json_points(int halves);                  /* 20, or 12.5 */
json_t *json_text(const char *text, size_t most); /* cleaned; NULL: "" */

/* Text of any origin, cleaned, at most `most` bytes of it read, never cut inside a character. */
void result_clean(Buf *out, const char *text, size_t most);

/* Appends the value as text and gives it up (json_decref). */
void json_write_take(Buf *out, json_t *value, size_t flags);

#endif
