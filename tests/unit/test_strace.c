#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>

#include "base/buf.h"
#include "trace/strace.h"
#include "trace_dump.h"

enum { LOG_MOST = 1 << 20 };

/* --- recorded logs: NAME.strace and the events expected, NAME.events --- */

static int resolve(void *context, const char *module, uint64_t offset, SourceLine *lines, int most)
{
    (void)context;
    if (strcmp(module, "/prog") != 0 || most < 1)
        return 0;
    lines[0] = (SourceLine){"prog.c", (int)offset};
    return 1;
}

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

/* --- lines made by hand --- */

/* "7 12.5 read(...)" are all in the form that strace writes. */
#define RUN "7 1.000000000 execve(\"/p\", [\"/p\"], 0x1 /* 0 vars */) = 0 <0.000001000>\n"

typedef struct Parsed {
    Trace *trace;
    uint64_t odd;
    int process;
} Parsed;

static Parsed parse_len(const char *text, size_t len)
{
    Parsed parsed = {.trace = trace_new(0)};
    StraceParser *parser = strace_parser_new(parsed.trace, "/p", resolve, NULL);
    strace_parser_feed(parser, text, len);
    strace_parser_end(parser);
    parsed.odd = strace_parser_odd(parser);
    parsed.process = strace_parser_process(parser);
    strace_parser_free(parser);
    return parsed;
}

static Parsed parse(const char *text)
{
    return parse_len(text, strlen(text));
}

static const Event *only(const Parsed *parsed)
{
    assert_int_equal(parsed->odd, 0);
    assert_int_equal(trace_len(parsed->trace), 1);
    return trace_at(parsed->trace, 0);
}

static void the_sandbox_is_cut(void **state)
{
    (void)state;
    Parsed parsed =
        parse("5 1.0 execve(\"/usr/bin/bwrap\", [\"bwrap\", \"/p\"], 0x1) = 0\n"
              "5 1.1 clone(child_stack=NULL, flags=SIGCHLD) = 6\n"
              "6 1.2 clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 7 in strace's PID NS */\n"
              "7 1.3 execve(\"/p\", [\"/p\"], 0x1) = -1 ENOENT (No such file)\n"
              "7 1.4 execve(\"/p\", [\"/p\"], 0x1 <unfinished ...>\n"
              "5 1.5 read(4<pipe:[1]>,  <unfinished ...>\n"
              "7 1.6 <... execve resumed>) = 0\n"
              "6 1.7 read(4<pipe:[1]>, \"\", 1) = 0\n"
              "5 1.8 <... read resumed>\"\", 1) = 0\n"
              "7 1.9 pause( <unfinished ...>\n"
              "5 2.0 +++ exited with 0 +++\n"
              "6 2.1 +++ killed by SIGKILL +++\n"
              "7 2.2 +++ killed by SIGSEGV (core dumped) +++\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(parsed.process, 7);
    assert_int_equal(trace_len(parsed.trace), 2);
    const Event *sleep = trace_at(parsed.trace, 0), *end = trace_at(parsed.trace, 1);
    assert_int_equal(sleep->kind, EV_SLEEP);
    assert_true(sleep->flags & EVF_UNFINISHED);
    assert_int_equal(sleep->end_ns, 2200000000);
    assert_string_equal(sleep->raw, "pause( <unfinished ...>");
    assert_int_equal(end->kind, EV_EXIT);
    assert_int_equal(end->signal, SIGSEGV);
    assert_int_equal(end->result, -1);
    trace_free(parsed.trace);
}

static void any_first_program_without_a_name(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, NULL, NULL, NULL);
    const char *text = "9 1.0 execve(\"x\", [\"x\"], 0x1) = -1 ENOENT (No such file)\n"
                       "9 1.0 execve(\"y\", [\"x\"], 0x1) = 0\n9 1.1 +++ exited with 3 +++";
    strace_parser_feed(parser, text, strlen(text));
    strace_parser_end(parser); /* the last line has no end */
    assert_int_equal(strace_parser_process(parser), 9);
    assert_int_equal(trace_at(trace, 0)->result, 3);
    strace_parser_free(parser);
    strace_parser_free(NULL);
    trace_free(trace);
}

