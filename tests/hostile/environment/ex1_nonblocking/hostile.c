/* Secrets of the environment it was started with. */
#include "serve.h"

extern char **environ;

static void attack(void)
{
    for (char **e = environ; *e; e++)
        dprintf(2, "%s\n", *e);
    if (getenv("HOSTILE_SECRET"))
        escaped("HOSTILE_SECRET");
    for (int pid = 1; pid < 8; pid++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/environ", pid);
        show(path);
        snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
        show(path);
    }
    tried("environment");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
