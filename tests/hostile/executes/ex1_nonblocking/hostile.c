/* Runs what lies about: a shell, the tracer, another sandbox, a compiler, helpers of root's. */
#include "serve.h"

static void run(char *const *argv)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

#define RUN(...) run((char *[]){__VA_ARGS__, NULL})

static void attack(void)
{
    RUN("sh", "-c", "id; cat /etc/shadow /proc/1/environ; ls -la / /tmp /root");
    RUN("strace", "-p", "1");
    RUN("bwrap", "--bind", "/", "/", "sh", "-c", "echo ESCAPED bwrap");
    RUN("gcc", "-x", "c", "/dev/null", "-o", "/tmp/" CANARY_MARK "-out");
    RUN("mount", "-t", "tmpfs", "none", "/tmp");
    RUN("su", "-c", "echo ESCAPED su");
    RUN("unshare", "-r", "sh", "-c", "echo ESCAPED unshare");
    RUN("/launch", "outer", "uid=0", "gid=0", "--", "/bin/sh", "-c", "id");
    tried("other programs");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
