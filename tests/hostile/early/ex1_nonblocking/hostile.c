/* Attacks before main: constructors, an interpreter of its own choice left aside. */
#include "serve.h"

__attribute__((constructor(101))) static void before(void)
{
    tried("constructor");
    must_fail(open("/etc/shadow", O_RDONLY), "/etc/shadow");
    kill(-1, SIGKILL);
    kill(getppid(), SIGKILL);
}

__attribute__((destructor)) static void behind(void)
{
    for (int i = 0; i < 4; i++)
        fork();
    kill(getppid(), SIGKILL);
}

static void attack(void)
{
    write(1, "\xff\xfe\xc3\x28\xed\xa0\x80", 7);
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
