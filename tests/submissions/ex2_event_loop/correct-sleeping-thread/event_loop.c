#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"

static int start_server(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof a;

    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 16) != 0) {
        perror("server");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static const char *text;
static size_t size;

static void *printer(void *unused)
{
    pthread_mutex_lock(&lock);
    while (!text)
        pthread_cond_wait(&filled, &lock);
    fwrite(text, 1, size, stdout);
    if (text[size - 1] != '\n')
        putchar('\n');
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(int argc, char **argv)
{
    int server = start_server(argc > 1 ? atoi(argv[1]) : 9000);
    int client = accept(server, NULL, NULL), ep = epoll_create1(0), ready;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = client};
    pthread_t thread;
    char data[4096];
    ssize_t n;

    pthread_create(&thread, NULL, printer, NULL);
    epoll_ctl(ep, EPOLL_CTL_ADD, client, &e);
    do
        ready = epoll_pwait(ep, &e, 1, -1, NULL);
    while (ready < 0 && errno == EINTR);
    n = read(client, data, sizeof data);
    if (n <= 0)
        return 1;
    pthread_mutex_lock(&lock);
    text = data;
    size = n;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    printf("cpu_us %ld\n", cpu_us());
    return 0;
}