static void times_are_exact(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1795400491.057579587 nanosleep({tv_sec=1, tv_nsec=5}, NULL) = 0 "
                              "<1.000123456>\n");
    const Event *sleep = only(&parsed);
    assert_int_equal(sleep->start_ns, INT64_C(1795400491057579587));
    assert_int_equal(sleep->end_ns - sleep->start_ns, 1000123456);
    assert_int_equal(sleep->timeout_ns, 1000000005);
    assert_string_equal(sleep->raw, "nanosleep({tv_sec=1, tv_nsec=5}, NULL) = 0");
    trace_free(parsed.trace);
}

static void strings_are_decoded(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN "7 1.1 read(4<socket:[1]>, \"\\0a\\0001\\1777\\n\\t\\\"\\\\)\\33\\xff\", "
                  "100) = 13\n");
    const Event *read = only(&parsed);
    assert_int_equal(read->data_len, 13);
    assert_memory_equal(read->data,
                        "\0a\0"
                        "1\177"
                        "7\n\t\"\\)\33\xff",
                        13);
    assert_false(read->flags & EVF_CUT);
    trace_free(parsed.trace);
    parsed =
        parse(RUN "7 1.1 write(1, \"abc\"..., 100) = 2\n7 1.2 write(1, \"abc\"..., 100) = 100\n");
    assert_int_equal(trace_at(parsed.trace, 0)->data_len, 2); /* no more was taken */
    assert_false(trace_at(parsed.trace, 0)->flags & EVF_CUT);
    assert_int_equal(trace_at(parsed.trace, 1)->data_len, 3);
    assert_true(trace_at(parsed.trace, 1)->flags & EVF_CUT);
    trace_free(parsed.trace);
}

static void only_descriptor_minus_one_makes_marks(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN "7 1.1 write(-1, \"poll 1\", 6) = -1 EBADF (Bad file descriptor)\n"
                  "7 1.2 write(-2, \"poll 1\", 6) = -1 EBADF (Bad file descriptor)\n"
                  "7 1.3 write(1<x>, \"write(-1, \\\"poll 2\\\", 6) = -1 EBADF\", 6) = 6\n"
                  "7 1.4 write(-1, \"poll 3\", 6) = 6\n"
                  "7 1.5 writev(-1, [{iov_base=\"poll 4\", iov_len=6}], 1) = -1 EBADF (Bad)\n"
                  "7 1.6 write(-1, 0x1234, 6) = -1 EBADF (Bad file descriptor)\n");
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    const Event *mark = trace_next(parsed.trace, &from, EV_MARK, 0);
    assert_string_equal(mark->data, "poll 1");
    assert_int_equal(mark->data_len, 6);
    assert_null(trace_next(parsed.trace, &from, EV_MARK, 0));
    trace_free(parsed.trace);
    parsed = parse(RUN "7 1.1 write(-1, \"\", 0) = -1 EBADF (Bad file descriptor)\n"
                       "7 1.2 write(-1, \"wake 1\", 6 <unfinished ...>\n"
                       "7 1.3 <... write resumed>) = -1 EBADF (Bad file descriptor)\n"
                       "7 1.4 write(-1, \"ready 1\", 7 <unfinished ...>\n");
    assert_string_equal(trace_at(parsed.trace, 0)->data, ""); /* never NULL */
    assert_string_equal(trace_at(parsed.trace, 1)->data, "wake 1");
    assert_string_equal(trace_at(parsed.trace, 2)->data, "ready 1");
    assert_true(trace_at(parsed.trace, 2)->flags & EVF_UNFINISHED);
    trace_free(parsed.trace);
}

static void hostile_paths_stay_in_their_place(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN "7 1.1 read(3</tmp/a\\76 \\0740.5\\76, \"x) = 5\\n \\74unfinished ...\\76>(deleted), "
            "\"ab\", 9) = 2 <0.000001000>\n"
            "7 1.2 dup(3</tmp/) = 77, \\74unfinished ...\\76>) = 8</tmp/) = 77 \\0740.5\\76>\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 2);
    assert_int_equal(trace_at(parsed.trace, 0)->result, 2);
    assert_string_equal(trace_at(parsed.trace, 0)->data, "ab");
    assert_int_equal(trace_at(parsed.trace, 1)->fd, 8);
    assert_int_equal(trace_at(parsed.trace, 1)->object, trace_at(parsed.trace, 0)->object);
    trace_free(parsed.trace);
}

