#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu.h"

int server_start(int port);
int poller_wait_readable(int fd);

int main(int argc, char **argv)
{
    int client = server_start(argc > 1 ? atoi(argv[1]) : 9000);
    char data[1024];

    poller_wait_readable(client);
    ssize_t n = read(client, data, sizeof data);
    if (n <= 0)
        return 1;
    fwrite(data, 1, n, stdout);
    printf("\ncpu_us %ld\n", cpu_us());
    return 0;
}
