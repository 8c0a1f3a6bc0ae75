/* Threads without end, each of which makes threads. */
#include "serve.h"

#include <pthread.h>

static void *more(void *arg)
{
    pthread_t thread;
    for (;;)
        pthread_create(&thread, NULL, more, arg);
}

int main(void)
{
    tried("thread bomb");
    more(NULL);
}
