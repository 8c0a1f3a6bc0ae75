/* Recurses until the stack ends, then on an alternate stack of 400 MB. */
#include "serve.h"

static volatile int depth;

__attribute__((noinline)) static int down(volatile char *above)
{
    volatile char here[4096];
    here[0] = above[0];
    depth++;
    return down(here) + here[1];
}

static void again(int signal)
{
    (void)signal;
    volatile char here[64] = "";
    down(here);
}

int main(int argc, char **argv)
{
    listen_here(port_of(argc, argv));
    stack_t other = {.ss_size = 400u << 20};
    other.ss_sp =
        mmap(NULL, other.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_handler = again, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigaltstack(&other, NULL);
    sigaction(SIGSEGV, &action, NULL);
    tried("recursion");
    again(0);
}
