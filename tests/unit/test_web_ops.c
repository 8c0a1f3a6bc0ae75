/* What a department's machine is asked: who vouches for whom, what becomes a mail, what
 * staff are told, our part of the cgroup tree. */
#include "web_scratch.h"
#include <fcntl.h>
#include <sys/file.h>

#include <sys/stat.h>
#include <unistd.h>

#include "alert.h"
#include "cgroup.h"
#include "health.h"
#include "mail.h"
#include "sso.h"
#include "tls.h"

static Fault fault;

static int64_t add_person(Scratch *scratch, const char *name, const char *key, const char *github,
                          const char *email)
{
    assert_int_equal(db_run(scratch->db, &fault,
                            "INSERT INTO web_person (name, role, roster_key, github_username,"
                            " email, created_s) VALUES (?, 'student', ?, ?, ?, 0)",
                            "ssss", name, key, github, email),
                     0);
    return sqlite3_last_insert_rowid(scratch->db->sql);
}

static void strict(void **state)
{
    (void)state;
    assert_true(tls_strict("https://course.example.org"));
    assert_true(tls_strict("https://course.example.org:8443/x"));
    assert_false(tls_strict("http://course.example.org"));
    assert_false(tls_strict("https://localhost:8443"));
    assert_false(tls_strict("https://127.0.0.1"));
    assert_false(tls_strict("https://[::1]:8443"));
}

static void believed(void **state)
{
    (void)state;
    assert_true(sso_believes(NULL, "127.0.0.1"));
    assert_true(sso_believes(NULL, "127.9.9.9"));
    assert_true(sso_believes(NULL, "::1"));
    assert_true(sso_believes(NULL, "unix"));
    assert_false(sso_believes(NULL, "10.0.0.5"));
    assert_false(sso_believes(NULL, "1270.0.1"));
    assert_false(sso_believes(NULL, ""));
    assert_true(sso_believes("10.0.0.5, ::1", "10.0.0.5"));
    assert_true(sso_believes("10.0.0.5,0:0::1", "::1"));
    assert_false(sso_believes("10.0.0.5", "127.0.0.1"));
    assert_false(sso_believes("10.0.0.5", "10.0.0.50"));
    assert_false(sso_believes("10.0.0.5", "unix"));
    assert_true(sso_believes("unix", "unix"));
}

static void options(void **state)
{
    (void)state;
    assert_int_equal(sso_check(NULL, NULL, false, false, &fault), 0);
    assert_int_equal(sso_check("X-Remote-User", NULL, true, false, &fault), 0);
    assert_int_equal(sso_check("X-Remote-User", "10.0.0.5", false, true, &fault), 0);
    /* Reached by others: TLS and the proxy's address, both. */
    assert_int_equal(sso_check("X-Remote-User", NULL, false, false, &fault), -1);
    assert_int_equal(sso_check("X-Remote-User", NULL, false, true, &fault), -1);
    assert_int_equal(sso_check("X-Remote-User", "10.0.0.5", false, false, &fault), -1);
    assert_int_equal(sso_check("X-Remote-User", "proxy", false, true, &fault), -1);
    assert_int_equal(sso_check("X-Remote-User", "", false, true, &fault), -1);
    assert_int_equal(sso_check("X Remote", NULL, true, false, &fault), -1);
    assert_int_equal(sso_check(NULL, "10.0.0.5", true, true, &fault), -1);
}

