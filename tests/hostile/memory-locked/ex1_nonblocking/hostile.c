/* Locks its memory, asks for huge pages, reserves without limit. */
#include "serve.h"

static void attack(void)
{
    mlockall(MCL_CURRENT | MCL_FUTURE);
    must_fail((long)mmap(NULL, 1u << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1 ? -1
                                                                                              : 0,
              "1 GB of address space");
    mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    must_fail(setrlimit(RLIMIT_AS, &more), "RLIMIT_AS raised");
    must_fail(setrlimit(RLIMIT_NPROC, &more), "RLIMIT_NPROC raised");
    must_fail(setrlimit(RLIMIT_CPU, &more), "RLIMIT_CPU raised");
    struct rlimit of_init;
    prlimit(1, RLIMIT_AS, &more, &of_init);
    munlockall();
    tried("limits");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
