/* Empty files without end: a tmpfs is bounded in bytes, not in files. */
#include "serve.h"

static void attack(void)
{
    static const char *const places[] = {"/tmp", "/dev/shm", "/dev", "/run", "/var/tmp"};
    char path[200];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (int k = 0; k < 20000; k++) {
            snprintf(path, sizeof path, "%s/" CANARY_MARK "-%d", places[i], k);
            int fd = open(path, O_WRONLY | O_CREAT, 0600);
            if (fd < 0)
                break;
            close(fd);
            if (k == 19999)
                escaped(places[i]);
        }
    tried("inodes");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
