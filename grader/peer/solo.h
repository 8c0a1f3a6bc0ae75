/*
 * `grader peer FILE PORT`: one script alone, played against a program that
 * the student has started on 127.0.0.1:PORT. Prints each step with its time
 * and result as it goes.
 */
#ifndef GRADER_PEER_SOLO_H
#define GRADER_PEER_SOLO_H

#include <stdio.h>

/* The exit status: 0 all went as the script wants; 1 a step did not (`out` names
 * file and line); 2 the script can't be read or holds a mistake; 3 nobody listens there
 * (`out` says so), or our failure (2 and this in one line on `err`). */
int solo_play(const char *path, int port, FILE *out, FILE *err);

#endif
