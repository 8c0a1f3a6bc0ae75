#include <stdlib.h>
#include <string.h>

#include "sandbox.h"

void sandbox_info_feed(SandboxInfo *info, const char *bytes, size_t len)
{
    size_t room = sizeof info->text - 1 - info->len;
    if (len > room)
        len = room;
    memcpy(info->text + info->len, bytes, len);
    info->len += len;
    info->text[info->len] = 0;
    const char *pid = strstr(info->text, "\"child-pid\":");
    if (pid && strpbrk(pid, ",}\n"))
        info->child = (pid_t)atoi(pid + strlen("\"child-pid\":"));
    const char *end = strchr(info->text, '}');
    info->started = info->started || (end && strstr(end, "\nexec\n"));
}
