/* The same without the pipes, under another name, as a subreaper's child. */
#include "serve.h"

int main(int argc, char **argv)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, 0);
    tried("quiet daemons");
    if (fork() == 0) {
        setsid();
        prctl(PR_SET_NAME, "systemd");
        for (int fd = 0; fd < 100; fd++)
            close(fd);
        for (int i = 0; i < 10; i++)
            fork();
        for (;;)
            sleep(1000);
    }
    return serve(argc, argv);
}
