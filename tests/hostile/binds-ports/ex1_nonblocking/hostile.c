/* Takes every port that a grader might want, on every address. */
#include "serve.h"

static void take(int type, int port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, type, 0);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) == 0 && type == SOCK_STREAM)
        listen(fd, 1);
}

static void attack(void)
{
    tried("ports");
    for (int port = 9001; port < 9900; port++)
        take(SOCK_STREAM, port);
    for (int port = 1; port < 1000; port++)
        take(SOCK_STREAM, port);
    take(SOCK_STREAM, CANARY_PORT);
    take(SOCK_DGRAM, 53);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; i < 5; i++)
        close(fd - i);
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
