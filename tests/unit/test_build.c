/* Folders of honest submissions through the compiler in the sandbox. */
#include "built_folder.h"

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
        TEST(lines_are_read_as_they_come),
        TEST(rules_are_read),
        TEST(rust_builds_where_it_can),
    };
    return run_everywhere(tests, sizeof tests / sizeof *tests);
}