static void tokens_have_all_their_bits(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        uint64_t token;
    } forms[] = {{"{u32=1, u64=6510615553911029761}", UINT64_C(6510615553911029761)},
                 {"{u32=4294967295, u64=18446744073709551615}", UINT64_MAX},
                 {"0x5a5a5a5a00000001", UINT64_C(0x5a5a5a5a00000001)},
                 {"7", 7}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 RUN "7 1.1 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 4<socket:[1]>, "
                     "{events=EPOLLIN|EPOLLET, data=%s}) = 0\n",
                 forms[i].data);
        Parsed parsed = parse(text);
        const Event *watch = only(&parsed);
        assert_true(watch->token == forms[i].token);
        assert_int_equal(watch->flags, EVF_ADD | EVF_READABLE | EVF_EDGE);
        trace_free(parsed.trace);
    }
}

static void a_wake_knows_whom_it_means(void **state)
{
    (void)state;
#define ADD(fd, token)                                                                             \
    "7 1.1 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, " fd "<socket:[" fd "]>, "          \
    "{events=EPOLLIN, data={u32=" token ", u64=" token "}}) = 0\n"
#define WOKEN(token)                                                                               \
    "7 1.2 epoll_wait(3<anon_inode:[eventpoll]>, [{events=EPOLLIN|EPOLLRDHUP, data={u32=" token    \
    ", u64=" token "}}], 8, -1) = 1\n"
    Parsed parsed = parse(RUN ADD("4", "1") ADD("5", "2") ADD("6", "2") WOKEN("1")
                              WOKEN("2") "7 1.3 close(5<socket:[5]>) = 0\n" WOKEN("2") WOKEN("3"));
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    const Event *wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->fd, 4);
    assert_int_equal(wake->object, trace_lookup(parsed.trace, 7, 4));
    assert_int_equal(wake->flags, EVF_READABLE | EVF_HANGUP);
    wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->object, 0); /* 5 or 6 */
    assert_true(trace_wake_matches(parsed.trace, wake, trace_lookup(parsed.trace, 7, 6)));
    assert_false(trace_wake_matches(parsed.trace, wake, trace_lookup(parsed.trace, 7, 4)));
    wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->object, trace_lookup(parsed.trace, 7, 6));
    assert_int_equal(trace_next(parsed.trace, &from, EV_WAKE, 0)->object, 0);
    trace_free(parsed.trace);

    parsed = parse(RUN ADD("4", "1") "7 1.2 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, "
                                     "4<socket:[4]>, NULL) = 0\n" WOKEN("1"));
    from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_WAKE, 0)->object, 0);
    trace_free(parsed.trace);
}

