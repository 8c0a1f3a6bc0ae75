#include "mail.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "child.h"
#include "course.h"

enum { AGAIN_S = 20, MESSAGE_BYTES = 32768 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    const Course *course;
    const char *command, *base_url, *title;
    unsigned kicks;
    pid_t pid;
    bool started, stopping;
} mail = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- addresses and messages --- */

bool email_valid(const char *email)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    char allowed[96];
    size_t len = strnlen(email, EMAIL_BYTES);
    const char *at = strchr(email, '@');
    if (len >= EMAIL_BYTES || !at || at == email || *email == '-' || *email == '.')
        return false;
    snprintf(allowed, sizeof allowed, "%s._%%+-", letters);
    if (email + strspn(email, allowed) != at)
        return false;
    snprintf(allowed, sizeof allowed, "%s.-", letters);
    return at[1] && !strchr(".-", at[1]) && strspn(at + 1, allowed) == strlen(at + 1);
}

bool email_of(Db *db, const Person *person, char email[EMAIL_BYTES])
{
    static const char *const questions[] = {"SELECT email FROM web_person WHERE id = ?",
                                            "SELECT roster_key FROM web_person WHERE id = ?"};
    bool found = false;
    for (int i = 0; i < 2 && !found; i++) {
        char *text = db_text(db, questions[i], "i", person->id);
        found = text && email_valid(text);
        if (found)
            strcpy(email, text);
        free(text);
    }
    return found;
}

bool mail_message(Buf *out, const char *from, const char *to, const char *subject, const char *text)
{
    if (!email_valid(to))
        return false;
    if (from && email_valid(from))
        buf_printf(out, "From: %s\n", from);
    buf_printf(out,
               "To: %s\nSubject: %s\nMIME-Version: 1.0\n"
               "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
               "Auto-Submitted: auto-generated\n\n",
               to, subject);
    text_clean(out, text, strlen(text));
    buf_str(out, "\n");
    return !out->full;
}

/* --- the command --- */

