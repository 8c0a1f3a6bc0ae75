#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu.h"
#include "nap.h"
#include "net.h"

int main(int argc, char **argv)
{
    int server = net_listen(argc > 1 ? atoi(argv[1]) : 9000);
    int client = net_accept(server);
    char data[1024];
    ssize_t n;

    if (client < 0) {
        perror("nonblocking");
        return 1;
    }
    while ((n = read(client, data, sizeof data)) < 0) {
        if (errno == EAGAIN) {
            puts("WouldBlock");
            nap(100);
        } else if (errno != EINTR) {
            perror("read");
            return 1;
        }
    }
    if (n == 0)
        return 1;
    fwrite(data, 1, n, stdout);
    if (data[n - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    return 0;
}
