/* A core file of 300 MB. */
#include "serve.h"

int main(int argc, char **argv)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    must_fail(setrlimit(RLIMIT_CORE, &all), "RLIMIT_CORE raised");
    prctl(PR_SET_DUMPABLE, 1);
    static char data[300 << 20];
    memset(data, 7, sizeof data);
    listen_here(port_of(argc, argv));
    tried("core");
    abort();
}
