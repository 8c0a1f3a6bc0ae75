/*
 * The class list from a CSV file. The header line says which form it is:
 *
 *   GitHub Classroom   identifier,github_username,github_id,name
 *   Classroom 50       username,first_name,last_name,email,section,github_id
 *
 * in any order, other columns tolerated. `identifier` (Classroom 50: `username`) is the
 * key: importing again changes what is new and makes nobody twice. The account's name
 * is the GitHub user name, or where that is empty one made of the identifier; once made
 * it stays, for results and repositories carry it. Nobody is removed.
 *
 * Every mistake is named with its line, and then nothing at all is imported: an identifier,
 * a GitHub account or an address that two people would share is one, so is a line with more
 * fields than the header. An identifier that is not in the file any more, and whose GitHub
 * account or address stands beside a new one, was corrected: the person stays.
 */
#ifndef WEB_ROSTER_H
#define WEB_ROSTER_H

#include "db.h"

enum { ROSTER_BYTES = 4 << 20, ROSTER_PEOPLE = 20000, ROSTER_MISTAKES = 50 };

typedef struct RosterCount {
    int added, changed, same, renamed; /* renamed: under a corrected identifier; also among these */
    int absent;                        /* of the class, and not in this list: they stay */
    char unused[200]; /* headings that stand for nothing here, quoted, with commas between */
} RosterCount;

/*
 * 0; or -1, and `mistakes` has a line for each (at most ROSTER_MISTAKES). With `preview` everything is
 * as if and nothing is stored: a line for each person goes there, "+" added, "~" changed and how,
 * "?" of the class and not in this list. NULL: it is stored.
 */
int roster_import(Db *db, const char *text, size_t len, Buf *preview, RosterCount *count,
                  Buf *mistakes);

#endif
