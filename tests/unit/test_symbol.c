/* Offsets of a program -> lines of its own source. Programs are built by cc; offsets come from nm. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "symbol.h"
#include "symbol_linux.h"

static char folder[] = "/tmp/test-symbol-XXXXXX";
static char *binary;

static const char source[] = "#include <unistd.h>\n"
                             "#include \"lib/x.h\"\n"
                             "__attribute__((noinline)) int outer(int f)\n"
                             "{\n"
                             "    int r = mid(f);\n" /* line 5 */
                             "    return r * 3;\n"
                             "}\n"
                             "int main(void)\n"
                             "{\n"
                             "    return outer(99);\n"
                             "}\n"
                             "#line 1 \"/etc/passwd\"\n"
                             "int elsewhere(int f) { int r = getppid(); return r + f; }\n"
                             "#line 1 \"no-such.c\"\n"
                             "int nowhere(int f) { int r = getppid(); return r + f; }\n";

static const char header[] = "static inline __attribute__((always_inline)) int deep(int f)\n"
                             "{\n"
                             "    char b[3];\n"
                             "    return read(f, b, 3) > 0;\n" /* line 4 */
                             "}\n"
                             "static inline __attribute__((always_inline)) int mid(int f)\n"
                             "{\n"
                             "    int r = deep(f);\n" /* line 8 */
                             "    return r + 1;\n"
                             "}\n";

static void write_file(const char *name, const char *text)
{
    char *path = x_printf("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static void cc(const char *flags)
{
    char *command = x_printf("cd %s && ${CC:-cc} -g -O1 -ffile-prefix-map=%s=/src %s -o prog ./a.c",
                             folder, folder, flags);
    assert_int_equal(system(command), 0);
    free(command);
}

/* The offset in the file behind the call in a function, as a stack shows it. */
static uint64_t after_call(const char *function)
{
    char *command = x_printf(
        "objdump -d --no-show-raw-insn %s | awk '/<%s>:/ {on=1} on && call {sub(\":\",\"\",$1);"
        " print $1; exit} on && /call/ {call=1}'",
        binary, function);
    FILE *pipe = popen(command, "r");
    unsigned long address = 0;
    assert_int_equal(fscanf(pipe, "%lx", &address), 1);
    pclose(pipe);
    free(command);
    return address >= 0x400000 ? address - 0x400000 : address;
}

static int make_sources(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    char *lib = x_printf("%s/lib", folder);
    mkdir(lib, 0755);
    free(lib);
    binary = x_printf("%s/prog", folder);
    write_file("a.c", source);
    write_file("lib/x.h", header);
    return 0;
}

static int remove_sources(void **state)
{
    (void)state;
    char *command = x_printf("rm -rf %s", folder);
    int rc = system(command);
    free(command);
    free(binary);
    return rc;
}

static void expect_inlined(const char *flags)
{
    SourceLine lines[8];
    cc(flags);
    Symbols *symbols = symbols_open(binary, folder);
    assert_non_null(symbols);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(symbols_resolve(symbols, "/prog/prog", after_call("outer"), lines, 8), 3);
        assert_string_equal(lines[0].file, "lib/x.h");
        assert_int_equal(lines[0].line, 4);
        assert_string_equal(lines[1].file, "lib/x.h");
        assert_int_equal(lines[1].line, 8);
        assert_string_equal(lines[2].file, "a.c");
        assert_int_equal(lines[2].line, 5);
    }
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", after_call("main"), lines, 8), 1);
    assert_int_equal(lines[0].line, 10);
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", after_call("outer"), lines, 1), 1);
    symbols_close(symbols);
}

static void inlined_frames_are_told(void **state)
{
    (void)state;
    expect_inlined("");
    expect_inlined("-no-pie");
    expect_inlined("-gdwarf-4");
}

static void other_places_give_nothing(void **state)
{
    (void)state;
    SourceLine lines[8];
    cc("");
    Symbols *symbols = symbols_open(binary, folder);
    assert_int_equal(symbols_resolve(symbols, "/lib/libc.so.6", after_call("outer"), lines, 8), 0);
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", 0, lines, 8), 0);
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", UINT64_MAX, lines, 8), 0);
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", after_call("elsewhere"), lines, 8), 0);
    assert_int_equal(symbols_resolve(symbols, "/prog/prog", after_call("nowhere"), lines, 8), 0);
    symbols_close(symbols);
}

static void programs_without_information(void **state)
{
    (void)state;
    cc("-g0 -s");
    Symbols *symbols = symbols_open(binary, folder);
    assert_null(symbols);
    symbols_close(NULL);
    write_file("prog", "not a program at all");
    assert_null(symbols_open(binary, folder));
    assert_null(symbols_open("/nonexistent", folder));
}

/* Whatever bytes the debugging information has, the grader lives on. */
static void damaged_information_harms_nobody(void **state)
{
    (void)state;
    SourceLine lines[8];
    cc("-no-pie");
    char *bytes = x_calloc(1, 1 << 20);
    FILE *file = fopen(binary, "r");
    size_t len = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    unsigned random = 1;
    for (int round = 0; round < 40; round++) {
        file = fopen(binary, "w");
        char *copy = x_strndup(bytes, len);
        memcpy(copy, bytes, len);
        for (int i = 0; i < 200; i++) {
            random = random * 1103515245u + 12345u;
            copy[0x2000 + (random >> 8) % (len - 0x2000)] = (char)(random >> 24);
        }
        fwrite(copy, 1, len, file);
        fclose(file);
        free(copy);
        Symbols *symbols = symbols_open(binary, folder);
        for (uint64_t at = 0x1100; symbols && at < 0x1200; at += 7) {
            int n = symbols_resolve(symbols, "/prog/prog", at, lines, 8);
            assert_in_range(n, 0, 8);
        }
        symbols_close(symbols);
    }
    free(bytes);
}

/* Which of what it may not do it could all the same; 0: nothing. */
static int confined(int open_before)
{
    char byte;
    if (symbol_confine())
        return 100;
    if (read(open_before, &byte, 1) != 1 || !malloc(1 << 20))
        return 101;
    if (open("/dev/null", O_RDONLY) >= 0 || errno != EPERM)
        return 1;
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        return 2;
    if (kill(getpid(), 0) == 0 || errno != EPERM)
        return 3;
    if (syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0) >= 0 || errno != EPERM)
        return 4;
    if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
        MAP_FAILED)
        return 5;
    return 0;
}

static void the_helper_can_only_compute(void **state)
{
    (void)state;
    int status, fd = open("/dev/zero", O_RDONLY);
    assert_true(fd >= 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(confined(fd));
    close(fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlined_frames_are_told),
        cmocka_unit_test(other_places_give_nothing),
        cmocka_unit_test(programs_without_information),
        cmocka_unit_test(damaged_information_harms_nobody),
        cmocka_unit_test(the_helper_can_only_compute),
    };
    return cmocka_run_group_tests(tests, make_sources, remove_sources);
}
