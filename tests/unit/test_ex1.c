/* Exercise 1: what is said of lines, of listening and of cpu_us, and which call is cited. */
#include "ex1_runs.h"

/* --- which call is cited --- */

static void where_it_stood_is_cited(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    tries(&c, 2, 100, 100);
    line(&c, c.now_ms, WOULD_BLOCK);
    buf_str(&c.log, "10 1.900000000 nanosleep({tv_sec=9, tv_nsec=0}, <unfinished ...>\n");
    c.later.end = RUN_TIMED_OUT;
    cites(&c, "data-whole", 1, "unfinished");
}

static void the_first_that_was_printed_is_cited(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    line(&c, 1.1, "write(1<pipe:[9]>, \"Hello\\n\", 6) = 6");
    line(&c, 1.2, "write(1<pipe:[9]>, \"listening on 127.0.0.1:9000\\n\", 28) = 28");
    c.later.listened = c.later.listener.loopback_only = c.later.line_before_connect = true;
    c.later.listener.port = c.later.port_asked = 9000;
    strcpy(c.later.first_line, "Hello");
    cites(&c, "listening", 0, "Hello");
}

static void the_call_that_a_signal_cut_short_is_cited(void **state)
{
    (void)state;
    Case c;
    Buf log;
    begin(&c);
    tries(&c, 1, 100, 100);
    data(&c);
    peer_sends(&c.later, "hello\n");
    capture_add(&c.later.out, "hello\n", 6);
    buf_init(&log, 4096);
    buf_str(&log, "10 1.000000000 execve(\"/bin/p\", [\"p\"], 0x1 /* 0 vars */) = 0 <0.000010>\n"
                  "10 1.100000000 nanosleep({tv_sec=0, tv_nsec=1}, NULL) = 0 <0.000010>\n"
                  "10 1.200000000 nanosleep({tv_sec=0, tv_nsec=2}, {tv_sec=0, tv_nsec=1}) = ? "
                  "ERESTART_RESTARTBLOCK (Interrupted by signal) <0.000010>\n"
                  "10 1.300000000 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, "
                  "si_uid=0} ---\n"
                  "10 1.400000000 +++ exited with 0 +++\n");
    c.interrupted.end = RUN_EXITED;
    c.interrupted.trace = trace_of(&log);
    buf_release(&log);
    cites(&c, "interrupted", 0, "tv_nsec=2");
}

/* --- lines --- */

static void reading_on_behind_the_data_needs_no_line(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    tries(&c, 3, 100, 100);
    data(&c);
    line(&c, c.now_ms, WOULD_BLOCK);
    is(&c, "would-block-line", CHECK_PASS, 4, "4 tries would block, 3 lines");
    begin(&c);
    tries(&c, 3, 100, 100);
    data(&c);
    capture_add(&c.later.out, "WouldBlock\n", 11);
    is(&c, "would-block-line", CHECK_FAIL, 2, "3 reads");
}

/* The connection does not block, and its first read comes when the data is there. */
static void who_never_tries_has_no_line_to_print(void **state)
{
    (void)state;
    static const char *const waiting[] = {"retry-interval", "no-readiness", "peer-gone",
                                          "interrupted"};
    Case c;
    begin(&c);
    data(&c);
    is(&c, "would-block-line", CHECK_FAIL, 0, "never tried a read before the data was there");
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        begin(&c);
        data(&c);
        is(&c, waiting[i], CHECK_SKIP, 0, "waits for would-block-line: it never tried");
    }
}

static void one_line_is_one_line(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    tries(&c, 1, 100, 100);
    capture_add(&c.later.out, "WouldBlock\n", 11);
    is(&c, "would-block-line", CHECK_FAIL, 2, "1 read would have blocked and 2 lines begin with");
    begin(&c);
    tries(&c, 1, 100, 100);
    line(&c, c.now_ms, WOULD_BLOCK);
    is(&c, "would-block-line", CHECK_FAIL, 2, "2 reads would have blocked and 1 line begins with");
}

static void sends_cpu(Case *c)
{
    c->idle.steps = x_calloc(1, sizeof *c->idle.steps);
    c->idle.steps[c->idle.n_steps++] = (PeerStep){.verb = "send", .ok = true, .start_ns = 9};
    c->idle.clients = x_calloc(1, sizeof *c->idle.clients);
    c->idle.n_clients = 1;
    buf_init(&c->idle.clients[0].sent, 100);
    buf_str(&c->idle.clients[0].sent, "cpu\n");
    c->idle.cpu_before_data_ns = 40 * NS_PER_MS;
    c->idle.cpu_last_ns = 41 * NS_PER_MS;
}

