/* Fills the tracer's log: traced calls as fast as they go, with long strings, in threads. */
#include "serve.h"

#include <pthread.h>
#include <sys/uio.h>

static void *storm(void *arg)
{
    char long_string[4096];
    memset(long_string, '\"', sizeof long_string);
    for (;;) {
        write(-1, long_string, sizeof long_string);
        close(-1);
        writev(-1, &(struct iovec){long_string, 4096}, 1);
    }
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, storm, NULL);
    return serve(argc, argv);
}