static void timeouts(void **state)
{
    (void)state;
#define Q "3<anon_inode:[eventpoll]>"
    static const struct {
        const char *call;
        EventKind kind;
        int64_t timeout_ns;
    } calls[] = {
        {"epoll_wait(" Q ", [], 8, 1000) = 0", EV_WAIT, 1000000000},
        {"epoll_wait(" Q ", [], 8, -1) = 0", EV_WAIT, -1},
        {"epoll_wait(" Q ", [], 8, -7) = 0", EV_WAIT, -1},
        {"epoll_wait(" Q ", [], 8, 0) = 0", EV_WAIT, 0},
        {"epoll_pwait(" Q ", [], 8, 10, NULL, 8) = 0", EV_WAIT, 10000000},
        {"epoll_pwait2(" Q ", [], 8, {tv_sec=2, tv_nsec=5}, NULL, 8) = 0", EV_WAIT, 2000000005},
        {"epoll_pwait2(" Q ", [], 8, NULL, NULL, 8) = 0", EV_WAIT, -1},
        {"poll(NULL, 0, 250) = 0 (Timeout)", EV_SLEEP, 250000000},
        {"poll([{fd=-1}], 1, 250) = 0 (Timeout)", EV_SLEEP, 250000000},
        {"ppoll(NULL, 0, NULL, NULL, 8) = 0 (Timeout)", EV_SLEEP, -1},
        {"select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=1500}) = 0 (Timeout)", EV_SLEEP, 1500000},
        {"pselect6(1, [], [], NULL, {tv_sec=1, tv_nsec=1}, NULL) = 0", EV_SLEEP, 1000000001},
        {"pause() = ? ERESTARTNOHAND (To be restarted if no handler)", EV_SLEEP, -1},
        {"clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=3, tv_nsec=0}, NULL) = 0",
         EV_SLEEP, 1900000000},
        {"rt_sigtimedwait([USR1], NULL, {tv_sec=1, tv_nsec=0}, 8) = 10 (SIGUSR1)", EV_SLEEP,
         1000000000},
        {"rt_sigtimedwait([USR1], NULL, NULL, 8) = 10 (SIGUSR1)", EV_SLEEP, -1},
        {"futex(0x1, FUTEX_WAIT_PRIVATE, 2, {tv_sec=1, tv_nsec=0}) = -1 ETIMEDOUT (Timed out)",
         EV_SLEEP, 1000000000},
        {"futex(0x1, FUTEX_WAIT_PRIVATE, 2, NULL) = 0", EV_SLEEP, -1},
        {"futex(0x1, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 2, {tv_sec=2, tv_nsec=0}, "
         "FUTEX_BITSET_MATCH_ANY) = -1 ETIMEDOUT (Timed out)",
         EV_SLEEP, 900000000},
        {"nanosleep({tv_sec=99999999999, tv_nsec=0}, NULL) = 0", EV_SLEEP, -1},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char text[400];
        snprintf(text, sizeof text, RUN "7 1.1 %s\n", calls[i].call);
        Parsed parsed = parse(text);
        const Event *event = only(&parsed);
        assert_int_equal(event->kind, calls[i].kind);
        if (event->timeout_ns != calls[i].timeout_ns)
            fail_msg("%s: %lld", calls[i].call, (long long)event->timeout_ns);
        trace_free(parsed.trace);
    }
}

/* The log has no CLOCK_MONOTONIC: the first sleep that was slept out says where it is. */
static void monotonic_instants(void **state)
{
    (void)state;
#define UNTIL(s) "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=" s ", tv_nsec=0}, "
    Parsed parsed = parse(RUN "7 1010.0 " UNTIL(
        "105") " <unfinished ...>\n"
               "7 1011.0 <... clock_nanosleep resumed>NULL) = -1 EINTR (Int)\n"
               "7 1020.0 " UNTIL("121") "NULL) = 0 <1.000000000>\n"
                                        "7 1030.0 " UNTIL(
                                            "135") " <unfinished ...>\n"
                                                   "7 1030.5 +++ killed by SIGKILL +++\n");
    assert_int_equal(trace_at(parsed.trace, 0)->timeout_ns, TIMEOUT_UNKNOWN);
    assert_int_equal(trace_at(parsed.trace, 1)->timeout_ns, 1000000000);
    trace_free(parsed.trace);
}

static void a_stopped_sleep_is_one_sleep(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN
        "7 2.0 poll([{fd=4<socket:[1]>, events=POLLIN}], 1, 9000) = ? ERESTART_RESTARTBLOCK "
        "(Interrupted by signal) <0.500000000>\n"
        "7 2.5 --- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
        "7 2.5 --- stopped by SIGSTOP ---\n"
        "7 3.0 --- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
        "7 3.0 restart_syscall(<... resuming interrupted poll ...>) = ? ERESTART_RESTARTBLOCK "
        "(Interrupted by signal) <0.100000000>\n"
        "7 3.2 restart_syscall(<... resuming interrupted restart_syscall ...> <unfinished ...>\n"
        "7 4.0 <... restart_syscall resumed>) = 1 <0.800000000>\n"
        "7 5.0 restart_syscall(<... resuming interrupted poll ...>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 5);
    const Event *wait = trace_at(parsed.trace, 1), *wake = trace_at(parsed.trace, 4);
    assert_int_equal(trace_at(parsed.trace, 0)->kind, EV_WATCH);
    assert_int_equal(wait->kind, EV_WAIT);
    assert_int_equal(wait->result, 1);
    assert_int_equal(wait->error, 0);
    assert_int_equal(wait->flags, EVF_RESTARTED);
    assert_int_equal(wait->end_ns, 4000000000);
    assert_int_equal(wait->timeout_ns, 9000000000);
    assert_int_equal(trace_at(parsed.trace, 2)->signal, SIGSTOP);
    assert_int_equal(trace_at(parsed.trace, 3)->signal, SIGCONT);
    assert_int_equal(wake->kind, EV_WAKE);
    assert_int_equal(wake->fd, 4);
    assert_int_equal(wake->flags, EVF_READABLE);
    trace_free(parsed.trace);
}

