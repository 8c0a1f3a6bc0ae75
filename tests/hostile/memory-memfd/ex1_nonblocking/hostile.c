/* Memory that belongs to no address space: memfds, shared segments. */
#include "serve.h"

#include <sys/shm.h>

static void attack(void)
{
    static char block[1 << 20];
    size_t got = 0;
    memset(block, 1, sizeof block);
    for (int i = 0; i < 1500; i++) {
        int fd = (int)syscall(SYS_memfd_create, "m", 0);
        if (fd < 0)
            break;
        while (lseek(fd, 0, SEEK_CUR) < 4 << 20 && write(fd, block, sizeof block) > 0)
            got += sizeof block;
    }
    for (int i = 0; i < 100; i++)
        if (shmget(IPC_PRIVATE, 16 << 20, IPC_CREAT | 0600) >= 0)
            got += 16 << 20;
    tried("memfd, shmget");
    if (got > (size_t)512 << 20)
        escaped("more than 512 MB outside every address space");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
