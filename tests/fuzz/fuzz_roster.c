/* Class lists: whatever the file holds, it is taken whole or refused with a line, and
 * what is taken is names that may stand in addresses, and clean text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "course.h"
#include "people.h"
#include "roster.h"
#include "store_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Db db;

static void must(int good)
{
    if (!good)
        abort();
}

static void open_memory(void)
{
    must(sqlite3_open(":memory:", &db.sql) == SQLITE_OK);
    Store store = {.db = db.sql};
    must(store_schema_ready(&store, NULL) == 0); /* the server's triggers stand on its tables */
    must(web_schema_ready(&db, NULL) == 0);
}

static void look_at_people(void)
{
    sqlite3_stmt *row =
        db_ask(&db, NULL, "SELECT name, shown || email || section FROM web_person", "");
    while (db_row(row)) {
        Buf clean;
        must(name_valid(db_column(row, 0)));
        buf_init(&clean, 1 << 16);
        text_clean(&clean, db_column(row, 1), strlen(db_column(row, 1)));
        must(strcmp(clean.data, db_column(row, 1)) == 0);
        buf_release(&clean);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RosterCount count;
    Buf mistakes, preview;
    if (!db.sql)
        open_memory();
    buf_init(&mistakes, 1 << 20);
    buf_init(&preview, 1 << 20);
    int would = roster_import(&db, (const char *)data, size, &preview, &count, &mistakes);
    must(db_number(&db, -1, "SELECT count(*) FROM web_person", "") == 0);
    buf_release(&preview);
    buf_clear(&mistakes);
    int status = roster_import(&db, (const char *)data, size, NULL, &count, &mistakes);
    must(status == would);
    must((status == 0) == (mistakes.len == 0));
    look_at_people();
    must(db_number(&db, -1, "SELECT count(*) FROM web_person", "") == (status ? 0 : count.added));
    db_run(&db, NULL, "DELETE FROM web_person", "");
    buf_release(&mistakes);
    return 0;
}
