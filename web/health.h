/* What the machine must have for the server to go on: looked at by `courseweb doctor`, and
 * for the word to staff (alert.h). */
#ifndef WEB_HEALTH_H
#define WEB_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "course.h"

enum { DISK_MB = 1024 }; /* less is too little; the setting `disk_mb` */

/* What is free for us where `folder` is, in MB; -1: it can't be asked. A disk without free
 * inodes has nothing free. */
int64_t disk_free_mb(const char *folder);
/* Less than the course's limit? */
bool disk_low(const Course *course, Db *db, int64_t *free_mb);

typedef struct HealthLine {
    const char *name;
    bool ok, needed;
    char detail[200], cure[300];
} HealthLine;

/* Everything but the grader, which has its own doctor. Returns how many lines. */
int health_look(const Course *course, HealthLine *lines, int most);

/* What --mail-command needs: a program that is setuid or setgid, as those of Exim and Postfix
 * are, can't hand over a mail where NoNewPrivileges= is set. `places`: for tests. */
typedef struct MailPlaces {
    const char *status, *postdrop;
} MailPlaces;

extern const MailPlaces mail_places; /* this machine's */
void health_mail(const char *command, const MailPlaces *places, HealthLine *line);

#endif
