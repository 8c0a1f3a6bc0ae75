/* Memory in the kernel: full socket pairs and pipes, and descriptors of them in flight. */
#include "serve.h"

static void attack(void)
{
    static char block[212000];
    int pair[2];
    size_t got = 0;
    tried("socket buffers");
    for (int i = 0; i < 900 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0; i++) {
        ssize_t n = send(pair[0], block, sizeof block, MSG_DONTWAIT);
        got += n > 0 ? (size_t)n : 0;
    }
    while (pipe2(pair, O_NONBLOCK) == 0) {
        fcntl(pair[1], F_SETPIPE_SZ, 1 << 20);
        got += write(pair[1], block, sizeof block) > 0 ? sizeof block : 0;
    }
    dprintf(2, "%zu MB in buffers\n", got >> 20);
    close_range(3, ~0u, 0);
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
