/* A core file of 100 MB. It listens first: filling the memory is slow where a
 * dozen runs do it at once, and a run that does not listen in time ends early. */
#include "serve.h"

int main(int argc, char **argv)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    must_fail(setrlimit(RLIMIT_CORE, &all), "RLIMIT_CORE raised");
    prctl(PR_SET_DUMPABLE, 1);
    static char data[100 << 20];
    listen_here(port_of(argc, argv));
    memset(data, 7, sizeof data);
    tried("core");
    abort();
}
