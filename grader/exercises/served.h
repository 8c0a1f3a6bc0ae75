/*
 * Exercise 4's stdout: what stands there of each task. Task K is client K of
 * the script. Data is printed as in exercise 1, behind `task K: `.
 */
#ifndef GRADER_EXERCISES_SERVED_H
#define GRADER_EXERCISES_SERVED_H

#include <stdbool.h>

#include "observation.h"

/* From worst to best. */
typedef enum Served {
    SERVED_NOT,         /* the data is not there */
    SERVED_UNLABELLED,  /* it is, but not on a line of its task */
    SERVED_DECORATED,   /* on a line of its task, with something else around it */
    SERVED_NO_LINE_END, /* the line end behind it is missing */
    SERVED_WHOLE
} Served;

/* How the data that the task's client sent came out again. */
Served served(const Observation *run, int task);
/* The worst of tasks 1 to `tasks`. */
Served served_all(const Observation *run, int tasks);
/* Where in stdout the task's data stands; -1: nowhere. */
long served_at(const Observation *run, int task);
/* Is there a line `task K: closed`? */
bool said_closed(const Observation *run, int task);
/* Behind "stdout ...": `ended in "..."`, its end quoted, or that there was nothing; into `text`. */
const char *how_stdout_ended(const Observation *run, char *text, size_t size);

#endif
