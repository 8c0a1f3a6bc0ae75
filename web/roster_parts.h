/*
 * Private to roster*.c: roster.c reads the lines and stores the people, roster_alone.c sees to
 * it that no two of them share what is to be one person's.
 */
#ifndef WEB_ROSTER_PARTS_H
#define WEB_ROSTER_PARTS_H

#include "csv.h"
#include "roster.h"

typedef enum Column {
    COLUMN_KEY,
    COLUMN_GITHUB,
    COLUMN_GITHUB_ID,
    COLUMN_NAME,
    COLUMN_LAST_NAME,
    COLUMN_EMAIL,
    COLUMN_SECTION,
    COLUMNS
} Column;

typedef struct Roster {
    Db *db;
    Csv csv;
    int columns[COLUMNS]; /* index of the field; -1: none */
    bool classroom50;
    RosterCount *count;
    Buf *mistakes;
    int n_header, n_mistakes, n_people;
} Roster;

typedef struct Line {
    char key[CSV_FIELD_BYTES], github[CSV_FIELD_BYTES], github_id[CSV_FIELD_BYTES];
    char shown[2 * CSV_FIELD_BYTES + 2], email[CSV_FIELD_BYTES], section[CSV_FIELD_BYTES];
} Line;

void roster_mistake(Roster *roster, const char *text);
/* With the line's number, and the value quoted. */
void roster_mistake_here(Roster *roster, const char *what, const char *value);

/* Has nobody else in this file, and no student of an earlier one, what this line says? Else the
 * mistake is noted. Needs the table temp.roster_seen. */
bool roster_alone(Roster *roster, const Line *line);
/* The same of one value; `query`, of the value and the line's identifier, gives the other's. */
bool roster_unclaimed(Roster *roster, const char *what, const char *query, const char *value,
                      const char *key);

#endif