static void a_handler_ends_a_sleep(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN "7 2.0 nanosleep({tv_sec=1, tv_nsec=0}, 0x1) = ? ERESTART_RESTARTBLOCK (Int) <0.5>\n"
            "7 2.5 --- SIGUSR1 {si_signo=SIGUSR1} ---\n"
            "7 2.6 read(4<socket:[1]>, 0x1, 5) = -1 EAGAIN (Resource temporarily unavailable)\n"
            "7 2.7 restart_syscall(<... resuming interrupted read ...>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 3);
    assert_int_equal(trace_at(parsed.trace, 0)->error, EINTR);
    assert_int_equal(trace_at(parsed.trace, 0)->result, -1);
    assert_int_equal(trace_at(parsed.trace, 2)->error, EAGAIN);
    trace_free(parsed.trace);
}

/* clone3 is refused in the sandbox: threads come out of clone, and often speak before it returns. */
static void children_may_be_first(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN
        "7 1.1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD <unfinished ...>\n"
        "8 1.2 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0) = 5<socket:[9]>\n"
        "7 1.3 <... clone resumed>, parent_tid=[3 /* 8 in strace's PID NS */]) = 3 /* 8 in "
        "strace's PID NS */\n"
        "7 1.4 vfork( <unfinished ...>\n"
        "9 1.5 close(5<socket:[9]>) = 0\n"
        "9 1.6 +++ exited with 0 +++\n"
        "7 1.7 <... vfork resumed>) = 4 /* 9 in strace's PID NS */\n"
        "8 1.8 +++ exited with 0 +++\n"
        "7 1.9 read(5<socket:[9]>, \"\", 9) = 0\n");
    assert_int_equal(parsed.odd, 0);
    const Event *spawn = trace_at(parsed.trace, 0);
    assert_int_equal(spawn->kind, EV_SPAWN);
    assert_int_equal(spawn->result, 8);
    assert_true(spawn->flags & EVF_THREAD);
    assert_int_equal(trace_at(parsed.trace, 1)->thread, 8);
    assert_int_equal(trace_at(parsed.trace, 1)->process, 7);
    size_t from = 0;
    const Event *close = trace_next(parsed.trace, &from, EV_CLOSE, 0);
    assert_int_equal(close->process, 9);
    assert_false(close->flags & EVF_LAST);
    from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_READ, 0)->object, close->object);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 1);
    trace_free(parsed.trace);
}

static void a_number_given_free_may_be_taken_at_once(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 5<socket:[1]>\n"
                              "7 1.2 clone(child_stack=0x1, flags=CLONE_THREAD) = 8\n"
                              "7 1.3 close(5<socket:[1]> <unfinished ...>\n"
                              "8 1.4 accept4(4<socket:[2]>, NULL, NULL, SOCK_NONBLOCK) = "
                              "5<socket:[3]>\n"
                              "7 1.5 <... close resumed>) = 0\n");
    unsigned object = trace_lookup(parsed.trace, 7, 5);
    assert_int_equal(trace_object(parsed.trace, object)->kind, OBJECT_CONNECTION);
    assert_int_equal(object, trace_connection(parsed.trace, 1));
    trace_free(parsed.trace);
}

static void numbers_are_used_again(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 vfork() = 8\n7 1.2 +++ exited with 0 +++\n"
                              "8 1.3 fork() = 7\n7 1.4 +++ exited with 5 +++\n");
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 2);
    assert_int_equal(trace_at(parsed.trace, 3)->result, 5);
    trace_free(parsed.trace);
}

