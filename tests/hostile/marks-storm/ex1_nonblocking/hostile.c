/* As the log storm, but calls that the trace keeps: accepts, epoll objects, marks, closes. */
#include "serve.h"

#include <sys/epoll.h>

int main(int argc, char **argv)
{
    int listener = listen_here(port_of(argc, argv));
    fcntl(listener, F_SETFL, O_NONBLOCK);
    for (;;) {
        int queue = epoll_create1(0), copy = dup(listener);
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
        epoll_ctl(queue, EPOLL_CTL_ADD, copy, &event);
        write(-1, "poll 1", 6);
        accept(copy, NULL, NULL);
        close(copy);
        close(queue);
    }
}
