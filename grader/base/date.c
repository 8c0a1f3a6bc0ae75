#include "base/date.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

/* What is left behind the longest form that fits, or NULL. */
static const char *take(const char *text, struct tm *when)
{
    static const struct {
        const char *format;
        int hour, minute, second; /* what it does not say; -1: it does */
    } forms[] = {{"%H:%M:%S", -1, -1, -1}, {"%H:%M", -1, -1, 59}, {"", 23, 59, 59}};
    struct tm day = {.tm_isdst = -1};
    const char *time = strptime(text, "%Y-%m-%d", &day);
    if (!time || day.tm_year < 100) /* 26-12-01 is no year 26 */
        return NULL;
    bool more = *time == ' ' || *time == 'T';
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        *when = day;
        if (more != (*forms[i].format != 0))
            continue;
        const char *rest = more ? strptime(time + 1, forms[i].format, when) : time;
        if (!rest || (*rest && strcmp(rest, "Z") != 0))
            continue;
        when->tm_hour = forms[i].hour < 0 ? when->tm_hour : forms[i].hour;
        when->tm_min = forms[i].minute < 0 ? when->tm_min : forms[i].minute;
        when->tm_sec = forms[i].second < 0 ? when->tm_sec : forms[i].second;
        return rest;
    }
    return NULL;
}

int date_read(const char *text, int64_t *unix_s, Fault *fault)
{
    struct tm when;
    const char *rest = take(text, &when);
    int day = rest ? when.tm_mday : 0;
    time_t at = !rest ? -1 : *rest ? timegm(&when) : mktime(&when);
    /* The 31st of February would become a day in March. */
    if (!rest || when.tm_mday != day)
        return fault_set(
            fault,
            "\"%.40s\" is no date such as 2026-12-01, 2026-12-01 23:59 (local time) or "
            "2026-12-01T22:59Z (UTC)",
            text);
    *unix_s = at;
    return 0;
}
