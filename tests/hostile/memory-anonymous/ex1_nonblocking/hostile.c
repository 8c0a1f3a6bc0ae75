/* Six processes that each touch as much memory as they are given, 400 MB at most. */
#include "serve.h"

static void eat(void)
{
    for (size_t all = 0; all < (size_t)400 << 20; all += 1 << 20) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            break;
        memset(p, 1, 1 << 20);
    }
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    listen_here(port_of(argc, argv));
    tried("anonymous memory");
    for (int i = 0; i < 5; i++)
        if (fork() == 0)
            eat();
    eat();
}
