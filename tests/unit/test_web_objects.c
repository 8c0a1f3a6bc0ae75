/* Objects of a repository, loose and packed: by hash, by path, too large, missing, damaged; and
 * what is written out of it for the grader. */
#include "web_scratch.h"

#include "child.h"
#include "export.h"
#include "object_memory.h"
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
    reads(scratch, ":a", 2, "tree", "", 0, true);
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

/* 20 MiB of noise, of which the other's 2 MiB are a delta of some bytes. */
static void delta_on_a_large_base(void **state)
{
    Scratch *scratch = *state;
    char base[128];
    make_repository(scratch);
    shell(scratch,
          "cd tree; head -c 20971520 /dev/urandom >base; head -c 2097152 base >small\n"
          "git add -A; git -c user.name=t -c user.email=t@example.org commit -qm two\n"
          "git rev-parse HEAD:base HEAD:small | git pack-objects -q .git/objects/pack/pack "
          ">/dev/null\n"
          "git prune-packed -q; git rev-parse HEAD",
          commit);
    shell(scratch, "cd tree; git rev-parse HEAD:small | git cat-file --batch-check='%(deltabase)'",
          base);
    assert_true(strspn(base, "0") < 40); /* git made it a delta */
    reads(scratch, ":small", 1 << 22, "blob", "", 0, true);
    reads(scratch, ":a/b/c.c", 100, "blob", "int x;\n", 7, false);
}

/* Each is small enough, and all together are hours: as at the ends of chains of deltas. */
static void one_page_unpacks_so_much(void **state)
{
    enum { MIDDLE = 3 << 20 };
    Scratch *scratch = *state;
    Objects objects;
    Buf data;
    char type[16], *repo = x_printf("%s/tree/.git", scratch->dir);
    make_repository(scratch);
    shell(
        scratch,
        "cd tree; head -c 3145728 /dev/zero >middle; git add -A\n"
        "git -c user.name=t -c user.email=t@example.org commit -qm two; git rev-parse HEAD:middle",
        commit);
    buf_init(&data, MIDDLE);
    int read = 0;
    assert_int_equal(objects_open(&objects, repo, &fault), 0);
    do {
        buf_clear(&data);
        assert_int_equal(objects_read(&objects, commit, type, &data, &fault), 0);
    } while (data.len == MIDDLE && ++read < 1000);
    assert_true(data.full);
    assert_int_equal(data.len, 0);
    assert_in_range(read, OBJECT_WORK / MIDDLE / 4, OBJECT_WORK / MIDDLE);
    objects_close(&objects);
    assert_int_equal(objects_open(&objects, repo, &fault), 0); /* the next page */
    buf_clear(&data);
    assert_int_equal(objects_read(&objects, commit, type, &data, &fault), 0);
    assert_int_equal(data.len, MIDDLE);
    objects_close(&objects);
    buf_release(&data);
    free(repo);
}

static void exports(Scratch *scratch, const char *script, const char *look, const char *seen)
{
    char message[64], line[128], *repo = x_printf("%s/tree/.git", scratch->dir);
    char *folder = x_printf("%s/out", scratch->dir);
    shell(scratch, script, commit);
    assert_int_equal(export_commit(repo, commit, folder, message, sizeof message, &fault), 0);
    shell(scratch, look, line);
    assert_string_equal(line, seen);
    free(repo);
    free(folder);
}

static void exports_few_folders(void **state)
{
    make_repository(*state);
    exports(*state,
            "cd tree; echo x >ex0; ln -s a ex1; for n in $(seq 100 140); do mkdir ex$n; echo $n "
            ">ex$n/a.c; done\n"
            "git add -A; git -c user.name=t -c user.email=t@example.org commit -qm two; git "
            "rev-parse HEAD",
            "cd out; echo $(ls | head -1) $(ls | tail -1) $(ls | wc -l)", "ex100 ex115 16");
}

/* Six folders with 33 blobs of 1 MiB each: none begins after the fifth. */
static void exports_few_bytes(void **state)
{
    make_repository(*state);
    exports(
        *state,
        "cd tree; h=$(head -c 1048576 /dev/zero | git hash-object -w --stdin)\n"
        "d=$(for n in $(seq 33); do printf '100644 blob %s\\t%s\\n' $h $n; done | git mktree)\n"
        "t=$(for n in 1 2 3 4 5 6; do printf '040000 tree %s\\tex%s\\n' $d $n; done | git mktree)\n"
        "git -c user.name=t -c user.email=t@example.org commit-tree -m two $t",
        "cd out; echo $(ls) $(ls ex5 | wc -l)", "ex1 ex2 ex3 ex4 ex5 33");
}

/* 17 folders, each with a name of 255 bytes: step by step they are made, and no path leads there. */
static void exports_no_endless_path(void **state)
{
    Scratch *scratch = *state;
    char *out = x_printf("%s/out", scratch->dir);
    make_repository(scratch);
    exports(scratch,
            "cd tree; n=$(head -c 255 /dev/zero | tr '\\0' n)\n"
            "t=$(printf '100644 blob %s\\ta.c\\n' $(git rev-parse HEAD:a/b/c.c) | git mktree)\n"
            "for i in $(seq 17); do t=$(printf '040000 tree %s\\t%s\\n' $t $n | git mktree); done\n"
            "t=$(printf '040000 tree %s\\tex1\\n' $t | git mktree)\n"
            "git -c user.name=t -c user.email=t@example.org commit-tree -m two $t",
            "cd out; find ex1 | wc -l", "4");
    assert_int_equal(remove_folder(out), 0);
    free(out);
}

static void removes_what_no_path_reaches(void **state)
{
    Scratch *scratch = *state;
    char kept[128], *deep = x_printf("%s/deep", scratch->dir);
    shell(scratch,
          "mkdir deep other; touch other/kept; n=$(head -c 255 /dev/zero | tr '\\0' n); cd deep\n"
          "ln -s ../other link\n"
          "for i in $(seq 18); do mkdir $n; cd -P ./$n; touch a; done",
          NULL);
    assert_int_equal(remove_folder(deep), 0);
    assert_int_equal(remove_folder(deep), 0);
    shell(scratch, "ls -d deep other/* 2>/dev/null || :", kept);
    assert_string_equal(kept, "other/kept");
    /* Deeper than anything of ours: it says so. The shell takes it away. */
    shell(scratch, "mkdir -p deep/$(printf 'a/%.0s' $(seq 100))", NULL);
    assert_int_equal(remove_folder(deep), -1);
    shell(scratch, "rm -r deep", NULL);
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(loose_and_packed),         SCRATCH_TEST(damaged),
        SCRATCH_TEST(delta_on_a_large_base),    SCRATCH_TEST(exports_few_folders),
        SCRATCH_TEST(one_page_unpacks_so_much), SCRATCH_TEST(exports_few_bytes),
        SCRATCH_TEST(exports_no_endless_path),  SCRATCH_TEST(removes_what_no_path_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
