/* What a push may take: of memory, of the disk, of the spool. */
#include "web_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "git_backend.h"
#include "git_http.h"
#include "git_repo.h"
#include "git_tidy.h"

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

static void sh(Scratch *scratch, const char *script)
{
    const char *argv[] = {"sh", "-ec", script, NULL};
    Buf out;
    buf_init(&out, 4096);
    if (child_output(argv, scratch->dir, &out, &fault))
        fail_msg("%s: %s", script, fault.text);
    buf_release(&out);
}

/* Each push is a pack. Gathered, they still have what a force-push left without a ref. */
static void many_packs_become_one(void **state)
{
    Scratch *scratch = *state;
    bool late;
    assert_int_equal(git_packs(&scratch->course, "ada"), 0);
    assert_int_equal(git_tidy_start(&scratch->course, "ada", &fault), 0);
    assert_int_equal(git_repo_ready(&scratch->course, "ada", &fault), 0);
    char *script =
        x_printf("export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_COMMITTER_NAME=t"
                 " GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_EMAIL=t@example.org\n"
                 "git config -f %s/ada.git/config receive.unpackLimit 1\n"
                 "git init -q -b main tree; cd tree; git remote add origin %s/ada.git\n"
                 "for n in $(seq %d); do\n"
                 "  echo $n >f; git add f; git commit -qm $n; git push -q origin main\n"
                 "done\n"
                 "git rev-parse HEAD >../left; git checkout -q --orphan other\n"
                 "git commit -qm new; git push -q -f origin other:main",
                 scratch->course.repos, scratch->course.repos, PACKS_MOST - 2);
    sh(scratch, script);
    free(script);
    assert_int_equal(git_packs(&scratch->course, "ada"), PACKS_MOST - 1);
    assert_int_equal(git_tidy_start(&scratch->course, "ada", &fault), 0);
    sh(scratch,
       "cd tree; echo y >f; git add f; git -c user.name=t -c user.email=t@example.org commit"
       " -qm z; git push -q origin other:main");
    /* One that was killed leaves nothing, and is not tried at each push again. */
    char *half =
        x_printf("touch %s/ada.git/objects/pack/tmp_pack_x %s/ada.git/objects/pack/.tmp-1-pack",
                 scratch->course.repos, scratch->course.repos);
    sh(scratch, half);
    free(half);
    git_tidy_end(&scratch->course, "ada", true);
    half = x_printf("! ls -A %s/ada.git/objects/pack | grep tmp", scratch->course.repos);
    sh(scratch, half);
    free(half);
    assert_int_equal(git_tidy_start(&scratch->course, "ada", &fault), 0);
    git_tidy_end(&scratch->course, "ada", false);
    pid_t pid = git_tidy_start(&scratch->course, "ada", &fault);
    assert_true(pid > 0);
    assert_int_equal(child_wait(pid, TIDY_MS, &late), 0);
    assert_int_equal(git_packs(&scratch->course, "ada"), 1);
    git_tidy_end(&scratch->course, "ada", false);
    script = x_printf("cd %s/ada.git; git fsck --strict; git cat-file -e $(cat %s/left):f;"
                      " git cat-file -e main:f",
                      scratch->course.repos, scratch->dir);
    sh(scratch, script);
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SCRATCH_TEST(memory), cmocka_unit_test(bodies),
                                       cmocka_unit_test(at_once), SCRATCH_TEST(repository),
                                       SCRATCH_TEST(many_packs_become_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
