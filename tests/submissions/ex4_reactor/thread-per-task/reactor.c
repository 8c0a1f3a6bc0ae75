#include <arpa/inet.h>
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    pthread_t thread;
    int number, fd;
} Task;

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static void *run(void *arg)
{
    Task *task = arg;
    char buf[4096];
    ssize_t n = read(task->fd, buf, sizeof buf);
    pthread_mutex_lock(&output);
    printf("task %d: ", task->number);
    if (n > 0)
        fwrite(buf, 1, n, stdout);
    else
        puts("closed");
    if (n > 0 && buf[n - 1] != '\n')
        putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&output);
    close(task->fd);
    return NULL;
}

int main(int argc, char **argv)
{
    int n = argc > 2 ? atoi(argv[2]) : 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, 128) == -1)
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    Task *tasks = calloc(n, sizeof *tasks);
    for (int i = 0; i < n; i++) {
        tasks[i].number = i + 1;
        tasks[i].fd = accept(listener, NULL, NULL);
        pthread_create(&tasks[i].thread, NULL, run, &tasks[i]);
    }
    for (int i = 0; i < n; i++)
        pthread_join(tasks[i].thread, NULL);
    return 0;
}
