/*
 * How many large answers (a submission's page, a trace, a report) one student has under way: being
 * made, or not yet read to their end. Each holds megabytes of memory for as long as its reader likes.
 * Staff are not counted. Safe from any thread.
 */
#ifndef WEB_UNDERWAY_H
#define WEB_UNDERWAY_H

#include "http.h"

enum { ANSWERS_OF_ONE = 8 /* a browser asks for six at once */ };

/* Counts it until the request has ended. False: the student has ANSWERS_OF_ONE already, and is to be
 * told so by underway_refuse(). */
bool underway_begin(Request *request);
enum MHD_Result underway_refuse(Request *request);

#endif
