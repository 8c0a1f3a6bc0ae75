/*
 * A program for the sandbox to run: its first argument says which one thing it
 * does, and it prints what came of it. The tests compile it with cc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
extern char **environ;
static int hello(void)
{
    puts("hello");
    return 7;
}
static int network(void)
{
    char line[512];
    FILE *devices = fopen("/proc/net/dev", "r");
    while (devices && fgets(line, sizeof line, devices))
        if (strchr(line, ':'))
            printf("%.*s ", (int)(strchr(line, 58) - line), line);
    return 0;
}

static void try_file(const char *p)
{
    int f = open(p, O_WRONLY | O_CREAT, 0600);
    printf("%s %s\n", p, f < 0 ? "refused" : "WRITTEN");
}
static int writes(void)
{
    const char *p[] = {"/x",
                       "/tmp/x",
                       "/dev/x",
                       "/dev/shm/x",
                       "/usr/x",
                       "/prog/x",
                       "/proc/sys/kernel/hostname",
                       "/launch",
                       "/proc/x"};
    for (int i = 0; i < 9; i++)
        try_file(p[i]);
    return 0;
}
static void list(const char *p)
{
    DIR *d = opendir(p);
    struct dirent *e;
    printf("%s:", p);
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            printf(" %s", e->d_name);
    puts("");
    if (d)
        closedir(d);
}
static int view(void)
{
    list("/");
    list("/prog");
    list("/tmp");
    list("/home");
    list("/root");
    list("/etc");
    for (char **e = environ; *e; e++)
        puts(*e);
    int f = open("/proc/1/environ", O_RDONLY);
    char b[4096];
    long n = f < 0 ? 0 : read(f, b, sizeof b);
    printf("init %ld\n", n);
    close(f);
    list("/proc/self/fd");
    printf("uid %d pid %d\n", getuid(), getpid());
    int c = 0;
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d)))
        c += atoi(e->d_name) > 0;
    printf("processes %d\n", c);
    return 0;
}
static int forks(void)
{
    int n = 0;
    pid_t p;
    while (n < 200 && (p = fork()) >= 0) {
        if (!p) {
            pause();
            _exit(0);
        }
        n++;
    }
    printf("forks %d\n", n);
    fflush(stdout);
    kill(-1, SIGKILL);
    return 0;
}
static int daemons(void)
{
    for (int i = 0; i < 3; i++)
        if (!fork()) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            if (!fork())
                for (;;)
                    sleep(1);
            _exit(0);
        }
    puts("up");
    fflush(stdout);
    for (;;)
        sleep(1);
}
static int listens(void)
{
    int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_port = htons(9000);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bind(l, (void *)&a, sizeof a);
    listen(l, 9);
    puts("listening");
    fflush(stdout);
    for (;;) {
        int c = accept(l, 0, 0);
        char b[64];
        long n = read(c, b, sizeof b);
        if (write(c, b, n) < 0)
            return 1;
        close(c);
    }
}
static const char *said(long rc)
{
    return rc >= 0 ? "ALLOWED" : strerrorname_np(errno);
}
static int calls(void)
{
    char io[256] = {0};
    printf("ptrace %s\n", said(ptrace(PTRACE_TRACEME, 0, 0, 0)));
    printf("io_uring %s\n", said(syscall(SYS_io_uring_setup, 1, io)));
    printf("bpf %s\n", said(syscall(SYS_bpf, 0, io, 0)));
    printf("unshare %s\n", said(unshare(CLONE_NEWUSER)));
    printf("clone %s\n", said(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)));
    printf("untraced %s\n", said(syscall(SYS_clone, 0x00800000 | SIGCHLD, 0, 0, 0, 0)));
    printf("clone3 %s\n", said(syscall(435, io, 88)));
    printf("mount %s\n", said(syscall(SYS_mount, "a", "/", "tmpfs", 0, 0)));
    printf("keyctl %s\n", said(syscall(SYS_keyctl, 0, 0, 0, 0, 0)));
    printf("sti %s\n", said(ioctl(0, TIOCSTI, "x")));
    printf("seccomp %s\n", said(syscall(SYS_seccomp, 0, 0, 0)));
    printf("memfd %s\n", said(memfd_create("m", 0)));
    printf("shmget %s\n", said(syscall(SYS_shmget, 0, 4096, 0600)));
    printf("unix %s\n", said(socket(AF_UNIX, SOCK_STREAM, 0)));
    printf("inet %s\n", said(socket(AF_INET, SOCK_STREAM, 0)));
    printf("inet6 %s\n", said(socket(AF_INET6, SOCK_STREAM, 0)));
    printf("netlink %s\n", said(socket(AF_NETLINK, SOCK_RAW, 0)));
    printf("packet %s\n", said(socket(AF_PACKET, SOCK_RAW, 0)));
    printf("vsock %s\n", said(socket(40, SOCK_STREAM, 0)));
    printf("high %s\n", said(syscall(SYS_socket, 0x100000010L, SOCK_RAW, 0)));
    printf("family11 %s\n", said(socket(11, SOCK_STREAM, 0)));
    printf("raw %s\n", said(socket(AF_INET, SOCK_RAW, 1)));
    return 0;
}
static int limits(void)
{
    struct rlimit r;
    int w[] = {RLIMIT_AS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_CPU};
    for (int i = 0; i < 6; i++) {
        getrlimit(w[i], &r);
        printf("%lu ", (unsigned long)r.rlim_cur);
    }
    struct sigaction s;
    sigset_t m;
    sigaction(SIGPIPE, 0, &s);
    sigprocmask(0, 0, &m);
    printf("pipe %s mask %d\n", s.sa_handler == SIG_DFL ? "default" : "OTHER",
           sigismember(&m, SIGTERM));
    return 0;
}
static int cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    printf("%ld\n", t.tv_sec * 1000000 + t.tv_nsec / 1000);
    return 0;
}
/* Until every child has its memory or was killed for it, however long that takes here. */
static int memory(void)
{
    enum { MIB = 1 << 20, CHILDREN = 12 };
    int ends[2], settled = 0;
    char byte;
    if (pipe2(ends, O_NONBLOCK) < 0)
        return 1;
    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0) {
            char *bytes = malloc(24 * MIB);
            memset(bytes, 1, 24 * MIB);
            if (write(ends[1], "x", 1) == 1)
                pause();
        }
    for (int looks = 0; settled < CHILDREN && looks < 5000; looks++, usleep(10000)) {
        while (read(ends[0], &byte, 1) == 1)
            settled++;
        while (waitpid(-1, NULL, WNOHANG) > 0)
            settled++;
    }
    puts("done");
    return 0;
}
static void on_signal(int s)
{
    (void)s;
}
static void *idle(void *p)
{
    for (;;)
        pause();
    return p;
}
static int sleeps(void)
{
    pthread_t t;
    signal(SIGUSR1, on_signal);
    pthread_create(&t, 0, idle, 0);
    puts("up");
    fflush(stdout);
    for (;;)
        pause();
}
static int spins(void)
{
    puts("up");
    fflush(stdout);
    for (volatile long i = 0; i < 2000000000L; i++)
        ;
    return 0;
}
static int breeds(void)
{
    if (!fork())
        return spins();
    for (;;)
        pause();
}
static int orphans(void)
{
    if (!fork()) {
        if (!fork())
            return spins();
        _exit(0);
    }
    for (wait(NULL);;)
        pause();
}
static int names(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    struct protoent *tcp = getprotobyname("tcp");
    int rc = getaddrinfo("localhost", "80", &hints, &found);
    char address[64] = "";
    if (!rc)
        inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, address, 64);
    printf("localhost %s, tcp %d\n", rc ? gai_strerror(rc) : address, tcp ? tcp->p_proto : -1);
    return 0;
}
static int naps(void)
{
    puts("up");
    fflush(stdout);
    for (int i = 0; i < 1000; i++)
        usleep(5000);
    return 0;
}
static int crash(void)
{
    raise(SIGSEGV);
    return 0;
}
int main(int argc, char **argv)
{
    struct {
        const char *n;
        int (*f)(void);
    } t[] = {{"hello", hello},   {"network", network}, {"writes", writes},   {"view", view},
             {"forks", forks},   {"daemons", daemons}, {"listens", listens}, {"calls", calls},
             {"limits", limits}, {"cpu", cpu},         {"memory", memory},   {"sleeps", sleeps},
             {"spins", spins},   {"naps", naps},       {"crash", crash},     {"breeds", breeds},
             {"names", names},   {"orphans", orphans}};
    for (unsigned i = 0; argc > 1 && i < sizeof t / sizeof *t; i++)
        if (!strcmp(argv[1], t[i].n))
            return t[i].f();
    return 99;
}
