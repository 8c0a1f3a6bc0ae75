/* The store between processes: killed ones, ones at the same time, ones without rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch_store.h"

enum { NOBODY = 65534, KILLS = 4, ACKNOWLEDGED = 25, TOGETHER = 3, EACH = 20 };

/* Adds without end; a byte for each that store_add() has acknowledged. */
static void add_until_killed(Scratch *scratch, int acknowledge)
{
    Store *store = store_open(scratch->db, &scratch->fault);
    for (int i = 0; store; i++) {
        if (scratch_add(store, "ada", i % 7, i, NULL, &scratch->fault))
            break;
        if (write(acknowledge, "+", 1) != 1)
            break;
    }
    _exit(1);
}

static int acknowledged_before_kill(Scratch *scratch, int wanted)
{
    int ends[2], count = 0, status;
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        add_until_killed(scratch, ends[1]);
    }
    close(ends[1]);
    while (count < wanted && read(ends[0], &byte, 1) == 1)
        count++;
    /* In the middle of whatever it does next. */
    usleep((useconds_t)(rand() % 3000));
    kill(child, SIGKILL);
    while (read(ends[0], &byte, 1) == 1)
        count++;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return count;
}

static void a_kill_loses_nothing_acknowledged(void **state)
{
    Scratch *scratch = *state;
    int acknowledged = 0;
    for (int kills = 1; kills <= KILLS; kills++) {
        acknowledged += acknowledged_before_kill(scratch, ACKNOWLEDGED);
        char *check = scratch_text(scratch, "PRAGMA integrity_check");
        assert_string_equal(check, "ok");
        free(check);
        int64_t stored = scratch_number(scratch, "SELECT count(*) FROM submission");
        /* At most the one that was under way each time is there besides. */
        assert_in_range(stored, acknowledged, acknowledged + kills);
        assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM exercise"), 2 * stored);
        assert_int_equal(scratch_number(scratch, "SELECT sum(attempts) FROM best"), 2 * stored);
        assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM pragma_foreign_key_check"),
                         0);
    }
    assert_true(acknowledged >= KILLS * ACKNOWLEDGED);
    store_close(opened(scratch));
}

/* All of them make the database, then write to it at once. */
static void many_at_the_same_time(void **state)
{
    Scratch *scratch = *state;
    pid_t children[TOGETHER];
    store_set_patience(60000);
    for (int i = 0; i < TOGETHER; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i])
            continue;
        Store *store = store_open(scratch->db, &scratch->fault);
        for (int k = 0; store && k < EACH; k++)
            if (scratch_add(store, "ada", k % 7, k, NULL, &scratch->fault)) {
                fprintf(stderr, "%s\n", scratch->fault.text);
                _exit(1);
            }
        _exit(store ? 0 : 2);
    }
    for (int i = 0; i < TOGETHER; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), TOGETHER * EACH);
    assert_int_equal(scratch_number(scratch, "SELECT attempts FROM best"), TOGETHER * EACH);
}

/* Runs the rest of a test as one whom folder modes bind: root is not. */
static int as_ordinary_user(void (*part)(Scratch *scratch), Scratch *scratch)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
            _exit(9);
        part(scratch);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_fault(bool failed, const Fault *fault, const char *part, int line)
{
    if (failed && strstr(fault->text, part))
        return;
    fprintf(stderr, "line %d: wanted \"%s\" in: %s\n", line, part, fault->text);
    _exit(1);
}

static void try_in_read_only_folder(Scratch *scratch)
{
    Store *store = store_open(scratch->db, &scratch->fault);
    expect_fault(!store, &scratch->fault, "nothing was stored", __LINE__);
    expect_fault(!store, &scratch->fault, "writable", __LINE__);
    /* Reading goes on all the same. */
    Seen seen = {""};
    store = store_open_readonly(scratch->db, &scratch->fault);
    if (!store || store_scores(store, NULL, NULL, see, &seen, &scratch->fault)) {
        fprintf(stderr, "%s\n", scratch->fault.text);
        _exit(2);
    }
    if (strncmp(seen.text, "ada ex1 32/32", 13) != 0)
        _exit(3);
    expect_fault(scratch_add(store, "bob", 0, 1, NULL, &scratch->fault) != 0, &scratch->fault,
                 "may not be written to", __LINE__);
    store_close(store);
    char *absent = x_printf("%s/new.db", scratch->folder);
    store = store_open(absent, &scratch->fault);
    expect_fault(!store, &scratch->fault, "writable", __LINE__);
    if (access(absent, F_OK) == 0)
        _exit(4);
    free(absent);
}

static void a_read_only_folder(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    assert_int_equal(scratch_add(store, "ada", 0, 1, NULL, &scratch->fault), 0);
    store_close(store);
    assert_int_equal(chmod(scratch->db, 0666), 0);
    assert_int_equal(chmod(scratch->folder, 0555), 0);
    assert_int_equal(as_ordinary_user(try_in_read_only_folder, scratch), 0);
    assert_int_equal(chmod(scratch->db, 0444), 0);
    assert_int_equal(as_ordinary_user(try_in_read_only_folder, scratch), 0);
    assert_int_equal(chmod(scratch->folder, 0777), 0);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), 1);
}

static void try_write_protected_file(Scratch *scratch)
{
    Store *store = store_open(scratch->db, &scratch->fault);
    expect_fault(!store, &scratch->fault, "may not be written to; nothing was stored", __LINE__);
}

static void a_write_protected_file(void **state)
{
    Scratch *scratch = *state;
    store_close(opened(scratch));
    assert_int_equal(chmod(scratch->folder, 0777), 0);
    assert_int_equal(chmod(scratch->db, 0444), 0);
    assert_int_equal(as_ordinary_user(try_write_protected_file, scratch), 0);
}

static void try_secret_file(Scratch *scratch)
{
    Store *store = store_open(scratch->db, &scratch->fault);
    expect_fault(!store, &scratch->fault, "can't be opened", __LINE__);
    store = store_open_readonly(scratch->db, &scratch->fault);
    expect_fault(!store, &scratch->fault, "can't be opened", __LINE__);
}

static void a_file_that_may_not_be_read(void **state)
{
    Scratch *scratch = *state;
    store_close(opened(scratch));
    assert_int_equal(chmod(scratch->folder, 0777), 0);
    assert_int_equal(chmod(scratch->db, 0), 0);
    assert_int_equal(as_ordinary_user(try_secret_file, scratch), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_kill_loses_nothing_acknowledged),
        TEST(many_at_the_same_time),
        TEST(a_read_only_folder),
        TEST(a_write_protected_file),
        TEST(a_file_that_may_not_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
