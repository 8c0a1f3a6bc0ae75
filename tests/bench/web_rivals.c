/* What the server is held against: the HTTP library alone, and nginx, with the same bytes. */
#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

enum { TRIES = 200, PAUSE_US = 10000 };

static int listening(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        give_up("can't listen: %s", strerror(errno));
    *port = ntohs(at.sin_port);
    return fd;
}

/* --- the HTTP library --- */

static enum MHD_Result answer(void *response, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **state)
{
    (void)url, (void)method, (void)version, (void)upload, (void)upload_len;
    if (!*state) {
        *state = response;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, response);
}

static _Noreturn void bare(const char *page, size_t len, int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)page, MHD_RESPMEM_PERSISTENT);
    response_common(response);
    MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "private, no-store");
    struct MHD_Daemon *daemon = MHD_start_daemon(
        HTTP_FLAGS, 0, NULL, NULL, answer, response, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_MOST, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MOST, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_THREADS, MHD_OPTION_END);
    while (daemon)
        pause();
    _exit(1);
}

pid_t bare_begin(const char *page, size_t len, int *port)
{
    int listener = listening(port);
    pid_t pid = fork();
    if (pid == 0)
        bare(page, len, listener);
    close(listener);
    return adopt(pid);
}

/* --- nginx --- */

static const char conf[] =
    "daemon off;\nmaster_process off;\npid %s/nginx.pid;\nerror_log stderr crit;\n"
    "events { worker_connections 512; }\n"
    "http { access_log off; sendfile on; tcp_nopush on; default_type text/html;\n"
    "keepalive_requests 1000000;\n"
    "client_body_temp_path %s/nginx-b; proxy_temp_path %s/nginx-p;\n"
    "fastcgi_temp_path %s/nginx-f; uwsgi_temp_path %s/nginx-u;\n"
    "scgi_temp_path %s/nginx-s;\n"
    "server { listen 127.0.0.1:%d; root %s/html; } }\n";

static void write_file(char *path_take, const char *bytes, size_t len)
{
    FILE *file = fopen(path_take, "we");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        give_up("%s: %s", path_take, strerror(errno));
    free(path_take);
}

static void write_site(const char *page, size_t len, int port)
{
    const char *s = bench.scratch;
    char *html = scratch_path("html"), *text = x_printf(conf, s, s, s, s, s, s, port, s);
    const char *make[] = {"mkdir", "-p", html, NULL};
    run(make, 0);
    write_file(scratch_path("html/class"), page, len);
    write_file(scratch_path("nginx.conf"), text, strlen(text));
    free(text);
    free(html);
}

static bool accepts(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static const char *nginx_program(void)
{
    static const char *const places[] = {"/usr/sbin/nginx", "/usr/bin/nginx",
                                         "/usr/local/sbin/nginx"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

pid_t nginx_begin(const char *page, size_t len, int *port)
{
    const char *nginx = nginx_program();
    if (!nginx)
        return -1;
    close(listening(port)); /* a free one; nginx can't be handed a socket */
    write_site(page, len, *port);
    char *file = scratch_path("nginx.conf");
    const char *argv[] = {nginx, "-e", "stderr", "-c", file, NULL};
    pid_t pid = start(argv, "nginx.log");
    for (int i = 0; i < TRIES && !accepts(*port); i++)
        usleep(PAUSE_US);
    free(file);
    return pid;
}
