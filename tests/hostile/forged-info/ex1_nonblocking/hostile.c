/* Tells the grader, on every descriptor there is, that it began well or is someone else. */
#include "serve.h"

static void attack(void)
{
    static const char text[] = "{ \"child-pid\": 1 }\nexec\nfailed 2\n";
    for (int fd = 3; fd < 4096; fd++)
        must_fail(write(fd, text, sizeof text - 1), "a descriptor was left open");
    char path[64];
    for (int pid = 1; pid < 6; pid++)
        for (int fd = 3; fd < 32; fd++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
            int other = open(path, O_WRONLY | O_NONBLOCK);
            if (other >= 0 && other > 2)
                must_fail(write(other, text, sizeof text - 1), path);
            close(other);
        }
    dprintf(2, "grader-launch: exec: No space left on device\nbwrap: Can't mount proc\n");
    tried("info");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
