#include "alert.h"

#include <stdio.h>
#include <stdlib.h>

#include "health.h"
#include "mail.h"

enum { TEXT_BYTES = 2000 };

static void say_jobs(Db *db, Buf *out)
{
    int64_t ended = db_number(db, 0, "SELECT count(*) FROM web_job WHERE state = 'error'", "");
    int64_t failing = db_number(db, 0,
                                "SELECT count(*) FROM web_job WHERE (state = 'queued' OR state = "
                                "'running') AND error <> ''",
                                "");
    if (ended)
        buf_printf(out, "%lld submission%s could not be graded: our failure. ", (long long)ended,
                   ended == 1 ? "" : "s");
    if (failing)
        buf_printf(out, "%lld %s tried again after a failure of ours. ", (long long)failing,
                   failing == 1 ? "is" : "are");
}

static void say_disk(const Course *course, Db *db, Buf *out)
{
    int64_t mb;
    if (disk_low(course, db, &mb))
        buf_printf(out, "The disk is nearly full: %lld MB are free. ", (long long)mb);
}

void alert_text(const Course *course, Db *db, Buf *out)
{
    say_jobs(db, out);
    say_disk(course, db, out);
    if (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

/* Only one of two workers changes the row. */
static bool is_time(Db *db)
{
    return db_change(db, NULL,
                     "INSERT INTO web_setting (key, value) VALUES ('alerted_s', ?1)"
                     " ON CONFLICT (key) DO UPDATE SET value = ?1"
                     "  WHERE CAST(value AS INTEGER) <= ?1 - ?2",
                     "ii", now_s(), (int64_t)ALERT_S) == 1;
}

static void add_newest_error(Db *db, Buf *out)
{
    char *why = db_text(db,
                        "SELECT error FROM web_job WHERE error <> '' ORDER BY ended_ms DESC"
                        " LIMIT 1",
                        "");
    char *url = course_setting(db, "serving");
    if (why)
        buf_printf(out, "\n\nThe newest: %.500s", why);
    buf_printf(out,
               "\n\nSee %.400s/activity, where failed ones are tried again, and `courseweb "
               "doctor` on the machine.\nAt the most one mail like this comes in an hour.",
               url ? url : "");
    free(why);
    free(url);
}

void alert_look(const Course *course, Db *db, bool failed)
{
    Buf text;
    int64_t mb;
    if (!mail_on() || (!failed && !disk_low(course, db, &mb)))
        return;
    buf_init(&text, TEXT_BYTES);
    alert_text(course, db, &text);
    if (text.len && is_time(db)) {
        add_newest_error(db, &text);
        mail_instructors(db, text.data, NULL);
    }
    buf_release(&text);
}