static int in_memory(const Buf *message)
{
    int fd = memfd_create("mail", MFD_CLOEXEC);
    if (fd >= 0 && (write(fd, message->data, message->len) != (ssize_t)message->len ||
                    lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void set_pid(pid_t pid)
{
    pthread_mutex_lock(&mail.lock);
    mail.pid = pid;
    if (pid > 0 && mail.stopping)
        kill(-pid, SIGKILL);
    pthread_mutex_unlock(&mail.lock);
}

static int hand_over(const Buf *message, Fault *fault)
{
    const char *argv[] = {"/bin/sh", "-c", mail.command, NULL};
    bool late;
    int fd = in_memory(message);
    if (fd < 0)
        return fault_errno(fault, "no memory for a mail");
    pid_t pid = child_start(
        &(ChildOptions){.argv = argv, .in = fd, .out = STDERR_FILENO, .err = STDERR_FILENO}, fault);
    close(fd);
    if (pid < 0)
        return -1;
    set_pid(pid);
    int status = child_wait(pid, MAIL_SECONDS * 1000, &late);
    set_pid(0);
    if (late)
        return fault_set(fault, "the mail command took longer than %d s", MAIL_SECONDS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return fault_set(fault, "the mail command failed (%s %d)",
                     WIFEXITED(status) ? "exit status" : "signal",
                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* --- one row --- */

typedef struct Row {
    int64_t id, person, tries;
    bool link;
    char asked[EMAIL_BYTES], text[MAIL_TEXT];
} Row;

/* What became of the last row, until that is written: on a full disk nothing is sent twice. */
static struct {
    int64_t id, person;
    const char *state;
} ended;

static int write_end(Db *db)
{
    return db_run(db, NULL, "UPDATE web_mail SET state = ?, person = ?, text = '' WHERE id = ?",
                  "sii", ended.state, ended.person, ended.id);
}

static int finish(Db *db, const Row *row, const Person *person, const char *state)
{
    ended.id = row->id;
    ended.person = person->id;
    ended.state = state;
    return write_end(db);
}

/* By name, address or key; an address that two people share is nobody's. */
static bool person_meant(Db *db, const char *asked, Person *person)
{
    if (person_find(db, asked, person))
        return person->role != ROLE_NONE;
    int64_t n = db_number(db, 0,
                          "SELECT count(*) FROM web_person WHERE left_s = 0 AND"
                          " (email = ?1 COLLATE NOCASE OR roster_key = ?1 COLLATE NOCASE)",
                          "s", asked);
    int64_t id = db_number(db, 0,
                           "SELECT min(id) FROM web_person WHERE left_s = 0 AND"
                           " (email = ?1 COLLATE NOCASE OR roster_key = ?1 COLLATE NOCASE)",
                           "s", asked);
    return *asked && n == 1 && person_by_id(db, id, person);
}

static bool had_enough(Db *db, const Person *person)
{
    return db_number(db, 0,
                     "SELECT count(*) FROM web_mail WHERE person = ? AND kind = 'link' AND"
                     " state = 'sent' AND made_s > ?",
                     "ii", person->id, now_s() - 3600) >= MAIL_LINKS_AN_HOUR;
}

static int link_text(Db *db, const Person *person, char secret[SECRET_TEXT], Row *row, Fault *fault)
{
    if (link_make(db, person, SIGNIN_LINK_S, secret, fault))
        return -1;
    snprintf(row->text, sizeof row->text,
             "Somebody, most likely you, asked for a new way into %.200s for the account %s.\n\n"
             "This link signs you in once, within an hour:\n\n  %.400s/claim/%s\n\n"
             "There you can make a new token for `git push`; the old one ends then.\n"
             "If it was not you, there is nothing to do: nothing has changed.",
             mail.title, person->name, mail.base_url, secret);
    return 0;
}

static void take_back(Db *db, const char *secret)
{
    unsigned char hash[SECRET_HASH];
    secret_hash(secret, hash);
    db_run(db, NULL, "DELETE FROM web_link WHERE hash = ?", "b", hash, sizeof hash);
}

/* 0, or -1 and the fault: to be tried again. */
static int send_row(Db *db, Row *row, const Person *person, const char *to, Fault *fault)
{
    char secret[SECRET_TEXT] = "";
    Buf message;
    buf_init(&message, MESSAGE_BYTES);
    char *from = course_setting(db, "mail_from");
    int status = row->link ? link_text(db, person, secret, row, fault) : 0;
    if (!status)
        status = mail_message(&message, from, to,
                              row->link ? "A new sign-in link" : "The course's server needs a look",
                              row->text)
                     ? hand_over(&message, fault)
                     : fault_set(fault, "a mail is too long");
    if (status && row->link)
        take_back(db, secret);
    free(from);
    buf_release(&message);
    return status;
}

/* -1: what became of it can't be written now. */
static int do_row(Db *db, Row *row)
{
    Fault fault = {""};
    Person person = {.id = 0};
    char to[EMAIL_BYTES];
    if (row->id == ended.id)
        return write_end(db);
    bool known =
        row->link ? person_meant(db, row->asked, &person) : person_by_id(db, row->person, &person);
    if (!known || !email_of(db, &person, to) || (row->link && had_enough(db, &person)))
        return finish(db, row, &person, "dropped");
    if (send_row(db, row, &person, to, &fault) == 0)
        return finish(db, row, &person, "sent");
    bool last = row->tries + 1 >= MAIL_TRIES;
    fprintf(stderr, "courseweb: %s%s\n", fault.text, last ? "; this mail is given up" : "");
    if (last)
        return finish(db, row, &person, "dropped");
    return db_run(db, NULL, "UPDATE web_mail SET tries = tries + 1, next_s = ? WHERE id = ?", "ii",
                  now_s() + AGAIN_S, row->id);
}

/* --- the thread --- */

static bool next_row(Db *db, Row *row)
{
    sqlite3_stmt *asked =
        db_ask(db, NULL,
               "SELECT id, person, tries, kind = 'link', asked, text FROM web_mail"
               " WHERE state = 'waiting' AND next_s <= ? ORDER BY id LIMIT 1",
               "i", now_s());
    if (!db_row(asked))
        return false;
    *row = (Row){.id = sqlite3_column_int64(asked, 0),
                 .person = sqlite3_column_int64(asked, 1),
                 .tries = sqlite3_column_int64(asked, 2),
                 .link = sqlite3_column_int(asked, 3) != 0};
    snprintf(row->asked, sizeof row->asked, "%s", db_column(asked, 4));
    snprintf(row->text, sizeof row->text, "%s", db_column(asked, 5));
    db_done(asked);
    return true;
}

/* Asleep until a kick; where one failed and waits, until it is due. */
static void wait_for_kick(unsigned seen, bool again)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += AGAIN_S + 1;
    pthread_mutex_lock(&mail.lock);
    while (mail.kicks == seen && !mail.stopping)
        if (!again)
            pthread_cond_wait(&mail.work, &mail.lock);
        else if (pthread_cond_timedwait(&mail.work, &mail.lock, &until) != 0)
            break;
    pthread_mutex_unlock(&mail.lock);
}

static bool look_at_lock(unsigned *kicks)
{
    pthread_mutex_lock(&mail.lock);
    *kicks = mail.kicks;
    bool stopping = mail.stopping;
    pthread_mutex_unlock(&mail.lock);
    return stopping;
}

static void *mail_thread(void *nothing)
{
    (void)nothing;
    static Row row; /* large, and this thread's alone */
    unsigned seen;
    while (!look_at_lock(&seen)) {
        Db *db = course_db(mail.course, NULL);
        bool found = db && next_row(db, &row);
        if (found && do_row(db, &row) == 0)
            continue;
        wait_for_kick(seen, found || !db ||
                                db_number(db, 0,
                                          "SELECT 1 FROM web_mail WHERE state = 'waiting'"
                                          " LIMIT 1",
                                          ""));
    }
    return NULL;
}

int mail_start(const Course *course, const char *command, const char *base_url, const char *title,
               Fault *fault)
{
    pthread_condattr_t attributes;
    if (!command)
        return 0;
    mail.course = course;
    mail.command = command;
    mail.base_url = base_url;
    mail.title = title;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&mail.work, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&mail.thread, NULL, mail_thread, NULL) != 0)
        return fault_set(fault, "can't start the mail's thread");
    mail.started = true;
    return 0;
}

static void kick(bool stop)
{
    pthread_mutex_lock(&mail.lock);
    mail.kicks++;
    mail.stopping = mail.stopping || stop;
    if (stop && mail.pid > 0)
        kill(-mail.pid, SIGKILL);
    pthread_cond_broadcast(&mail.work);
    pthread_mutex_unlock(&mail.lock);
}

void mail_stop(void)
{
    if (!mail.started)
        return;
    kick(true);
    pthread_join(mail.thread, NULL);
    mail.started = false;
}

bool mail_on(void)
{
    return mail.started;
}

/* --- asking --- */

static int add(Db *db, const char *kind, const char *asked, int64_t person, const char *text,
               Fault *fault)
{
    return db_run(db, fault,
                  "INSERT INTO web_mail (kind, asked, person, text, made_s) SELECT ?1, ?2, ?3, ?4,"
                  " ?5 WHERE (SELECT count(*) FROM web_mail WHERE state = 'waiting') < ?6",
                  "ssisii", kind, asked, person, text, now_s(), (int64_t)MAIL_WAITING_MOST);
}

int mail_ask_link(Db *db, const char *typed, Fault *fault)
{
    if (!mail_on())
        return 0;
    db_run(db, NULL, "DELETE FROM web_mail WHERE made_s < ?", "i", now_s() - MAIL_KEPT_S);
    int status = add(db, "link", typed, 0, "", fault);
    kick(false);
    return status;
}

int mail_instructors(Db *db, const char *text, Fault *fault)
{
    int64_t last = 0;
    int status = 0;
    while (mail_on() && !status &&
           (last = db_number(db, 0,
                             "SELECT min(id) FROM web_person WHERE id > ? AND role = 'instructor'"
                             " AND email <> ''",
                             "i", last)) != 0)
        status = add(db, "alert", "", last, text, fault);
    if (mail_on())
        kick(false);
    return status;
}
