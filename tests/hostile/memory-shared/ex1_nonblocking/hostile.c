/* Mappings that its processes share, one of 300 MB from each of five. */
#include "serve.h"

int main(int argc, char **argv)
{
    listen_here(port_of(argc, argv));
    size_t size = 300 << 20;
    tried("shared memory");
    for (int i = 0; i < 5; i++) {
        char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (p != MAP_FAILED)
            memset(p, 1, size);
        if (fork() > 0)
            pause();
        munmap(p, size);
    }
    pause();
}
