#include "due.h"

int64_t due_of(Db *db, int64_t person, const char *exercise)
{
    return db_number(db, 0,
                     "SELECT due_s FROM web_due WHERE exercise = ?1 AND person IN (0, ?2)"
                     " ORDER BY person DESC LIMIT 1",
                     "si", exercise, person);
}

int due_set(Db *db, int64_t person, const char *exercise, int64_t due_s, Fault *fault)
{
    if (due_s == 0)
        return db_run(db, fault, "DELETE FROM web_due WHERE exercise = ? AND person = ?", "si",
                      exercise, person);
    return db_run(db, fault,
                  "INSERT INTO web_due (exercise, person, due_s) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (exercise, person) DO UPDATE SET due_s = ?3",
                  "sii", exercise, person, due_s);
}

bool due_any(Db *db)
{
    return db_number(db, 0, "SELECT 1 FROM web_due LIMIT 1", "") != 0;
}

char *due_exercise(Db *db, const char *name)
{
    return db_text(db,
                   "SELECT e.value ->> 'id' FROM web_setting s, json_each(s.value, '$.exercises') e"
                   " WHERE s.key = 'exercises' AND (e.value ->> 'id' = ?1"
                   "  OR (?1 <> '' AND ?1 NOT GLOB '*[^0-9]*'"
                   "   AND e.value ->> 'id' GLOB 'ex' || ?1 || '_*'))",
                   "s", name);
}
