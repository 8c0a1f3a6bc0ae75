/* Types into the terminal of whoever runs the grader. */
#include "serve.h"

static void attack(void)
{
    static const char *const names[] = {"/dev/tty", "/dev/console", "/dev/tty0", "/dev/pts/0"};
    for (int fd = 0; fd < 16; fd++) {
        must_fail(ioctl(fd, TIOCSTI, "x"), "TIOCSTI");
        must_fail(ioctl(fd, TIOCSCTTY, 1), "TIOCSCTTY");
    }
    for (size_t i = 0; i < 4; i++) {
        int fd = open(names[i], O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
            continue;
        must_fail(ioctl(fd, TIOCSTI, "x"), names[i]);
        must_fail(ioctl(fd, 0x10000000000 | TIOCSTI, "x"), "TIOCSTI with a high half");
        close(fd);
    }
    must_fail(tcgetpgrp(0), "a terminal");
    tried("terminal");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
