/* Recorded logs: NAME.strace and the events expected, NAME.events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/buf.h"
#include "strace_lines.h"
#include "trace_dump.h"

enum { LOG_MOST = 1 << 20 };

static Buf file_read(const char *path)
{
    Buf text;
    buf_init(&text, LOG_MOST);
    FILE *file = fopen(path, "rb");
    char part[4096];
    for (size_t len; file && (len = fread(part, 1, sizeof part, file)) > 0;)
        buf_add(&text, part, len);
    if (!file)
        fail_msg("can't read %s", path);
    fclose(file);
    return text;
}

static void file_write(const char *path, const Buf *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
    assert_int_equal(fclose(file), 0);
}

static Buf dumped(const Buf *log, const char *program, size_t piece)
{
    Trace *trace = trace_new(strace_blind);
    StraceParser *parser = strace_parser_new(trace, program, resolve, NULL);
    for (size_t at = 0; at < log->len; at += piece) {
        size_t rest = log->len - at;
        strace_parser_feed(parser, log->data + at, piece < rest ? piece : rest);
    }
    strace_parser_end(parser);
    assert_int_equal(strace_parser_odd(parser), 0);
    assert_int_not_equal(strace_parser_process(parser), 0);
    strace_parser_free(parser);
    Buf out;
    buf_init(&out, LOG_MOST);
    trace_dump(&out, trace);
    trace_free(trace);
    return out;
}

static void assert_log(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "tests/traces/%s", name);
    const char *program = strstr(name, ".bwrap.") ? "/prog" : "./prog";
    Buf log = file_read(path);
    strcpy(strstr(path, ".strace"), ".events");
    Buf got = dumped(&log, program, log.len);
    if (getenv("UPDATE_EVENTS"))
        file_write(path, &got);
    Buf expected = file_read(path);
    if (strcmp(got.data, expected.data) != 0)
        fail_msg("%s: other events:\n%s", path, got.data);
    const size_t pieces[] = {1, 7, 4096};
    for (size_t i = 0; i < 3; i++) {
        Buf again = dumped(&log, program, pieces[i]);
        assert_string_equal(again.data, expected.data);
        buf_release(&again);
    }
    buf_release(&got);
    buf_release(&expected);
    buf_release(&log);
}

static void recorded_logs(void **state)
{
    (void)state;
    DIR *dir = opendir("tests/traces");
    if (!dir)
        fail_msg("tests/traces is not here: run from the root of the repository");
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len > 7 && strcmp(entry->d_name + len - 7, ".strace") == 0) {
            assert_log(entry->d_name);
            n++;
        }
    }
    closedir(dir);
    assert_in_range(n, 10, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