static void identities(void **state)
{
    Scratch *scratch = *state;
    Person found;
    int64_t ada = add_person(scratch, "ada-gh", "al17", "ada-gh", "Ada@Example.org");
    int64_t bob = add_person(scratch, "bo42", "bo42", "bobby", "");
    add_person(scratch, "two", "k1", "", "both@example.org");
    add_person(scratch, "three", "k2", "", "both@example.org");
    /* Has taken the university name of somebody else as a GitHub name. */
    int64_t eve = add_person(scratch, "gr99", "ev66", "gr99", "");
    assert_true(sso_person(scratch->db, "AL17", &found));
    assert_int_equal(found.id, ada);
    assert_true(sso_person(scratch->db, "ada@example.org", &found));
    assert_int_equal(found.id, ada);
    assert_true(sso_person(scratch->db, "bo42", &found));
    assert_int_equal(found.id, bob);
    assert_false(sso_person(scratch->db, "gr99", &found));
    assert_true(sso_person(scratch->db, "ev66", &found));
    assert_int_equal(found.id, eve);
    assert_false(sso_person(scratch->db, "both@example.org", &found));
    assert_false(sso_person(scratch->db, "", &found));
    assert_false(sso_person(scratch->db, "nobody", &found));
    assert_false(sso_person(scratch->db, "' OR 1=1 --", &found));
    /* Staff chose their names themselves: a student may have one at the university. */
    assert_int_equal(staff_add(scratch->db, "grace", ROLE_INSTRUCTOR, "", "g@x", &fault), 0);
    assert_false(sso_person(scratch->db, "grace", &found));
    assert_true(sso_person(scratch->db, "G@x", &found));
    assert_int_equal(found.role, ROLE_INSTRUCTOR);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "ada.l+x@cs.example.org", "A_1%2@x-y.de"};
    static const char *const bad[] = {"",
                                      "ada",
                                      "@b",
                                      "a@",
                                      "a@b\nBcc: all@x",
                                      "a@b\r\nX: y",
                                      "a b@c",
                                      "a@b, c@d",
                                      "a@b@c",
                                      "-oQ/tmp@b",
                                      ".a@b",
                                      "a@-b",
                                      "\"a\"@b",
                                      "a@b;id",
                                      "\xc3\xa4@b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!email_valid(good[i]))
            fail_msg("\"%s\" was refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (email_valid(bad[i]))
            fail_msg("\"%s\" was taken", bad[i]);
}

/* Whatever the text is, the header ends where it ends. */
static void messages(void **state)
{
    (void)state;
    Buf out;
    buf_init(&out, 4096);
    assert_false(mail_message(&out, NULL, "a@b\nBcc: c@d", "s", "t"));
    assert_int_equal(out.len, 0);
    assert_true(mail_message(&out, "x@y\nBcc: c@d", "a@b", "s", "t\x1b[31m\nBcc: c@d"));
    const char *end = strstr(out.data, "\n\n");
    assert_non_null(end);
    const char *bcc = strstr(out.data, "Bcc:");
    assert_true(!bcc || bcc > end);
    assert_null(strstr(out.data, "From:"));
    assert_null(strchr(out.data, '\x1b'));
    buf_release(&out);
}

static void mailed_to(void **state)
{
    Scratch *scratch = *state;
    char email[EMAIL_BYTES];
    Person person;
    person_by_id(scratch->db, add_person(scratch, "a", "a@key", "", "a@x"), &person);
    assert_true(email_of(scratch->db, &person, email));
    assert_string_equal(email, "a@x");
    person_by_id(scratch->db, add_person(scratch, "b", "b@key", "", "no address"), &person);
    assert_true(email_of(scratch->db, &person, email));
    assert_string_equal(email, "b@key");
    person_by_id(scratch->db, add_person(scratch, "c", "17", "", ""), &person);
    assert_false(email_of(scratch->db, &person, email));
}

static void troubles(void **state)
{
    Scratch *scratch = *state;
    Buf text;
    int64_t mb, person = add_person(scratch, "a", "1", "", "");
    buf_init(&text, 1000);
    assert_int_equal(course_set(scratch->db, "disk_mb", "1", &fault), 0);
    alert_text(&scratch->course, scratch->db, &text);
    assert_string_equal(text.data, "");
    assert_int_equal(db_run(scratch->db, &fault,
                            "INSERT INTO web_job (person, hash, state, error, pushed_ms)"
                            " VALUES (?1, 'x', 'error', 'no tracer', 1),"
                            "  (?1, 'y', 'running', 'no tracer', 1), (?1, 'z', 'done', '', 1)",
                            "i", person),
                     0);
    assert_int_equal(course_set(scratch->db, "disk_mb", "99999999999", &fault), 0);
    assert_true(disk_low(&scratch->course, scratch->db, &mb));
    alert_text(&scratch->course, scratch->db, &text);
    assert_non_null(strstr(text.data, "1 submission could not be graded"));
    assert_non_null(strstr(text.data, "1 is tried again"));
    assert_non_null(strstr(text.data, "The disk is nearly full"));
    buf_release(&text);
}

static void write_file(const char *folder, const char *name, char *read_back)
{
    char path[200], text[16] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, read_back ? "r" : "w");
    assert_non_null(file);
    if (read_back) {
        (void)!fgets(text, sizeof text, file);
        strcpy(read_back, text);
    }
    fclose(file);
}

/* A tree of plain files stands for the kernel's. */
static void cgroups(void **state)
{
    Scratch *scratch = *state;
    char folder[128], below[160], said[16];
    snprintf(folder, sizeof folder, "%s/x.service", scratch->dir);
    snprintf(below, sizeof below, "%s/server", folder);
    mkdir(folder, 0700);
    assert_false(cgroup_step_down_in("0::/x.service\n", scratch->dir)); /* not handed over */
    assert_int_not_equal(access(below, F_OK), 0);
    write_file(folder, "cgroup.procs", NULL);
    write_file(folder, "cgroup.subtree_control", NULL);
    mkdir(below, 0700);
    write_file(below, "cgroup.procs", NULL);
    assert_false(cgroup_step_down_in("4:memory:/x.service\n0::/\n", scratch->dir));
    assert_false(cgroup_step_down_in("0::/user.slice/x.scope\n", scratch->dir));
    assert_true(cgroup_step_down_in("9:name=systemd:/\n0::/x.service\n", scratch->dir));
    write_file(below, "cgroup.procs", said);
    assert_string_equal(said, "0");
}