static void exec_by_a_thread(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 clone(child_stack=0x1, flags=CLONE_THREAD) = 8\n"
                              "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 4<socket:[1]>\n"
                              "7 1.1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 5<socket:[2]>\n"
                              "7 1.2 pause( <unfinished ...>\n"
                              "8 1.3 execve(\"/q\", [\"/q\"], 0x1 <unfinished ...>\n"
                              "7 1.4 <... pause resumed> <unfinished ...>) = ?\n"
                              "7 1.5 +++ superseded by execve in pid 8 +++\n"
                              "7 1.6 <... execve resumed>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_count(parsed.trace, EV_EXIT), 0);
    assert_int_not_equal(trace_lookup(parsed.trace, 7, 4), 0);
    assert_int_equal(trace_lookup(parsed.trace, 7, 5), 0);
    trace_free(parsed.trace);
}

static void what_fails_closes_nothing(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 socket(AF_INET, SOCK_STREAM, 0) = 4<socket:[1]>\n"
                              "7 1.2 close_range(3, 9, 0x10) = -1 EINVAL (Invalid argument)\n"
                              "7 1.2 dup2(9, 4<socket:[1]>) = -1 EBADF (Bad file descriptor)\n"
                              "7 1.2 close(9) = -1 EBADF (Bad file descriptor)\n");
    assert_int_not_equal(trace_lookup(parsed.trace, 7, 4), 0);
    trace_free(parsed.trace);
}

static void stacks_belong_to_the_call_before(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN " > /prog(_start+0x1) [0x1]\n"
                  "7 1.1 read(5<socket:[1]>,  <unfinished ...>\n"
                  "7 1.2 <... read resumed>\"x\", 9) = 1 <0.1>\n"
                  " > /usr/lib/libc.so.6(read+0xd) [0xf82ad]\n"
                  " > /prog(main+0x125) [0x130e]\n"
                  " > /prog(deep) [0x1]\n"
                  " > /prog(deeper) [0x100]\n"
                  "7 1.3 read(5<socket:[1]>, \"x\", 9) = 1\n"
                  " > unexpected_backtracing_error [0x5]\n"
                  " > /tmp/)( [0x9] (x+0x1) [0x8]\n"
                  "7 1.4 accept4(4<socket:[2]>, NULL, NULL, SOCK_NONBLOCK) = 6<socket:[3]>\n"
                  " > /prog(main+0x1) [0x42]\n"
                  "7 1.5 +++ exited with 0 +++\n"
                  " > /prog(_exit+0x1) [0x2]\n");
    assert_int_equal(parsed.odd, 0);
    const Event *first = trace_at(parsed.trace, 0);
    assert_int_equal(first->stack_len, 3);
    assert_string_equal(first->at.file, "prog.c");
    assert_int_equal(first->at.line, 0x130e);
    assert_int_equal(first->stack[1].line, 0x1);
    assert_int_equal(first->stack[2].line, 0x100);
    assert_null(trace_at(parsed.trace, 1)->at.file);
    assert_int_equal(trace_at(parsed.trace, 2)->at.line, 0x42); /* ACCEPT and its NONBLOCK */
    assert_int_equal(trace_at(parsed.trace, 3)->kind, EV_NONBLOCK);
    assert_int_equal(trace_at(parsed.trace, 3)->at.line, 0x42);
    assert_int_equal(trace_at(parsed.trace, 4)->stack_len, 0);
    trace_free(parsed.trace);
}

