/* Two thousand listeners, none of them the right one, and each connection reset. */
#include "serve.h"

int main(int argc, char **argv)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    for (int i = 0; i < 1900; i++) {
        int fd = socket(AF_INET6, SOCK_STREAM, 0);
        bind(fd, (struct sockaddr *)&any, sizeof any);
        listen(fd, 1);
    }
    (void)argc;
    (void)argv;
    for (;;)
        pause();
}
