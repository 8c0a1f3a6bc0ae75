/* Fills every tmpfs that it can reach. */
#include "serve.h"

static const char *const places[] = {"/dev/shm", "/tmp",  "/run",        "/var/tmp",   "/dev",
                                     "/",        "/proc", "/submission", "/dev/mqueue"};

static void attack(void)
{
    static char block[1 << 20];
    char path[200];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t got = 0;
        for (int k = 0; k < 64; k++) {
            snprintf(path, sizeof path, "%s/" CANARY_MARK "-%d", places[i], k);
            int fd = open(path, O_WRONLY | O_CREAT, 0600);
            while (fd >= 0 && got < 300u << 20 && write(fd, block, sizeof block) > 0)
                got += sizeof block;
            close(fd);
        }
        if (got)
            escaped(places[i]);
    }
    tried("tmpfs");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
