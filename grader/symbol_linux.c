#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/path.h"
#include "symbol.h"
#include "symbol_linux.h"

enum {
    ANSWER_MS = 8000, /* bounded in CPU time, it takes so long only where it has no core */
    CACHE = 512,
    HELPER_CPU_S = 3,
    HELPER_BYTES = 512 << 20,
    NOBODY = 65534
};

typedef struct Known {
    uint64_t offset;
    int count;
    SourceLine lines[SYMBOL_FRAMES]; /* of the submission; file is owned */
} Known;

struct Symbols {
    char *folder, *name; /* name: of the binary's file */
    pid_t helper;
    int channel; /* -1: it failed once; no more questions */
    Known *known;
    int n_known;
};

/* --- the helper's beginning --- */

/* Above what the grader's image takes already, sanitizers' shadows included. */
static void bound(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + HELPER_BYTES;
    setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes});
    setrlimit(RLIMIT_CPU, &(struct rlimit){HELPER_CPU_S, HELPER_CPU_S});
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
}

static void drop_root(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) < 0))
        _exit(1);
}

/* Only the two descriptors are kept: others are ends of pipes that someone
 * waits to see closed. Signals are blocked by our caller until their handlers,
 * which are the grader's, are gone. */
static _Noreturn void helper(int binary, int channel, pid_t parent)
{
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    signal(SIGINT, SIG_IGN);
    binary = fcntl(binary, F_DUPFD, 20);
    channel = fcntl(channel, F_DUPFD, 20);
    dup2(binary, 3);
    dup2(channel, 4);
    if (syscall(SYS_close_range, 5u, ~0u, 0) != 0)
        for (int fd = 5; fd < 4096; fd++)
            close(fd);
    bound();
    drop_root();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    symbol_confine(); /* without it the other bounds hold */
    symbol_serve(3, 4);
    _exit(0);
}

static pid_t start_helper(int binary, int channel)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        helper(binary, channel, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* --- asking --- */

static void give_up(Symbols *symbols)
{
    if (symbols->channel >= 0)
        close(symbols->channel);
    symbols->channel = -1;
    if (symbols->helper > 0) {
        kill(symbols->helper, SIGKILL);
        while (waitpid(symbols->helper, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    symbols->helper = 0;
}

static bool receive(Symbols *symbols, SymbolAnswer *answer)
{
    int64_t deadline = clock_mono_ns() + clock_limit_ms(ANSWER_MS) * NS_PER_MS, left;
    struct pollfd ready = {symbols->channel, POLLIN, 0};
    int n = 0;
    do {
        left = (deadline - clock_mono_ns()) / NS_PER_MS + 1;
        n = left > 0 ? poll(&ready, 1, (int)left) : 0;
    } while (n < 0 && errno == EINTR);
    if (n == 1 &&
        recv(symbols->channel, answer, sizeof *answer, MSG_DONTWAIT) == (ssize_t)sizeof *answer)
        return true;
    give_up(symbols);
    return false;
}

static bool ask(Symbols *symbols, uint64_t offset, SymbolAnswer *answer)
{
    if (symbols->channel < 0)
        return false;
    if (send(symbols->channel, &offset, sizeof offset, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        (ssize_t)sizeof offset) {
        give_up(symbols);
        return false;
    }
    return receive(symbols, answer);
}

/* Of an answer what names plain files of the copied folder. */
static void keep_own(const Symbols *symbols, SymbolAnswer *answer, Known *known)
{
    for (int i = 0; i < answer->count && i < SYMBOL_FRAMES; i++) {
        char *name = answer->frames[i].file;
        name[SYMBOL_NAME - 1] = 0;
        char *file = answer->frames[i].line > 0 ? path_below("/src", name) : NULL;
        if (file && path_plain_file(symbols->folder, file))
            known->lines[known->count++] = (SourceLine){file, answer->frames[i].line};
        else
            free(file);
    }
}

/* A run asks for the same few places again and again. */
static const Known *look_up(Symbols *symbols, uint64_t offset)
{
    SymbolAnswer answer;
    for (int i = 0; i < symbols->n_known; i++)
        if (symbols->known[i].offset == offset)
            return &symbols->known[i];
    if (symbols->n_known == CACHE || !ask(symbols, offset, &answer))
        return NULL;
    Known *known = &symbols->known[symbols->n_known++];
    *known = (Known){.offset = offset};
    keep_own(symbols, &answer, known);
    return known;
}

/* --- the contract --- */

Symbols *symbols_open(const char *binary, const char *folder)
{
    int ends[2] = {-1, -1}, fd = open(binary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    const char *slash = strrchr(binary, '/');
    Symbols *symbols = x_calloc(1, sizeof *symbols);
    *symbols = (Symbols){.folder = x_strdup(folder),
                         .name = x_strdup(slash ? slash + 1 : binary),
                         .channel = ends[0],
                         .known = x_calloc(CACHE, sizeof(Known))};
    symbols->helper = start_helper(fd, ends[1]);
    close(fd);
    close(ends[1]);
    SymbolAnswer hello;
    if (symbols->helper > 0 && receive(symbols, &hello) && hello.count == 1)
        return symbols;
    symbols_close(symbols);
    return NULL;
}

void symbols_close(Symbols *symbols)
{
    if (!symbols)
        return;
    give_up(symbols);
    for (int i = 0; i < symbols->n_known; i++)
        for (int k = 0; k < symbols->known[i].count; k++)
            free((char *)symbols->known[i].lines[k].file);
    free(symbols->known);
    free(symbols->folder);
    free(symbols->name);
    free(symbols);
}

int symbols_resolve(void *context, const char *module, uint64_t offset, SourceLine *lines, int most)
{
    Symbols *symbols = context;
    const char *slash = strrchr(module, '/');
    if (strcmp(slash ? slash + 1 : module, symbols->name) != 0 || offset == 0)
        return 0;
    const Known *known = look_up(symbols, offset - 1);
    int count = known ? known->count : 0;
    if (count > most)
        count = most;
    for (int i = 0; i < count; i++)
        lines[i] = known->lines[i];
    return count;
}
