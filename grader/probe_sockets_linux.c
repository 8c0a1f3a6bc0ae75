#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "probe.h"

enum { OWNERS_MOST = 64, SOCKETS_MOST = 8192, TABLE_MOST = 1 << 20, PAGE = 4096, ROW_MOST = 256 };

typedef struct Row {
    ProbeListener listener;
    unsigned long inode;
} Row;

typedef struct Sockets {
    unsigned long inodes[SOCKETS_MOST];
    int count;
} Sockets;

/* --- who holds which socket --- */

static void add_sockets_of(pid_t pid, Sockets *sockets)
{
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);
        target[n > 0 ? n : 0] = 0;
        if (sockets->count < SOCKETS_MOST &&
            sscanf(target, "socket:[%lu]", &sockets->inodes[sockets->count]) == 1)
            sockets->count++;
    }
    if (dir)
        closedir(dir);
}

static bool holds(const Sockets *sockets, unsigned long inode)
{
    for (int i = 0; i < sockets->count; i++)
        if (sockets->inodes[i] == inode)
            return true;
    return false;
}

static void add_family(pid_t pid, Sockets *sockets)
{
    pid_t found[OWNERS_MOST];
    int n = probe_family(pid, found, OWNERS_MOST);
    for (int i = 0; i < n; i++)
        add_sockets_of(found[i], sockets);
}

/* --- the table of sockets of a network namespace --- */

/* TCP sockets that listen or are connected; costs a hundredth of the table. -1: not known. */
static int in_use(pid_t pid, const char *file, const char *label)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *at = strstr(text, label);
    return at ? atoi(at + strlen(label)) : -1;
}

static int in_use_4(pid_t pid)
{
    return in_use(pid, "sockstat", "TCP: inuse");
}

static int in_use_6(pid_t pid)
{
    return in_use(pid, "sockstat6", "TCP6: inuse");
}

void probe_listener_at(ProbeListener *listener, int family, const void *address, int port)
{
    uint32_t words[4] = {0};
    memcpy(words, address, family == AF_INET ? 4 : sizeof words);
    /* ::ffff:127.0.0.1 is how a socket of the other family says 127.0.0.1. */
    bool mapped = family == AF_INET6 && !words[0] && !words[1] && words[2] == htonl(0xffff);
    inet_ntop(mapped ? AF_INET : family, mapped ? &words[3] : words, listener->address,
              sizeof listener->address);
    listener->loopback_only = strcmp(listener->address, "127.0.0.1") == 0;
    listener->port = port;
}

/* Addresses are printed as words in the machine's byte order. */
static bool parse_address(const char *hex, ProbeListener *listener)
{
    uint32_t words[4] = {0};
    size_t digits = strspn(hex, "0123456789ABCDEFabcdef");
    char word[9] = "";
    for (size_t i = 0; i < digits / 8 && i < 4; i++) {
        memcpy(word, hex + 8 * i, 8);
        words[i] = (uint32_t)strtoul(word, NULL, 16);
    }
    if ((digits != 8 && digits != 32) || hex[digits] != ':')
        return false;
    probe_listener_at(listener, digits == 8 ? AF_INET : AF_INET6, words,
                      (int)strtol(hex + digits + 1, NULL, 16));
    return true;
}

static bool parse_row(const char *line, Row *row)
{
    char address[64];
    unsigned state;
    *row = (Row){.inode = 0};
    return sscanf(line, " %*d: %63s %*s %x %*s %*s %*s %*s %*s %lu", address, &state,
                  &row->inode) == 3 &&
           state == 0x0a && parse_address(address, &row->listener);
}

/* Is the last row of a page in state LISTEN? */
static bool ends_listening(char *page, size_t len)
{
    Row row;
    page[len] = 0;
    while (len && page[len - 1] == '\n')
        page[--len] = 0;
    char *newline = strrchr(page, '\n');
    return parse_row(newline ? newline + 1 : page, &row);
}

/* Rows begin with those in state LISTEN. For each read(2) the kernel may walk
 * its whole hash of connections, a millisecond or so: a read that leaves room
 * in its page was the last, and one that ends in another state is enough where
 * those are all that is asked for. */
static void read_table(pid_t pid, const char *name, bool listening, Buf *table)
{
    char path[64], page[PAGE + 1];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : PAGE;
    bool more = true;
    while (more && n > (listening ? PAGE - ROW_MOST : 0) && (n = read(fd, page, PAGE)) > 0) {
        buf_add(table, page, (size_t)n);
        more = !listening || ends_listening(page, (size_t)n);
    }
    if (fd >= 0)
        close(fd);
}

/* Rows in state LISTEN, of both families; returns how many. */
static int listening_rows(pid_t pid, Row *rows, int most)
{
    Buf table;
    buf_init(&table, TABLE_MOST);
    if (in_use_4(pid))
        read_table(pid, "tcp", true, &table);
    if (in_use_6(pid))
        read_table(pid, "tcp6", true, &table);
    int n = 0;
    char *save = NULL;
    char *line = table.len ? strtok_r(table.data, "\n", &save) : NULL;
    for (; line && n < most; line = strtok_r(NULL, "\n", &save))
        n += parse_row(line, &rows[n]);
    buf_release(&table);
    return n;
}

