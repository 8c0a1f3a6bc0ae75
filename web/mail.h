/*
 * Mail, where `serve --mail-command` is given: a new way in for who has lost their token,
 * and a word to instructors about failures of ours (alert.h).
 *
 * What is to be sent is a row of web_mail, so a killed server sends it after its next
 * start; one thread sends, one after the other, by the command with the message on its
 * standard input, at the most MAIL_SECONDS each. A command that fails is tried
 * MAIL_TRIES times in all. The server may be killed between the sending and its row: then
 * the mail is sent twice, with another link.
 *
 * A sign-in link is made when it is sent, so no secret lies in the queue. Whether anybody
 * is known by what was typed is found out by this thread, not by the request: known and
 * unknown take the same time and get the same answer.
 */
#ifndef WEB_MAIL_H
#define WEB_MAIL_H

#include "course.h"
#include "people.h"

enum {
    MAIL_SECONDS = 60,
    MAIL_TRIES = 3,
    MAIL_WAITING_MOST = 500, /* more are not taken */
    MAIL_KEPT_S = 24 * 3600,
    MAIL_LINKS_AN_HOUR = 3, /* to one person */
    EMAIL_BYTES = 200,
    MAIL_TEXT = 4000
};

/* An address that can stand in a header and mean nothing else there. */
bool email_valid(const char *email);
/* Where this person gets mail: the roster's address, or its key if that is one. False: nowhere. */
bool email_of(Db *db, const Person *person, char email[EMAIL_BYTES]);

/* One of the process. `command` NULL: no mail, and nothing below does anything. */
int mail_start(const Course *course, const char *command, const char *base_url, const char *title,
               Fault *fault);
void mail_stop(void);
bool mail_on(void);

/* A link for whoever this name, address or roster key is; 0 also where that is nobody. */
int mail_ask_link(Db *db, const char *typed, Fault *fault);
/* To every instructor with an address. */
int mail_instructors(Db *db, const char *text, Fault *fault);

/* The whole message; false: the address is none. For tests, too. */
bool mail_message(Buf *out, const char *from, const char *to, const char *subject,
                  const char *text);

#endif
