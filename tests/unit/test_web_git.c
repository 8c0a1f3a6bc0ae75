/* What a push may take: of memory, of the disk, of the spool. */
#include "web_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "git_backend.h"
#include "git_http.h"
#include "git_list.h"
#include "git_repo.h"
#include "git_said.h"
#include "git_tidy.h"

static Fault fault;

/* Its shell says what it may take; 0 is told apart from a limit. */
static long long limit_of(Scratch *scratch, char which, const ChildOptions *limits)
{
    char *script = x_printf("ulimit -%c >%s/limit", which, scratch->dir);
    char *path = x_printf("%s/limit", scratch->dir);
    const char *argv[] = {"sh", "-c", script, NULL};
    ChildOptions options = *limits;
    options.argv = argv;
    options.in = options.out = options.err = -1;
    char text[64] = "";
    bool late;
    pid_t pid = child_start(&options, &fault);
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

static void memory_and_processor(void **state)
{
    assert_int_equal(limit_of(*state, 'v', &(ChildOptions){.memory = 1LL << 30}), 1 << 20);
    assert_int_not_equal(limit_of(*state, 'v', &(ChildOptions){.cpu_s = 120}), 1 << 20);
    assert_int_equal(limit_of(*state, 't', &(ChildOptions){.cpu_s = 120}), 120);
    assert_int_not_equal(limit_of(*state, 't', &(ChildOptions){.memory = 1LL << 30}), 120);
}

static const char *setting(const char *key)
{
    for (int i = 0; i < n_git_settings; i++)
        if (strcmp(git_settings[i][0], key) == 0)
            return git_settings[i][1];
    return "";
}

/* What a fetch packs anew is bounded as what is gathered is (git_tidy.c). */
static void windows(void **state)
{
    (void)state;
    assert_string_equal(setting("pack.windowMemory"), "67108864");
    assert_string_equal(setting("pack.threads"), "1");
    assert_string_equal(setting("core.bigFileThreshold"), "33554432");
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

/* How many of them are taken, of so many. */
static int taken(GitRequest *git, int n, GitRequest like)
{
    int yes = 0;
    for (int i = 0; i < n; i++) {
        git[i] = like;
        yes += git_list_expect(&git[i]);
    }
    return yes;
}

static void leave_all(GitRequest *git, int n)
{
    for (int i = 0; i < n; i++)
        git_list_leave(&git[i]);
}

/* A push counts until it is in the queue, also when its body is there and git works on it. */
static void pushes_at_once(void **state)
{
    (void)state;
    GitRequest git[4], others[1];
    assert_int_equal(taken(git, 4, (GitRequest){.push = true, .sender = 1}), PUSHES_AT_ONCE);
    assert_int_equal(taken(others, 1, (GitRequest){.push = true, .sender = 2}), 1);
    git_list_runs(&git[0], 1001);
    git_list_runs(&git[1], 1002);
    assert_int_equal(git_running_of(1), 2);
    assert_int_equal(taken(git + 2, 1, (GitRequest){.push = true, .sender = 1}), 0);
    git_push_taken(1000);
    assert_int_equal(taken(git + 2, 1, (GitRequest){.push = true, .sender = 1}), 0);
    git_push_taken(1002);
    assert_int_equal(taken(git + 2, 2, (GitRequest){.push = true, .sender = 1}), 1);
    git_list_settled(&git[0]);
    assert_int_equal(taken(git + 3, 1, (GitRequest){.push = true, .sender = 1}), 1);
    git_list_over(&git[0]);
    git_list_over(&git[1]);
    assert_int_equal(git_running_of(1), 0);
    leave_all(git, 4);
    leave_all(others, 1);
}

static void fetches_at_once(void **state)
{
    (void)state;
    GitRequest git[20], others[20];
    assert_int_equal(taken(git, 20, (GitRequest){.sender = 1}), FETCHES_AT_ONCE);
    assert_int_equal(taken(others, 20, (GitRequest){.sender = 2, .staff = true}), FETCHES_OF_STAFF);
    git_list_runs(&git[0], 1001);
    assert_int_equal(taken(git + 19, 1, (GitRequest){.sender = 1}), 0);
    git_list_over(&git[0]);
    leave_all(git, 20);
    leave_all(others, 20);
}

/* What the log has of it, in `text`. */
static void logged(Scratch *scratch, const char *bytes, size_t len, char text[8192])
{
    GitSaid said;
    int end, err = dup(STDERR_FILENO);
    char *path = x_printf("%s/log", scratch->dir);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(git_said_open(&said, "ada", &end, &fault), 0);
    assert_int_equal(write(end, bytes, len), len);
    close(end);
    dup2(file, STDERR_FILENO);
    git_said_close(&said);
    git_said_close(&said);
    dup2(err, STDERR_FILENO);
    ssize_t n = pread(file, text, 8191, 0);
    text[n > 0 ? n : 0] = '\0';
    close(file);
    close(err);
    free(path);
}

static void what_git_says(void **state)
{
    static const char hostile[] = "fatal: x\n\ncourseweb: a link was made by grace\33[2J\xc2\x9b\n"
                                  "half\xff";
    char text[8192], *many = x_calloc(1, 30000);
    logged(*state, hostile, sizeof hostile - 1, text);
    assert_string_equal(text, "courseweb: git of ada: fatal: x\n"
                              "courseweb: git of ada: courseweb: a link was made by "
                              "grace\\x1b[2J\\u{009b}\n"
                              "courseweb: git of ada: half\\xff\n");
    memset(many, 'a', 20000);
    for (int i = 20000; i < 30000; i++)
        many[i] = i % 2 ? 'b' : '\n';
    logged(*state, many, 30000, text);
    const char *first = strstr(text, "ada: ") + 5;
    assert_int_equal(strspn(first, "a"), SAID_LINE);
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, SAID_LINES + 1);
    assert_non_null(strstr(text, "ada: (it says more)\n"));
    free(many);
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

/* A killed receive-pack's folder counts against the repository, and goes once it is old. */
static void quarantines(void **state)
{
    Scratch *scratch = *state;
    enum { HELD = 300000 };
    assert_int_equal(git_repo_ready(&scratch->course, "ada", &fault), 0);
    int64_t empty = git_repo_bytes(&scratch->course, "ada", 1 << 20);
    char *script = x_printf("cd %s/ada.git/objects; mkdir -p tmp_objdir-incoming-a/pack\n"
                            "head -c %d /dev/urandom >tmp_objdir-incoming-a/pack/tmp_pack_x\n"
                            "cp -r tmp_objdir-incoming-a tmp_objdir-incoming-b; sync -f .\n"
                            "touch -d '2 hours ago' tmp_objdir-incoming-a pack",
                            scratch->course.repos, HELD);
    sh(scratch, script);
    free(script);
    assert_true(git_repo_bytes(&scratch->course, "ada", 1 << 20) >= empty + 2 * HELD);
    git_repo_sweep(&scratch->course, "ada");
    assert_in_range(git_repo_bytes(&scratch->course, "ada", 1 << 20), empty + HELD,
                    empty + 2 * HELD);
    script = x_printf("cd %s/ada.git/objects; [ ! -e tmp_objdir-incoming-a ] && [ -d pack ] &&"
                      " [ -e tmp_objdir-incoming-b/pack/tmp_pack_x ]",
                      scratch->course.repos);
    sh(scratch, script);
    free(script);
    git_repo_sweep(&scratch->course, "nobody");
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
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(memory_and_processor), cmocka_unit_test(windows),
        cmocka_unit_test(bodies),           cmocka_unit_test(pushes_at_once),
        cmocka_unit_test(fetches_at_once),  SCRATCH_TEST(what_git_says),
        SCRATCH_TEST(repository),           SCRATCH_TEST(quarantines),
        SCRATCH_TEST(many_packs_become_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