/* --- questions --- */

enum { ROWS_MOST = 512 };

/* The quick way, where it tells all: its own are all that there are, or all that is asked
 * for. -1: it does not. */
static int borrowed(pid_t pid, bool own_only, ProbeListener *found, int most)
{
    int four = own_only ? 1 : in_use_4(pid), six = own_only ? 0 : in_use_6(pid);
    if (four == 0 && six == 0)
        return 0;
    int n = probe_borrowed_listeners(pid, found, most);
    return n > 0 && (own_only || n == four + six) ? n : -1;
}

int probe_listeners(pid_t pid, bool own_only, ProbeListener *found, int most)
{
    int quick = borrowed(pid, own_only, found, most);
    if (quick >= 0)
        return quick;
    Sockets *own = own_only ? x_calloc(1, sizeof *own) : NULL;
    Row *rows = x_calloc(ROWS_MOST, sizeof *rows);
    int count = 0;
    if (own)
        add_family(pid, own);
    int n = own && !own->count ? 0 : listening_rows(pid, rows, ROWS_MOST);
    for (int i = 0; i < n; i++) {
        if (own && !holds(own, rows[i].inode))
            continue;
        if (count < most)
            found[count] = rows[i].listener;
        count++;
    }
    free(rows);
    free(own);
    return count;
}

/* One end of a TCP connection, by its ports. */
typedef struct End {
    unsigned here, there, unacknowledged, unread;
} End;

static bool parse_end(const char *line, End *end)
{
    unsigned state;
    return sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %x %x:%x", &end->here, &end->there,
                  &state, &end->unacknowledged, &end->unread) == 5 &&
           state != 0x0a;
}

/* The ends of the connection between these ports: [0] the one at `a`. Returns how many. */
static int add_ends(pid_t pid, const char *name, int a, int b, End ends[2])
{
    Buf table;
    int n = 0;
    char *save = NULL;
    buf_init(&table, TABLE_MOST);
    read_table(pid, name, false, &table);
    char *line = table.len ? strtok_r(table.data, "\n", &save) : NULL;
    for (; line; line = strtok_r(NULL, "\n", &save)) {
        End end;
        if (!parse_end(line, &end))
            continue;
        bool at_a = end.here == (unsigned)a && end.there == (unsigned)b;
        bool at_b = end.here == (unsigned)b && end.there == (unsigned)a;
        if (at_a || at_b)
            ends[at_b] = end;
        n += at_a || at_b;
    }
    buf_release(&table);
    return n;
}

static int find_ends(pid_t pid, int a, int b, End ends[2])
{
    memset(ends, 0, 2 * sizeof *ends);
    int n = add_ends(pid, "tcp", a, b, ends);
    if (n < 2) /* a program that listens on :: has its end there */
        n += add_ends(pid, "tcp6", a, b, ends);
    return n;
}

int64_t probe_kernel_bytes(pid_t pid, int a, int b)
{
    End ends[2];
    int64_t bytes = 0;
    if (find_ends(pid, a, b, ends) == 0)
        return -1;
    for (int i = 0; i < 2; i++)
        bytes += (int64_t)ends[i].unacknowledged + ends[i].unread;
    return bytes;
}

int64_t probe_unread_bytes(pid_t pid, int port, int peer)
{
    End ends[2];
    return find_ends(pid, port, peer, ends) && ends[0].here ? (int64_t)ends[0].unread : -1;
}

static pid_t holder(unsigned long inode)
{
    Sockets *sockets = x_calloc(1, sizeof *sockets);
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; proc && !found && (entry = readdir(proc));) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        sockets->count = 0;
        add_sockets_of((pid_t)atoi(entry->d_name), sockets);
        if (holds(sockets, inode))
            found = (pid_t)atoi(entry->d_name);
    }
    if (proc)
        closedir(proc);
    free(sockets);
    return found;
}

/* A listener on every address answers there too. */
static bool answers(const ProbeListener *listener, int port)
{
    static const char *const reached[] = {"127.0.0.1", "0.0.0.0", "::"};
    for (size_t i = 0; i < sizeof reached / sizeof *reached; i++)
        if (listener->port == port && strcmp(listener->address, reached[i]) == 0)
            return true;
    return false;
}

pid_t probe_who_listens(int port)
{
    Row *rows = x_calloc(ROWS_MOST, sizeof *rows);
    int n = listening_rows(getpid(), rows, ROWS_MOST);
    pid_t found = 0;
    for (int i = 0; i < n && !found; i++)
        if (answers(&rows[i].listener, port))
            found = holder(rows[i].inode);
    free(rows);
    return found;
}

int probe_unsent_bytes(int fd)
{
    int bytes = -1;
    return ioctl(fd, SIOCOUTQNSD, &bytes) == 0 ? bytes : -1;
}
