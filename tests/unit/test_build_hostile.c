/* Hostile folders through the compiler in the sandbox. */
#include "built_folder.h"

#include <sys/socket.h>
#include <sys/un.h>

static void odd_kinds_of_files_are_named(void **state)
{
    put("a.c", "%s", main_c);
    char *name = in_ex("x.c");
    assert_int_equal(symlink("/etc/passwd", name), 0);
    expect_problem("x.c is a symbolic link");
    remove(name);
    assert_int_equal(mkfifo(name, 0600), 0);
    expect_problem("x.c is a pipe");
    remove(name);
    assert_int_equal(mkdir(name, 0700), 0);
    expect_problem("x.c is a folder");
    remove(name);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    expect_problem("x.c is a socket");
    close(s);
    remove(name);
    free(name);
    /* as anything else they are passed over */
    const char *harmless[] = {"a-link.h", "a-pipe.h"};
    char *link = in_ex(harmless[0]), *pipe_name = in_ex(harmless[1]);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    expect_program(0);
    put("a.c", "#include \"a-link.h\"\n%s", main_c);
    expect_problem("a.c:1: fatal error: a-link.h: No such file");
    free(link);
    free(pipe_name);
    (void)state;
}

static void another_ones_hard_link_is_refused(void **state)
{
    char *name = in_ex("x.c"), *ex = in_ex(""), *other = x_printf("%s/other.c", folder);
    (void)state;
    put("../other.c", "%s", main_c);
    put("a.c", "int a;\n");
    assert_int_equal(link(other, name), 0);
    expect_program(0); /* its owner's own */
    if (geteuid() == 0) {
        assert_int_equal(chown(ex, 65534, (gid_t)-1), 0);
        expect_problem("x.c is a hard link to a file of someone else");
    }
    remove(other);
    free(name);
    free(other);
    free(ex);
}

static void too_much_is_refused(void **state)
{
    char *name = in_ex("big.c");
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
    close(fd);
    expect_problem("big.c is larger than 1 MiB");
    remove(name);
    free(name);
    char file[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(file, sizeof file, "f%d.c", i);
        put(file, "int f%d;\n", i);
    }
    expect_problem("the folder has 5000 C files");
    (void)state;
}

static void an_include_does_not_leave_the_folder(void **state)
{
    (void)state;
    put("a.c", "#include \"/usr/include/stdlib.h\"\n%s", main_c);
    expect_problem("it includes /usr/include/stdlib.h, which is not in its folder");
    put("a.c", "#include \"../secret.h\"\n%s", main_c);
    char *secret = x_printf("%s/secret.h", folder);
    int fd = open(secret, O_CREAT | O_WRONLY, 0644);
    close(fd);
    expect_problem("a.c:1: fatal error: ../secret.h: No such file");
    remove(secret);
    free(secret);
    put("a.c", "#line 1 \"/etc/passwd\"\nint main(void) { int x; return 0; }\n");
    Build build = compile();
    assert_int_equal(build.end, BUILD_OK);
    assert_int_equal(build.report.n_notes, 1);
    assert_null(build.report.notes[0].file);
    assert_null(build.report.notes[0].source);
    if (mode != SANDBOX_OWN)
        assert_null(strstr(build.report.output, "root:"));
    build_release(&build);
}

static void builds_that_run_away_are_stopped(void **state)
{
    (void)state;
    if (mode == SANDBOX_OWN)
        skip();
    put("a.c", "#include \"a.c\"\n#include \"a.c\"\n");
    expect_problem("the compiler's messages did not end");
    put("a.c", "__asm__(\".incbin \\\"/dev/zero\\\"\");\n%s", main_c);
    expect_problem("");
    put("a.c", "char big[1 << 28] = {1};\n%s", main_c);
    expect_problem("");
    Buf bomb;
    buf_init(&bomb, 1 << 16);
    buf_str(&bomb, "#define A0 x,x,x,x,x,x,x,x,x,x\n");
    for (int i = 1; i < 12; i++)
        buf_printf(&bomb, "#define A%d A%d A%d A%d A%d A%d A%d A%d A%d A%d A%d\n", i, i - 1, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    put("a.c", "%sint main(void) { return A11; }\n", bomb.data);
    expect_problem("the compiler");
    buf_release(&bomb);
}

static void messages_are_clean_and_bounded(void **state)
{
    (void)state;
    Buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "#warning \033[31m\xe2\x80\xae::error::%d\n", i);
    put("a.c", "%s%s", text.data, main_c);
    Build build = compile();
    if (build.end != BUILD_OK)
        fail_msg("%s", build.report.problem);
    assert_true(build.report.warnings > 100);
    assert_null(strchr(build.report.output, '\033'));
    assert_true(strlen(build.report.output) < BUILD_SHOWN_MOST + 100);
    assert_int_equal(build.report.n_notes, BUILD_NOTES_MOST);
    buf_release(&text);
    build_release(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(odd_kinds_of_files_are_named),
        TEST(another_ones_hard_link_is_refused),
        TEST(too_much_is_refused),
        TEST(an_include_does_not_leave_the_folder),
        TEST(builds_that_run_away_are_stopped),
        TEST(messages_are_clean_and_bounded),
    };
    return run_everywhere(tests, sizeof tests / sizeof *tests);
}