static void the_line_of_the_cpu_time(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        CheckStatus status;
        const char *part;
    } lines[] = {
        {"cpu\ncpu_us 40123\n", CHECK_PASS, "40123"},
        {"cpu\ncpu_us 40123 \r\n", CHECK_PASS, "40123"},
        {"got: cpu\ncpu_us 40123", CHECK_PASS, "40123"},
        {"cpu_us 40123\ncpu\n", CHECK_FAIL, "before the data"},
        {"cpu\ncpu_us: 40123\n", CHECK_FAIL, "\"cpu_us: 40123\""},
        {"cpu\ncpu_us 40123us\n", CHECK_FAIL, "\"cpu_us 40123us\""},
        {"cpu\ncpu_us 1\ncpu_us 40123\n", CHECK_FAIL, "several"},
        {"cpu\ncpu_us 9223372036854775807\n", CHECK_FAIL, "kernel's accounting"},
        {"cpu\ncpu_us 10\n", CHECK_FAIL, "kernel's accounting 41000"},
        {"cpu\n", CHECK_FAIL, "no such line"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        Case c;
        begin(&c);
        tries(&c, 3, 100, 100);
        sends_cpu(&c);
        capture_add(&c.idle.out, "listening\n", 10);
        capture_add(&c.idle.out, lines[i].text, strlen(lines[i].text));
        is(&c, "cpu-honest", lines[i].status, lines[i].status == CHECK_PASS ? 2 : 0, lines[i].part);
    }
}

static void who_has_ended_can_not_be_asked(void **state)
{
    (void)state;
    static const struct {
        int64_t last, ended;
        const char *part;
    } ends[] = {{41, 8, "waits for data-whole: it had ended"},
                {-1, 8, "waits for data-whole: it had ended"},
                {-1, 10, "this machine does not tell"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        Case c;
        begin(&c);
        sends_cpu(&c);
        c.idle.cpu_before_data_ns = -1;
        c.idle.cpu_last_ns = ends[i].last;
        c.idle.ended_ns = ends[i].ended;
        capture_add(&c.idle.out, "listening\ncpu_us 40123\n", 23);
        is(&c, "cpu-honest", CHECK_SKIP, 0, ends[i].part);
    }
}

/* --- listening --- */

static void who_never_listens_is_told_so_once(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    c.later.end = RUN_NO_LISTEN;
    is(&c, "listening", CHECK_FAIL, 0, "it did not listen within 5 s; expected a socket");
    setenv("GRADER_SLOW", "2", 1);
    begin(&c);
    c.later.end = RUN_NO_LISTEN;
    is(&c, "listening", CHECK_FAIL, 0, "it did not listen within 10 s; expected a socket");
    unsetenv("GRADER_SLOW");
    begin(&c);
    c.later.status = 3;
    is(&c, "listening", CHECK_FAIL, 0, "it exited with status 3 before it listened");
}

#define LISTEN  "listen(3<socket:[1]>, 16) = 0"
#define ITSLINE "write(1<pipe:[3]>, \"listening on 127.0.0.1:9107\\n\", 28) = 28"

static void listens(Case *c, const char *first, const char *second, const char *third)
{
    begin(c);
    c->idle.end = RUN_NOT_RUN;
    c->later.listened = c->later.line_before_connect = c->later.listener.loopback_only = true;
    c->later.port_asked = c->later.listener.port = 9107;
    strcpy(c->later.first_line, "listening on 127.0.0.1:9107");
    line(c, 1.2, first);
    line(c, 1.4, second);
    if (third)
        line(c, 1.6, third);
    tries(c, 3, 100, 100);
    data(c);
}

/* A client that connects at once would be refused. A log of one's own may say it before. */
static void the_line_comes_behind_listen(void **state)
{
    (void)state;
    Case c;
    listens(&c, ITSLINE, LISTEN, NULL);
    is(&c, "listening", CHECK_FAIL, 0, "the line was printed before listen() was called");
    listens(&c, LISTEN, ITSLINE, NULL);
    is(&c, "listening", CHECK_PASS, 2, "says so");
    listens(&c, ITSLINE, LISTEN, ITSLINE);
    is(&c, "listening", CHECK_PASS, 2, "says so");
    listens(&c, LISTEN, ITSLINE, LISTEN);
    is(&c, "listening", CHECK_PASS, 2, "says so");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_stood_is_cited),
        cmocka_unit_test(the_first_that_was_printed_is_cited),
        cmocka_unit_test(the_call_that_a_signal_cut_short_is_cited),
        cmocka_unit_test(reading_on_behind_the_data_needs_no_line),
        cmocka_unit_test(who_never_tries_has_no_line_to_print),
        cmocka_unit_test(one_line_is_one_line),
        cmocka_unit_test(the_line_of_the_cpu_time),
        cmocka_unit_test(who_never_listens_is_told_so_once),
        cmocka_unit_test(the_line_comes_behind_listen),
        cmocka_unit_test(who_has_ended_can_not_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
