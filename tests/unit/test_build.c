/* Folders of submissions, honest and hostile, through the compiler in the sandbox. */
#include "spawned.h"

#include <ftw.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "build.h"
#include "build_parts.h"
#include "sandbox_linux.h"

static Sandbox *sandbox;
static char folder[] = "/tmp/test-build-XXXXXX"; /* holds the submission `ex` */
static SandboxMode mode;

/* --- submissions --- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static void put(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(const char *name, const char *format, ...)
{
    char *path = x_printf("%s/ex/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    va_list args;
    va_start(args, format);
    vfprintf(file, format, args);
    va_end(args);
    fclose(file);
    free(path);
}

static char *in_ex(const char *name)
{
    return x_printf("%s/ex%s%s", folder, *name ? "/" : "", name);
}

static int empty_submission(void **state)
{
    (void)state;
    char *ex = in_ex("");
    nftw(ex, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(mkdir(ex, 0755), 0);
    free(ex);
    return 0;
}

static void built(void *context, Build *build)
{
    (void)build;
    ++*(int *)context;
}

/* The caller releases it. */
static Build compile(void)
{
    Build build = {0};
    uv_loop_t loop;
    int calls = 0;
    char *ex = in_ex("");
    uv_loop_init(&loop);
    build_start(&loop, sandbox, ex, "ex", "prog", &build, built, &calls);
    assert_int_equal(calls, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(calls, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(ex);
    assert_non_null(build.report.output);
    if (build.end == BUILD_BROKEN)
        fail_msg("broken: %s", build.fault.text);
    return build;
}

static void expect_program(int warnings)
{
    Build build = compile();
    if (build.end != BUILD_OK)
        fail_msg("%s\n%s", build.report.problem, build.report.output);
    assert_int_equal(access(build.binary, X_OK), 0);
    assert_true(build.report.compiled);
    assert_int_equal(build.report.warnings, warnings);
    assert_int_equal(build.report.errors, 0);
    build_release(&build);
    build_release(&build);
}

/* It fails, and the problem's line has this in it. */
static void expect_problem(const char *words)
{
    Build build = compile();
    assert_int_equal(build.end, BUILD_FAILED);
    assert_null(build.binary);
    if (!strstr(build.report.problem, words))
        fail_msg("\"%s\" is not in: %s\n%s", words, build.report.problem, build.report.output);
    assert_null(strchr(build.report.problem, '\n'));
    build_release(&build);
}

static const char main_c[] = "int main(void)\n{\n    return 0;\n}\n";

/* --- what builds --- */

static void one_file_builds(void **state)
{
    (void)state;
    put("a.c", "%s", main_c);
    expect_program(0);
}

static void odd_names_headers_and_folders_build(void **state)
{
    (void)state;
    char *sub = in_ex("lib"), *dot = in_ex(".git");
    mkdir(sub, 0755);
    mkdir(dot, 0755);
    free(sub);
    free(dot);
    put("-o.c", "#include \"lib/x.h\"\nint main(void) { return X; }\n");
    put("a b.c", "int b;\n");
    put("q'\"$(x);\n.c", "int q;\n");
    put("@c.c", "#include \"lib/../own.h\"\nint at = OWN;\n");
    put(".hidden.c", "#error not this one\n");
    put("own.h", "#define OWN 1\n");
    put("lib/x.h", "#include <pthread.h>\n#define X 0\n");
    put("lib/below.c", "#error nor this one\n");
    put("Makefile", "all:\n\tfalse\n");
    expect_program(0);
}

static void the_courses_headers_are_the_graders(void **state)
{
    (void)state;
    put("task.h", "#error a forged header\n");
    put("cpu.h", "#error a forged header\n");
    char *sub = in_ex("sub");
    mkdir(sub, 0755);
    free(sub);
    put("sub/mark.h", "#error a forged header\n");
    put("c.c", "#include \"sub/mark.h\"\nint c;\n");
    put("a.c", "#include \"task.h\"\n#include <cpu.h>\n"
               "static Poll p(Future *f, Context *cx) { (void)f; waker_wake(&cx->waker);"
               " return READY; }\n"
               "static void w(void *d) { (void)d; }\n"
               "int main(void) { Future f = {p}; Context cx = {{w, 0, 1}};\n"
               "  return future_poll(&f, &cx) == READY && cpu_us() >= 0 ? 0 : 1; }\n");
    put("b.c", "#include \"cpu.h\"\n#include \"mark.h\"\nint b;\n");
    expect_program(0);
}

static void warnings_have_their_places(void **state)
{
    (void)state;
    put("a.c", "int main(void)\n{\n    int unused;\n    return 0;\n}\n");
    Build build = compile();
    assert_int_equal(build.end, BUILD_OK);
    assert_int_equal(build.report.warnings, 1);
    assert_int_equal(build.report.n_notes, 1);
    assert_string_equal(build.report.notes[0].file, "a.c");
    assert_int_equal(build.report.notes[0].line, 3);
    assert_string_equal(build.report.notes[0].source, "int unused;");
    assert_non_null(strstr(build.report.notes[0].text, "warning: unused variable"));
    char *line = build_source_line(&build, "a.c", 4);
    assert_string_equal(line, "return 0;");
    free(line);
    assert_null(build_source_line(&build, "a.c", 99));
    assert_null(build_source_line(&build, "../course/task.h", 1));
    assert_null(build_source_line(&build, "/etc/passwd", 1));
    build_release(&build);
}

static void the_digest_is_of_names_and_bytes(void **state)
{
    unsigned char first[32];
    put("a.c", "%s", main_c);
    Build build = compile();
    memcpy(first, build.digest, 32);
    build_release(&build);
    build = compile();
    assert_memory_equal(first, build.digest, 32);
    build_release(&build);
    put("notes.txt", "x");
    build = compile();
    assert_memory_not_equal(first, build.digest, 32);
    build_release(&build);
    (void)state;
}

/* --- what does not compile --- */

static void errors_come_before_warnings(void **state)
{
    (void)state;
    put("a.c", "int main(void)\n{\n    int unused;\n    return 0\n}\n");
    Build build = compile();
    assert_int_equal(build.end, BUILD_FAILED);
    assert_int_equal(build.report.errors, 1);
    assert_int_equal(build.report.notes[0].line, 4);
    assert_string_equal(build.report.notes[0].source, "return 0");
    assert_true(strncmp(build.report.problem, "a.c:4: error: expected", 22) == 0);
    build_release(&build);
}

static void two_mains_are_named(void **state)
{
    (void)state;
    put("a.c", "%s", main_c);
    put("b.c", "int b;\n\n%s", main_c);
    expect_problem("two main functions: a.c and b.c");
    put("c.c", "%s", main_c);
    expect_problem("3 main functions: a.c, b.c and c.c");
}

static void what_is_not_defined_is_named(void **state)
{
    (void)state;
    put("a.c", "int foo(void);\nint main(void)\n{\n    return foo();\n}\n");
    expect_problem("a.c:4: undefined reference to `foo'");
    put("a.c", "int foo(void);\nint foo(void) { return 1; }\n");
    expect_problem("there is no main function");
}

static void folders_without_c_files(void **state)
{
    (void)state;
    put("readme.txt", "hello");
    expect_problem("the folder has no .c file");
    char *ex = in_ex(""), *name = in_ex("readme.txt");
    remove(name);
    rmdir(ex);
    Build build = compile();
    assert_int_equal(build.end, BUILD_MISSING);
    build_release(&build);
    assert_int_equal(symlink("/usr", ex), 0);
    expect_problem("ex is a symbolic link; a folder is expected");
    remove(ex);
    int fd = open(ex, O_CREAT | O_WRONLY, 0600);
    close(fd);
    expect_problem("ex is a file; a folder is expected");
    remove(ex);
    free(ex);
    free(name);
}

/* --- hostile folders --- */

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

/* --- the compiler's text alone --- */

static void lines_are_read_as_they_come(void **state)
{
    (void)state;
    put("a:1.c", "int x;\n");
    char *source = in_ex("");
    static const char text[] =
        "./a:1.c:1:2: warning: early\n"
        "./a:1.c:1:5: error: one: error: two\n"
        "elsewhere.c:9:1: warning: w\n"
        ":3: error: \n: error: \n99999999999999999999:1: error: n\n"
        "cc1: error: three\n\xff\xfe: warning: \x01\n"
        "/usr/bin/ld: /tmp/x.o:/src/./a:1.c:1: multiple definition of `v'; /tmp/y.o:/src/./a:1.c:1:"
        " first defined here\n"
        "ld: undefined reference to `'\n: undefined reference to \n: multiple definition of \n";
    BuildReport report = {0};
    Messages messages = {.text = text, .len = sizeof text - 1, .source = source, .status = 1};
    build_messages(&messages, &report);
    assert_int_equal(report.errors, 9);
    assert_int_equal(report.warnings, 3);
    assert_string_equal(report.notes[0].file, "a:1.c");
    assert_int_equal(report.notes[0].line, 1);
    assert_string_equal(report.notes[0].text, "error: one: error: two");
    assert_string_equal(report.problem, "a:1.c:1: error: one: error: two");
    Build holder = {.report = report};
    build_release(&holder);
    free(source);
}

static void rules_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        bool outside;
    } cases[] = {{"a.o: a.c own.h sub/../b.h ../course/task.h \\\n ./c\\ d.h\n", false},
                 {"a.o: a.c /usr/include/x.h", true},
                 {"a.o: a.c \\\n  ../x.h\n", true},
                 {"a.o: sub/../../out/x", true},
                 {"a.o: /src/../etc/passwd", true},
                 {"", false},
                 {"\\", false},
                 {"$$ \\# $", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *found = build_outside(cases[i].rules, strlen(cases[i].rules));
        if ((found != NULL) != cases[i].outside)
            fail_msg("%s: %s", cases[i].rules, found ? found : "nothing");
        free(found);
    }
}

static void rust_builds_where_it_can(void **state)
{
    char *rust = sandbox_rust(), *src = in_ex("src");
    mkdir(src, 0755);
    free(src);
    put("Cargo.toml", "[package]\nname = \"prog\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    put("src/main.rs", "fn main() {\n    let unused = 1;\n    println!(\"hello\");\n}\n");
    if (!rust) {
        expect_problem("no cargo");
        return;
    }
    free(rust);
    Build build = compile();
    if (build.end != BUILD_OK)
        fail_msg("%s\n%s", build.report.problem, build.report.output);
    assert_int_equal(build.report.warnings, 1);
    assert_string_equal(build.report.notes[0].file, "src/main.rs");
    assert_int_equal(build.report.notes[0].line, 2);
    build_release(&build);
    put("src/main.rs", "fn main() {\n    let x: u8 = nothing;\n}\n");
    expect_problem("src/main.rs:2: error[E0425]");
    (void)state;
}

static int open_all(void **state)
{
    Fault fault = {""};
    (void)state;
    Try try;
    sandbox = mode == SANDBOX_ROOT ? sandbox_open_unproved(false, &fault)
                                   : sandbox_open(mode == SANDBOX_OWN, &fault);
    if (!sandbox || (mode == SANDBOX_ROOT && !sandbox_mode_works(sandbox, mode, &try)))
        fail_msg("%s", fault.text);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    sandbox_close(sandbox);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, empty_submission)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_file_builds),
        TEST(odd_names_headers_and_folders_build),
        TEST(the_courses_headers_are_the_graders),
        TEST(warnings_have_their_places),
        TEST(the_digest_is_of_names_and_bytes),
        TEST(errors_come_before_warnings),
        TEST(two_mains_are_named),
        TEST(what_is_not_defined_is_named),
        TEST(folders_without_c_files),
        TEST(odd_kinds_of_files_are_named),
        TEST(another_ones_hard_link_is_refused),
        TEST(too_much_is_refused),
        TEST(an_include_does_not_leave_the_folder),
        TEST(builds_that_run_away_are_stopped),
        TEST(messages_are_clean_and_bounded),
        TEST(lines_are_read_as_they_come),
        TEST(rules_are_read),
        TEST(rust_builds_where_it_can),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests_name("in the sandbox", tests, open_all, close_all);
    mode = SANDBOX_ROOT;
    if (geteuid() == 0)
        failed +=
            cmocka_run_group_tests_name("without user namespaces", tests, open_all, close_all);
    mode = SANDBOX_OWN;
    failed += cmocka_run_group_tests_name("without one", tests, open_all, close_all);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}
