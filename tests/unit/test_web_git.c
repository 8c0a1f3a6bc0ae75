/* What a push may take: of memory, of the disk, of the spool. */
#include "web_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "git_backend.h"
#include "git_http.h"
#include "git_repo.h"

static Fault fault;

/* Its shell says what it may take; 0 is told apart from a limit. */
static long long limit_of(Scratch *scratch, long long memory)
{
    char *script = x_printf("ulimit -v >%s/limit", scratch->dir);
    char *path = x_printf("%s/limit", scratch->dir);
    const char *argv[] = {"sh", "-c", script, NULL};
    char text[64] = "";
    bool late;
    pid_t pid = child_start(
        &(ChildOptions){.argv = argv, .in = -1, .out = -1, .err = -1, .memory = memory}, &fault);
    assert_true(pid > 0);
    assert_int_equal(child_wait(pid, 60000, &late), 0);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    free(script);
    free(path);
    return atoll(text);
}

static void memory(void **state)
{
    assert_int_equal(limit_of(*state, 1LL << 30), 1 << 20);
    assert_int_not_equal(limit_of(*state, 0), 1 << 20);
}

static int failed_after(int spool, bool push, size_t spooled)
{
    GitRequest git = {.spool = spool, .push = push, .spooled = spooled};
    Request request = {.git = &git};
    assert_true(spool >= 0);
    git_body(&request, "0000", 4);
    git_body(&request, "0000", 4);
    close(spool);
    return git.failed;
}

static void bodies(void **state)
{
    (void)state;
    assert_int_equal(failed_after(open("/dev/full", O_WRONLY), true, 0), ENOSPC);
    assert_int_equal(failed_after(open("/dev/null", O_WRONLY), true, PUSH_BYTES - 8), 0);
    assert_int_equal(failed_after(open("/dev/null", O_WRONLY), true, PUSH_BYTES - 7), EFBIG);
    assert_int_equal(failed_after(open("/dev/null", O_WRONLY), false, FETCH_BYTES - 7), EFBIG);
}

static void at_once(void **state)
{
    (void)state;
    GitRequest git[4] = {{.push = true, .sender = 1},
                         {.push = true, .sender = 1},
                         {.push = true, .sender = 1},
                         {.push = true, .sender = 2}};
    assert_true(git_request_expect(&git[0]));
    assert_true(git_request_expect(&git[1]));
    assert_false(git_request_expect(&git[2]));
    assert_true(git_request_expect(&git[3]));
    git[2].push = false; /* a fetch */
    assert_true(git_request_expect(&git[2]));
}

static void repository(void **state)
{
    Scratch *scratch = *state;
    static const char noise[300000] = {1};
    assert_int_equal(git_repo_bytes(&scratch->course, "ada", 1 << 20), 0);
    assert_int_equal(git_repo_ready(&scratch->course, "ada", &fault), 0);
    int64_t empty = git_repo_bytes(&scratch->course, "ada", 1 << 20);
    char *path = x_printf("%s/ada.git/objects/pack/x", scratch->course.repos);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, noise, sizeof noise), sizeof noise);
    assert_int_equal(fsync(fd), 0); /* blocks are given late */
    close(fd);
    assert_true(git_repo_bytes(&scratch->course, "ada", 1 << 20) >= empty + 290000);
    assert_true(git_repo_bytes(&scratch->course, "ada", 1000) > 1000);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SCRATCH_TEST(memory), cmocka_unit_test(bodies),
                                       cmocka_unit_test(at_once), SCRATCH_TEST(repository)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