static HealthLine mail_line(const Scratch *scratch, const char *program, const MailPlaces *places)
{
    char command[200];
    HealthLine line;
    snprintf(command, sizeof command, "%s/%s -t", scratch->dir, program);
    health_mail(command, places, &line);
    return line;
}

static void file_of_mode(const Scratch *scratch, const char *name, mode_t mode)
{
    char path[200];
    write_file(scratch->dir, name, NULL);
    snprintf(path, sizeof path, "%s/%s", scratch->dir, name);
    assert_int_equal(chmod(path, mode), 0);
}

static void mail_programs(void **state)
{
    Scratch *scratch = *state;
    char status[100], postdrop[100];
    snprintf(status, sizeof status, "%s/status", scratch->dir);
    snprintf(postdrop, sizeof postdrop, "%s/postdrop", scratch->dir);
    MailPlaces places = {.status = status, .postdrop = postdrop};
    file_of_mode(scratch, "exim", 04755);
    file_of_mode(scratch, "sendmail", 0755);
    file_of_mode(scratch, "msmtp", 0755);
    FILE *file = fopen(status, "w");
    fputs("Name:\tx\nNoNewPrivs:\t1\n", file);
    fclose(file);
    assert_false(mail_line(scratch, "exim", &places).ok);
    assert_true(mail_line(scratch, "sendmail", &places).ok); /* as msmtp-mta has it */
    file_of_mode(scratch, "postdrop", 02555);
    HealthLine line = mail_line(scratch, "sendmail", &places);
    assert_false(line.ok);
    assert_non_null(strstr(line.detail, postdrop));
    assert_non_null(strstr(line.cure, "msmtp"));
    assert_true(mail_line(scratch, "msmtp", &places).ok);
    file = fopen(status, "w");
    fputs("Name:\tx\nNoNewPrivs:\t0\n", file);
    fclose(file);
    assert_true(mail_line(scratch, "exim", &places).ok);
    assert_true(mail_line(scratch, "sendmail", &places).ok);
    health_mail("no-such-mailer -t", &places, &line);
    assert_false(line.ok);
    assert_false(mail_line(scratch, "absent", &places).ok);
    file_of_mode(scratch, "no-program", 0644);
    assert_false(mail_line(scratch, "no-program", &places).ok);
    health_mail("FOO=1  BAR=/x sh -c true", &places, &line);
    assert_true(line.ok);
}

/* A newer program's command must not stop an older server from taking pushes. */
static void served_by_an_older_one(void **state)
{
    Scratch *scratch = *state;
    Course again;
    assert_int_equal(db_run(scratch->db, &fault, "UPDATE web_schema SET version = version - 1", ""),
                     0);
    int server = open(scratch->dir, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(server, LOCK_EX), 0);
    assert_int_equal(course_open(&again, scratch->dir, &fault), -1);
    assert_non_null(strstr(fault.text, "served by an older courseweb"));
    assert_true(web_schema_old(scratch->db));
    course_release(&again);
    db_run(scratch->db, &fault, "UPDATE web_schema SET version = version + 1", "");
    assert_int_equal(course_open(&again, scratch->dir, &fault), 0); /* of the same age */
    course_release(&again);
    close(server);
}

static void others_folder(void **state)
{
    Scratch *scratch = *state;
    char *dir = x_printf("%s/mine", scratch->dir), *file = x_printf("%s/thesis.tex", dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(course_make(dir, &fault), 0);
    assert_int_equal(course_make(dir, &fault), 0); /* a course already */
    char *database = x_printf("%s/course.db", dir);
    unlink(database);
    fclose(fopen(file, "w"));
    assert_int_equal(course_make(dir, &fault), -1);
    assert_non_null(strstr(fault.text, "other files"));
    free(dir);
    free(file);
    free(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict),
        cmocka_unit_test(believed),
        cmocka_unit_test(options),
        cmocka_unit_test(addresses),
        cmocka_unit_test(messages),
        SCRATCH_TEST(identities),
        SCRATCH_TEST(mailed_to),
        SCRATCH_TEST(troubles),
        SCRATCH_TEST(cgroups),
        SCRATCH_TEST(mail_programs),
        SCRATCH_TEST(served_by_an_older_one),
        SCRATCH_TEST(others_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