static void odd_lines_are_counted_and_passed_over(void **state)
{
    (void)state;
    static const char *const odd[] = {"x",
                                      "7",
                                      "7 ",
                                      "7 1.1",
                                      "7 1.1 ",
                                      "7 x read(",
                                      "-7 1.1 pause() = 0",
                                      "7 1.1 read",
                                      "7 1.1 read(5, \"abc",
                                      "7 1.1 read(5, \"x\", 1)",
                                      "7 1.1 read(5, \"x\", 1) = x",
                                      "7 1.1 +++ exited",
                                      "7 1.1 --- SIG",
                                      "7 1.1 <... read",
                                      "7 1.1 <... read resumed",
                                      "99999999999999999999 1.1 pause() = 0",
                                      "7 99999999999999999999.5 pause() = 0",
                                      "7 1.12345678901 pause() = 0",
                                      "\xff\xfe"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char text[300];
        snprintf(text, sizeof text, RUN "%s\n7 1.2 +++ exited with 0 +++\n", odd[i]);
        Parsed parsed = parse(text);
        if (parsed.odd != 1)
            fail_msg("not odd: %s", odd[i]);
        assert_int_equal(trace_count(parsed.trace, EV_EXIT), 1);
        trace_free(parsed.trace);
    }
    Parsed parsed = parse(RUN "7 1.1 ?\?\?\?( <unfinished ...>\n7 1.1 uname(0x1) = 0\n\n"
                              "7 1.2 <... uname resumed>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 0);
    trace_free(parsed.trace);
}

static void assert_long_line(size_t len, size_t piece)
{
    Buf text;
    buf_init(&text, 1 << 20);
    buf_str(&text, RUN "7 1.1 write(5<socket:[1]>, \"");
    for (size_t i = 0; i < len; i++)
        buf_char(&text, 'x');
    buf_str(&text, "\", 99999) = 77 <0.5>\n7 1.9 +++ exited with 0 +++\n");
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    for (size_t at = 0; at < text.len; at += piece)
        strace_parser_feed(parser, text.data + at, text.len - at < piece ? text.len - at : piece);
    strace_parser_end(parser);
    assert_int_equal(strace_parser_odd(parser), 0);
    assert_int_equal(trace_len(trace), 2);
    assert_int_equal(trace_at(trace, 0)->result, 77);
    assert_int_equal(trace_at(trace, 0)->end_ns - trace_at(trace, 0)->start_ns, 500000000);
    assert_string_equal(trace_at(trace, 0)->raw,
                        "write(5, \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., 99999) = 77");
    strace_parser_free(parser);
    trace_free(trace);
    buf_release(&text);
}

static void of_a_long_line_both_ends_are_kept(void **state)
{
    (void)state;
    assert_long_line(3 * STRACE_LINE, 1000);
    assert_long_line(3 * STRACE_LINE, 1 << 20);
    for (size_t more = 0; more < 80; more++) {
        assert_long_line(STRACE_LINE - 60 + more, 10000);
        assert_long_line(STRACE_LINE + 1000 + more, 1);
    }
}

static void evidence_is_clean_and_short(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 write(5<\x1b[31m\xe2\x80\xae>, \"\xff\", 9) = 1\n");
    assert_string_equal(only(&parsed)->raw, "write(5<\\x1b[31m\\u{202e}>, \"\\xff\", 9) = 1");
    trace_free(parsed.trace);
    Buf text;
    buf_init(&text, 4096);
    buf_str(&text, RUN "7 1.1 write(5, \"");
    for (int i = 0; i < 200; i++)
        buf_str(&text, "\xe2\x82\xac"); /* three bytes each: the cut must not split one */
    buf_str(&text, "\", 600) = 600\n");
    parsed = parse(text.data);
    assert_string_equal(
        only(&parsed)->raw,
        "write(5, \"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\"..., 600) = 600");
    trace_free(parsed.trace);
    buf_release(&text);
}

static const char *shown(const char *line)
{
    static char text[TRACE_RAW + 1];
    Buf whole;
    buf_init(&whole, 4096);
    buf_printf(&whole, RUN "7 1.1 %s\n", line);
    Parsed parsed = parse(whole.data);
    snprintf(text, sizeof text, "%s", only(&parsed)->raw);
    trace_free(parsed.trace);
    buf_release(&whole);
    return text;
}

/* The size and the result stand behind the string: they must not be lost for it. */
static void evidence_shows_both_ends_of_a_call(void **state)
{
    (void)state;
    assert_string_equal(
        shown("write(5<socket:[77]>, \"0123456789012345678901234567890123456789\"..., "
              "65536) = 2190"),
        "write(5, \"0123456789012345678901234567890\"..., 65536) = 2190");
    assert_string_equal(shown("read(5, \"\\\"quoted\\\" and \\0 and \\177\", 9) = 9"),
                        "read(5, \"\\\"quoted\\\" and \\0 and \\177\", 9) = 9");
    assert_string_equal(
        shown("write(5, \"012345678901234567890123456\\177\\177\\177\\177\", 34) = 34"),
        "write(5, \"012345678901234567890123456\\177\"..., 34) = 34");
}

static void a_spin_is_bounded_and_counted(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    const char *start = RUN "7 1.1 accept4(3<socket:[1]>, NULL, NULL, 0) = 4<socket:[2]>\n";
    const char *spin =
        "7 1.2 read(4<socket:[2]>, 0x7ffe, 1024) = -1 EAGAIN (Resource) <0.000056>\n";
    strace_parser_feed(parser, start, strlen(start));
    for (int i = 0; i < 40000; i++)
        strace_parser_feed(parser, spin, strlen(spin));
    strace_parser_end(parser);
    assert_int_equal(trace_len(trace), TRACE_HEAD + TRACE_TAIL);
    assert_int_equal(trace_count(trace, EV_READ), 40000);
    assert_int_equal(trace_count_would_block(trace), 40000);
    strace_parser_free(parser);
    trace_free(trace);
}

/* What a call has read or written is known only when it returns: it is bounded nevertheless. */
static void long_writes_are_bounded(void **state)
{
    (void)state;
    enum { WRITES = 3000, LONG = 1000 };
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    char line[LONG + 100], bytes[LONG + 1];
    size_t all = 0;
    strace_parser_feed(parser, RUN, strlen(RUN));
    memset(bytes, 'x', LONG);
    bytes[LONG] = 0;
    snprintf(line, sizeof line, "7 1.2 write(1<pipe:[1]>, \"%s\", %d) = %d <0.000056>\n", bytes,
             LONG, LONG);
    for (int i = 0; i < WRITES; i++)
        strace_parser_feed(parser, line, strlen(line));
    strace_parser_end(parser);
    assert_int_equal(trace_count(trace, EV_WRITE), WRITES);
    for (size_t i = 0; i < trace_len(trace); i++)
        all += trace_at(trace, i)->data_len;
    assert_int_equal(trace_at(trace, 0)->data_len, LONG);
    assert_in_range(all, TRACE_DATA / 2, TRACE_DATA + WRITES * TRACE_DATA_CUT);
    strace_parser_free(parser);
    trace_free(trace);
}

static void descriptors_met_late_become_objects(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 read(9<anon_inode:[signalfd]>, \"x\", 128) = 1\n"
                              "7 1.2 read(10<pipe:[4]>, \"x\", 128) = 1\n"
                              "7 1.3 read(0</dev/null>, \"\", 128) = 0\n"
                              "7 1.4 read(11, 0x1, 128) = -1 EBADF (Bad file descriptor)\n");
    const ObjectKind kinds[] = {OBJECT_SIGNALFD, OBJECT_OTHER, OBJECT_STDIO};
    for (size_t i = 0; i < 3; i++) {
        unsigned object = trace_at(parsed.trace, i)->object;
        assert_int_equal(trace_object(parsed.trace, object)->kind, kinds[i]);
    }
    assert_int_equal(trace_at(parsed.trace, 3)->object, 0);
    assert_int_equal(trace_at(parsed.trace, 3)->fd, 11);
    trace_free(parsed.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_logs),
        cmocka_unit_test(the_sandbox_is_cut),
        cmocka_unit_test(any_first_program_without_a_name),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(only_descriptor_minus_one_makes_marks),
        cmocka_unit_test(hostile_paths_stay_in_their_place),
        cmocka_unit_test(tokens_have_all_their_bits),
        cmocka_unit_test(a_wake_knows_whom_it_means),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(monotonic_instants),
        cmocka_unit_test(a_stopped_sleep_is_one_sleep),
        cmocka_unit_test(a_handler_ends_a_sleep),
        cmocka_unit_test(children_may_be_first),
        cmocka_unit_test(a_number_given_free_may_be_taken_at_once),
        cmocka_unit_test(numbers_are_used_again),
        cmocka_unit_test(exec_by_a_thread),
        cmocka_unit_test(what_fails_closes_nothing),
        cmocka_unit_test(stacks_belong_to_the_call_before),
        cmocka_unit_test(odd_lines_are_counted_and_passed_over),
        cmocka_unit_test(of_a_long_line_both_ends_are_kept),
        cmocka_unit_test(evidence_is_clean_and_short),
        cmocka_unit_test(evidence_shows_both_ends_of_a_call),
        cmocka_unit_test(a_spin_is_bounded_and_counted),
        cmocka_unit_test(long_writes_are_bounded),
        cmocka_unit_test(descriptors_met_late_become_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
