/* Every call of it has its place in another's file: what is cited must not be quoted. */
#include "serve.h"

#line 1 "/etc/shadow"
static int serve_wrongly(int argc, char **argv)
{
    char data[100];
    int listener = listen_here(port_of(argc, argv));
#line 1 CANARY_FILE_0
    int fd = accept(listener, 0, 0);
    tried("#line");
#line 1 CANARY_FILE_1
    return read(fd, data, sizeof data) > 0;
}
#line 1 "../../../../../etc/passwd"
int main(int argc, char **argv)
{
    return serve_wrongly(argc, argv);
}
