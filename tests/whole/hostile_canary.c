#include "hostile.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which secret lies where. */
enum { SECRET_PRIVATE, SECRET_READABLE, SECRET_OF_ROOT, SECRET_OTHERS, SECRET_DB, SECRET_VARIABLE };

/* --- secrets --- */

static void make_secret(char *text, size_t size)
{
    unsigned char bytes[12];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        die("getrandom");
    int n = snprintf(text, size, "s3cr3t");
    for (size_t i = 0; i < sizeof bytes; i++)
        n += snprintf(text + n, size - (size_t)n, "%02x", bytes[i]);
}

/* The text is an error of a C program, which a compiler would quote. */
static void put(const char *path, const char *secret, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 || fchmod(fd, mode) < 0)
        die(path);
    dprintf(fd, "%s %s;\n#error %s\n", secret, secret, secret);
    close(fd);
}

static void make_files(Canary *c, const char *scratch)
{
    char folder[PATH];
    snprintf(c->files[SECRET_PRIVATE], PATH, "%s/private", scratch);
    snprintf(c->files[SECRET_READABLE], PATH, "/tmp/%s-readable", c->mark);
    snprintf(c->files[SECRET_OTHERS], PATH, "%s/other/ex1_nonblocking/secret.c", scratch);
    snprintf(c->files[SECRET_DB], PATH, "%s/class.db", scratch);
    snprintf(c->files[SECRET_OF_ROOT], PATH, "%s/%s", geteuid() == 0 ? "/root" : scratch, c->mark);
    snprintf(folder, sizeof folder, "%s/other", scratch);
    mkdir(folder, 0755);
    snprintf(folder, sizeof folder, "%s/other/ex1_nonblocking", scratch);
    mkdir(folder, 0755);
    put(c->files[SECRET_PRIVATE], c->secrets[SECRET_PRIVATE], 0600);
    put(c->files[SECRET_READABLE], c->secrets[SECRET_READABLE], 0644);
    put(c->files[SECRET_OF_ROOT], c->secrets[SECRET_OF_ROOT], 0644);
    put(c->files[SECRET_OTHERS], c->secrets[SECRET_OTHERS], 0644);
    put(c->files[SECRET_DB], c->secrets[SECRET_DB], 0644);
}

bool canary_in(const Canary *canary, const char *bytes, size_t len)
{
    for (int i = 0; i < SECRETS; i++)
        if (memmem(bytes, len, canary->secrets[i], strlen(canary->secrets[i])))
            return true;
    return false;
}

/* --- what listens --- */

static int bound_socket(int type, int *port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t len = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(fd, (struct sockaddr *)&here, len) < 0 || (type == SOCK_STREAM && listen(fd, 8) < 0) ||
        getsockname(fd, (struct sockaddr *)&here, &len) < 0)
        die("a listener");
    *port = ntohs(here.sin_port);
    return fd;
}

static int unix_socket(const char *path, bool abstract)
{
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(here.sun_path + abstract, sizeof here.sun_path - 1, "%s", path);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
    if (bind(fd, (struct sockaddr *)&here, len) < 0 || listen(fd, 8) < 0)
        die(path);
    if (!abstract)
        chmod(path, 0777);
    return fd;
}

static void make_listeners(Canary *c, const char *scratch)
{
    snprintf(c->socket, sizeof c->socket, "%s/socket", scratch);
    c->port = 0;
    c->listener = bound_socket(SOCK_STREAM, &c->port);
    c->udp = bound_socket(SOCK_DGRAM, &c->port);
    c->local = unix_socket(c->socket, false);
    c->abstract = unix_socket(c->socket, true);
}

/* --- all of them --- */

static pid_t make_process(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    while (getppid() == parent)
        sleep(1);
    _exit(0);
}

void canary_make(Canary *c, const char *scratch)
{
    *c = (Canary){0};
    snprintf(c->mark, sizeof c->mark, "canary%d", (int)getpid());
    for (int i = 0; i < SECRETS; i++)
        make_secret(c->secrets[i], sizeof c->secrets[i]);
    setenv("HOSTILE_SECRET", c->secrets[SECRET_VARIABLE], 1);
    make_files(c, scratch);
    make_listeners(c, scratch);
    c->process = make_process();
}

void canary_header(const Canary *c, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        die(path);
    fprintf(file, "#define CANARY_MARK \"%s\"\n#define CANARY_PORT %d\n", c->mark, c->port);
    fprintf(file, "#define CANARY_PID %d\n#define CANARY_SOCKET \"%s\"\n", (int)c->process,
            c->socket);
    for (int i = 0; i < SECRET_VARIABLE; i++)
        fprintf(file, "#define CANARY_FILE_%d \"%s\"\n", i, c->files[i]);
    fputs("#define CANARY_FILES {CANARY_FILE_0, CANARY_FILE_1, CANARY_FILE_2, CANARY_FILE_3, "
          "CANARY_FILE_4}\n",
          file);
    fclose(file);
}

void canary_variables(const Canary *c)
{
    char port[16], folder[PATH];
    snprintf(port, sizeof port, "%d", c->port);
    snprintf(folder, sizeof folder, "%s", c->files[SECRET_OTHERS]);
    *strrchr(folder, '/') = 0;
    setenv("CANARY_MARK", c->mark, 1);
    setenv("CANARY_PORT", port, 1);
    setenv("CANARY_SECRET", c->files[SECRET_PRIVATE], 1);
    setenv("CANARY_READABLE", c->files[SECRET_READABLE], 1);
    setenv("CANARY_FOLDER", folder, 1);
}

void canary_check(Canary *c)
{
    const int fds[] = {c->listener, c->local, c->abstract};
    char byte;
    for (int i = 0, fd; i < 3; i++)
        if ((fd = accept(fds[i], NULL, NULL)) >= 0) {
            complain("a listener of the host was reached (%d)", i);
            close(fd);
        }
    if (recv(c->udp, &byte, 1, MSG_DONTWAIT) >= 0)
        complain("a packet reached the host");
    if (waitpid(c->process, NULL, WNOHANG) != 0)
        complain("a process of the host has ended");
    for (int i = 0; i < SECRET_VARIABLE; i++) {
        Bytes bytes = read_file(c->files[i]);
        if (!bytes.data || !canary_in(c, bytes.data, bytes.len))
            complain("%s was changed", c->files[i]);
        free(bytes.data);
    }
}

void canary_remove(Canary *c)
{
    unlink(c->files[SECRET_READABLE]);
    unlink(c->files[SECRET_OF_ROOT]);
    if (c->process > 0)
        kill(c->process, SIGKILL);
    waitpid(c->process, NULL, 0);
}
