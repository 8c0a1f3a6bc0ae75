/* `grader peer FILE PORT`: what is printed, and the exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heartbeat.h"
#include "peer/solo.h"

static char path[] = "/tmp/test_solo-XXXXXX.peer", out[8192], err[1024];
static int port;

/* Answers once with a coloured word, and ends when its client does. */
static void serve(int listener)
{
    char bytes[64];
    int fd = accept(listener, NULL, NULL);
    if (read(fd, bytes, sizeof bytes) > 0 && write(fd, "\033[31mred\n", 9) == 9)
        while (read(fd, bytes, sizeof bytes) > 0)
            continue;
}

static pid_t start_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    port = ntohs(address.sin_port);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
        _exit(0);
    }
    close(listener);
    return pid;
}

static void slurp(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

static int play(const char *script)
{
    FILE *file = fopen(path, "w"), *to = tmpfile(), *errors = tmpfile();
    fputs(script, file);
    fclose(file);
    int status = solo_play(path, port, to, errors);
    slurp(to, out, sizeof out);
    slurp(errors, err, sizeof err);
    return status;
}

static void says(const char *what)
{
    if (!strstr(out, what))
        fail_msg("\"%s\" is missing in:\n%s", what, out);
}

static void all_goes_well(void **state)
{
    (void)state;
    pid_t pid = start_server();
    char line[64];
    int status = play("title \"A try\"\nburn 1ms\nA connect\n  A send \"x\" # why\n"
                      "A expect \"\\x1b[31mred\\n\"\nsettle\nwatch 20ms\nA close\nexit 5s\n");
    assert_int_equal(status, 0); /* though nobody has asked after the server: it is a zombie */
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    snprintf(line, sizeof line, "process %d listens on port %d", (int)pid, port);
    says("A try\n");
    says(line);
    says("A send \"x\" # why     ");
    says("A got 9 bytes: \"\\x1b[31mred\\n\"");
    says("wake-ups a second");
    says("burn and limit are done by grader run alone");
    says("all 7 steps went as the script wants");
    assert_null(strchr(out, '\033'));
    assert_string_equal(err, "");
}

static void a_step_fails(void **state)
{
    (void)state;
    pid_t pid = start_server();
    assert_int_equal(play("A connect\nA send \"x\"\nA expect \"green\" 5s\nA close\n"), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    says("FAILED\n");
    says(".peer:3: A expected \"green\", got \"\\x1b[31mred\\n\"");
    says("not as the script wants, first at line 3");
}

static void nobody_is_there(void **state)
{
    (void)state;
    /* `port` is that of a server which has gone. */
    assert_int_equal(play("A connect\nexit\n"), 3);
    says(".peer:1: A could not connect to 127.0.0.1:");
    says("is the program running?");
}

static void the_script_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(play("A connect\nA dance\n"), 2);
    assert_string_equal(out, "");
    assert_non_null(strstr(err, ".peer:2: no verb or setting is called \"dance\"\n"));
    assert_int_equal(solo_play("/nowhere/at/all.peer", 1, stdout, stderr), 2);
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 5);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    heartbeat_stop();
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_goes_well),
        cmocka_unit_test(a_step_fails),
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(the_script_is_wrong),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
