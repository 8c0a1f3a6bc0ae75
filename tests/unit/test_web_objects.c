/* Objects of a repository, loose and packed: by hash, by path, too large, missing, damaged. */
#include "web_scratch.h"

#include "child.h"
#include "objects.h"

static Fault fault;
static char commit[128];

static void shell(const Scratch *scratch, const char *script, char *line)
{
    Buf out;
    buf_init(&out, 4096);
    const char *argv[] = {"sh", "-ec", script, NULL};
    if (child_output(argv, scratch->dir, &out, &fault))
        fail_msg("%s: %s", script, fault.text);
    if (line)
        snprintf(line, 128, "%.*s", (int)strcspn(out.data, "\n"), out.data);
    buf_release(&out);
}

static void make_repository(const Scratch *scratch)
{
    shell(scratch,
          "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org"
          " GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org\n"
          "git init -q -b main tree; cd tree; mkdir -p a/b; echo 'int x;' >a/b/c.c\n"
          "head -c 4195304 /dev/zero >large; printf 'x\\0y' >nul; git add -A; git commit -qm one\n"
          "git rev-parse HEAD",
          commit);
}

/* What stands at `path` of the commit. */
static void reads(Scratch *scratch, const char *path, size_t most, const char *type,
                  const char *bytes, size_t len, bool full)
{
    Objects objects;
    Buf data;
    char name[256], got[16], *repo = x_printf("%s/tree/.git", scratch->dir);
    snprintf(name, sizeof name, "%s%s", commit, path);
    buf_init(&data, most);
    assert_int_equal(objects_open(&objects, repo, &fault), 0);
    assert_int_equal(objects_read(&objects, name, got, &data, &fault), 0);
    assert_string_equal(got, type);
    assert_int_equal(data.len, len);
    assert_memory_equal(data.data, bytes, len);
    assert_int_equal(data.full, full);
    buf_release(&data);
    objects_close(&objects);
    objects_close(&objects);
    free(repo);
}

static void all(Scratch *scratch)
{
    reads(scratch, ":a/b/c.c", 100, "blob", "int x;\n", 7, false);
    reads(scratch, ":a/b/c.c", 3, "blob", "int", 3, true);
    reads(scratch, ":nul", 100, "blob", "x\0y", 3, false);
    reads(scratch, ":large", 100, "blob", "", 0, true);
    reads(scratch, ":a", 2, "tree", "40", 2, true);
    reads(scratch, "", 5, "commit", "tree ", 5, true);
    static const char *const none[] = {":a/x", ":x", ":a/b/c.c/d", ":/a", ":a//b"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        reads(scratch, none[i], 100, "", "", 0, false);
}

static void loose_and_packed(void **state)
{
    Scratch *scratch = *state;
    make_repository(scratch);
    all(scratch);
    shell(scratch, "cd tree && git gc -q", NULL);
    all(scratch);
}

static void damaged(void **state)
{
    Scratch *scratch = *state;
    Objects objects;
    Buf data;
    char blob[128], type[16], *repo = x_printf("%s/tree/.git", scratch->dir);
    make_repository(scratch);
    shell(scratch,
          "cd tree; h=$(git rev-parse HEAD:a/b/c.c); f=.git/objects/$(echo $h | sed 's|^..|&/|')\n"
          "chmod u+w $f; echo rubbish >$f; echo $h",
          blob);
    buf_init(&data, 100);
    assert_int_equal(objects_open(&objects, repo, &fault), 0);
    assert_int_equal(objects_read(&objects, blob, type, &data, &fault), -1);
    assert_non_null(strstr(fault.text, "damaged"));
    objects_close(&objects);
    buf_release(&data);
    free(repo);
    assert_int_equal(objects_open(&objects, "/nonexistent", &fault), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SCRATCH_TEST(loose_and_packed), SCRATCH_TEST(damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
