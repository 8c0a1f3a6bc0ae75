/* The few files of /etc that the C library asks when a program names an address or a
 * protocol: getaddrinfo("localhost"), getprotobyname("tcp"). Ours, not the machine's:
 * what that one calls its neighbours is no submission's business. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox_linux.h"

static const struct {
    const char *name, *text;
} files[] = {
    {"hosts", "127.0.0.1 localhost sandbox\n::1 ip6-localhost ip6-loopback\n"},
    {"protocols", "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\n"},
    {"nsswitch.conf", "hosts: files\nprotocols: files\nservices: files\n"},
};

static int write_file(const char *folder, const char *name, const char *text)
{
    char *path = x_printf("%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ssize_t len = (ssize_t)strlen(text);
    int rc = fd >= 0 && write(fd, text, (size_t)len) == len ? fchmod(fd, 0644) : -1;
    if (fd >= 0)
        close(fd);
    free(path);
    return rc;
}

char *etc_make(const char *scratch, Fault *fault)
{
    char *folder = x_printf("%s/etc", scratch);
    int rc = mkdir(folder, 0755) < 0 ? -1 : chmod(folder, 0755);
    for (size_t i = 0; rc == 0 && i < sizeof files / sizeof *files; i++)
        rc = write_file(folder, files[i].name, files[i].text);
    if (rc == 0)
        return folder;
    fault_errno(fault, "can't write to %s", folder);
    free(folder);
    return NULL;
}
