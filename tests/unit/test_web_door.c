/* The door's thread, where the machine is short of something for a moment. */
#include "web_scratch.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "door.h"
#include "server.h"

static Fault fault;
static int failures; /* of accept4(), to come */

/* In the place of the C library's. */
int accept4(int fd, struct sockaddr *name, socklen_t *len, int flags)
{
    if (__atomic_fetch_sub(&failures, 1, __ATOMIC_RELAXED) > 0) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_accept4, fd, name, len, flags);
}

/* Whoever asks for a job that is not there is let go at once. */
static bool answers(const Scratch *scratch)
{
    char byte;
    int fd = door_call(scratch->course.socket, "watch 1\n");
    struct pollfd end = {.fd = fd, .events = POLLIN};
    bool ended = fd >= 0 && poll(&end, 1, 10000) == 1 && read(fd, &byte, 1) <= 0;
    if (fd >= 0)
        close(fd);
    return ended;
}

static void no_memory_for_a_moment(void **state)
{
    Scratch *scratch = *state;
    static Server server;
    Door door;
    server = (Server){.course = scratch->course};
    pthread_mutex_init(&server.workers.lock, NULL);
    pthread_cond_init(&server.workers.work, NULL);
    hub_init(&server.hub);
    __atomic_store_n(&failures, 2, __ATOMIC_RELAXED);
    assert_int_equal(door_open(&door, &server, &fault), 0);
    assert_true(answers(scratch));
    assert_true(answers(scratch));
    assert_true(__atomic_load_n(&failures, __ATOMIC_RELAXED) < 0);
    door_close(&door);
    door_close(&door);
    hub_release(&server.hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SCRATCH_TEST(no_memory_for_a_moment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
