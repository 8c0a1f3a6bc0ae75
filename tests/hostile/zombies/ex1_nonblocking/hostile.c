/* Leaves as many dead children unburied as it may have. */
#include "serve.h"

static void attack(void)
{
    int n = 0;
    tried("zombies"); /* before: where a traced fork is dear, the run may end in their midst */
    while (n < 1000 && fork() > 0)
        n++;
    if (getppid() != 1)
        _exit(0);
    if (n >= 64)
        escaped("more than 32 processes");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
