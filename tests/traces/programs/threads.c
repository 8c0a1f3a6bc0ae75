/* Calls of several threads in one another's way: a read blocked in one while
 * another writes, a timed futex, a fork out of a thread, an exit_group. */
#include "common.h"

static int peer, conn, pair[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *reader(void *none)
{
    char buf[64];
    read(conn, buf, sizeof buf);
    read(conn, buf, sizeof buf);
    return none;
}

static void *sleeper(void *none)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 3000000;
    if (until.tv_nsec >= 1000000000)
        until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&mutex);
    pthread_cond_timedwait(&never, &mutex, &until);
    pthread_cond_wait(&never, &mutex);
    return none;
}

static void *forker(void *none)
{
    if (fork() == 0) {
        write(pair[1], "child", 5);
        close(pair[1]);
        _exit(7);
    }
    return none;
}

int main(void)
{
    char buf[64];
    struct sockaddr_in at;
    int listener = listener_new(&at);
    peer = peer_new(&at);
    conn = accept(listener, NULL, NULL);
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    pthread_t first, second, third;
    pthread_create(&first, NULL, reader, NULL);
    pthread_create(&second, NULL, sleeper, NULL);
    pthread_create(&third, NULL, forker, NULL);
    rest(20);
    write(peer, "hello", 5);
    rest(5);
    read(pair[0], buf, sizeof buf);
    pthread_join(third, NULL);
    wait(NULL);
    shutdown(peer, SHUT_WR);
    pthread_join(first, NULL);
    exit(0);
}
