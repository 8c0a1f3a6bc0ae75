/*
 * CSV after RFC 4180: quoted fields with "" for a quote, commas and line ends inside
 * quotes, CRLF or LF, a byte order mark at the start skipped. Strict where a guess
 * would be needed: a quote in the middle of a bare field, text behind a closing quote,
 * an open quote at the end are errors with their line.
 */
#ifndef WEB_CSV_H
#define WEB_CSV_H

#include "base/buf.h"
#include "base/fault.h"

enum { CSV_FIELDS_MOST = 64, CSV_FIELD_BYTES = 1024 };

typedef struct Csv {
    const char *at, *end;
    int line; /* of the record that was read last, from 1 */
    int next_line;
    char *fields[CSV_FIELDS_MOST];
    int n_fields;
    Buf text; /* what the fields point into */
} Csv;

/* `text` must outlive the reader. */
void csv_init(Csv *csv, const char *text, size_t len);
void csv_release(Csv *csv); /* safe twice */

/* 1: a record; 0: the end; -1: the fault, with the line. Empty lines are skipped. */
int csv_next(Csv *csv, Fault *fault);

#endif
