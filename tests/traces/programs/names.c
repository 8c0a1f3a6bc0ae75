/* One open file under several names, and a child that has its own. */
#include "common.h"

int main(void)
{
    char buf[16];
    struct sockaddr_in at;
    int listener = listener_new(&at);
    int peer = peer_new(&at);
    int conn = accept(listener, NULL, NULL);
    int again = dup(conn);
    dup2(conn, 20);
    dup2(20, 20);
    dup3(conn, 21, O_CLOEXEC);
    int more = fcntl(conn, F_DUPFD, 30);
    int last = fcntl(conn, F_DUPFD_CLOEXEC, 30);
    fcntl(conn, F_GETFD);
    write(peer, "abc", 3);
    read(21, buf, 1);
    close(conn);
    read(more, buf, 1);
    close(conn);
    pid_t child = fork();
    if (child == 0) {
        close(again);
        read(last, buf, 1);
        close(last);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    close(20);
    dup2(listener, 21);
    syscall(SYS_close_range, 30, 40, 0);
    close(again);
    conn = open("/dev/null", O_RDONLY);
    read(conn, buf, 1);
    close(conn);
    return 0;
}
