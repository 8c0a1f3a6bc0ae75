/*
 * Private to roster*.c: roster.c reads the lines and stores the people, roster_alone.c sees to
 * it that no two of them share what is to be one person's, roster_changes.c says what became
 * different.
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

/* Has nobody else in this file what this line says? Else the mistake is noted. Needs the table
 * temp.roster_seen, as what follows needs temp.roster_key: all identifiers of the file. */
bool roster_alone(Roster *roster, const Line *line);
/* Whose line this is; 0: somebody new. A student whose identifier this file has no more, and who has
 * the line's account, github_id or address, is the same person under a corrected identifier. */
int64_t roster_person(Roster *roster, const Line *line);
/* Has nobody an account of this name? Else the mistake is noted. */
bool roster_name_free(Roster *roster, const char *name);
/* When all lines are in: notes who of this file would share with whom. */
void roster_look_for_shared(Roster *roster);

/* Before the first line: the class as it is. Then, when all lines are in (and temp.roster_key is
 * still there): how many of the class are not in the file; a line for each change (roster.h). */
int roster_note_before(Db *db, Fault *fault);
int roster_absent(Db *db);
void roster_tell_changes(Db *db, Buf *out);

#endif
