#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "alert.h"
#include "base/clock.h"
#include "cgroup.h"
#include "child.h"
#include "digest.h"
#include "door.h"
#include "folder.h"
#include "git_list.h"
#include "git_repo.h"
#include "http.h"
#include "live.h"
#include "mail.h"
#include "reports.h"
#include "sso.h"
#include "tls.h"

enum { DESCRIPTORS = 16384, BACKLOG = 1024 };

/* --- listening --- */

/* Who may connect is what the folder's and the socket's rights say: ours and our group. */
static int listen_at_path(const char *path, Fault *fault)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct stat info;
    if (strlen(path) >= sizeof name.sun_path)
        return fault_set(fault, "--listen unix:%.60s: too long a path", path);
    strcpy(name.sun_path, path);
    if (lstat(path, &info) == 0 && S_ISSOCK(info.st_mode))
        unlink(path); /* the one before: the course is locked by us */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof name) == 0 && chmod(path, 0660) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    fault_errno(fault, "can't listen at %.100s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

static int split_listen(const char *text, char *host, size_t size, char **port, Fault *fault)
{
    if (snprintf(host, size, "%s", text) >= (int)size)
        return fault_set(fault, "--listen %.60s: too long", text);
    *port = strrchr(host, ':');
    if (!*port || !(*port)[1])
        return fault_set(fault, "--listen takes ADDRESS:PORT, as 127.0.0.1:8080, not \"%.60s\"",
                         text);
    *(*port)++ = '\0';
    size_t len = strlen(host);
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        memmove(host, host + 1, len - 2);
        host[len - 2] = '\0';
    }
    return 0;
}

static int bound_socket(const struct addrinfo *at)
{
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

static int listen_at(const char *text, Fault *fault)
{
    char host[256], *port = NULL;
    if (strncmp(text, "unix:", 5) == 0)
        return listen_at_path(text + 5, fault);
    if (split_listen(text, host, sizeof host, &port, fault))
        return -1;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found = NULL;
    if (getaddrinfo(*host ? host : NULL, port, &hints, &found) != 0)
        return fault_set(fault, "--listen %.60s: no such address", text);
    int fd = bound_socket(found);
    freeaddrinfo(found);
    return fd < 0 ? fault_errno(fault, "can't listen at %.60s", text) : fd;
}

/* Can only this machine come? */
static bool is_local(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
        struct sockaddr_storage room;
    } name;
    socklen_t len = sizeof name;
    if (getsockname(fd, &name.any, &len) != 0)
        return false;
    if (name.any.sa_family == AF_INET)
        return ntohl(name.four.sin_addr.s_addr) >> 24 == 127;
    return name.any.sa_family == AF_UNIX ||
           (name.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&name.six.sin6_addr));
}

static char *address_of(int fd, bool tls)
{
    const char *scheme = tls ? "https" : "http";
    char host[NI_MAXHOST], port[NI_MAXSERV];
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0 || name.ss_family == AF_UNIX ||
        getnameinfo((struct sockaddr *)&name, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return x_printf("%s://localhost", scheme);
    return strchr(host, ':') ? x_printf("%s://[%s]:%s", scheme, host, port)
                             : x_printf("%s://%s:%s", scheme, host, port);
}

/* Where people reach it: as it was told, now or by `courseweb set url`; else where it listens. */
static char *base_url(const Server *server, int listener)
{
    const ServeOptions *options = server->options;
    Db *db = course_db(&server->course, NULL);
    char *set = db && !options->base_url ? course_setting(db, "url") : NULL;
    size_t len = set ? strlen(set) : 0;
    if (len && set[len - 1] == '/')
        set[len - 1] = '\0';
    if (len && url_valid(set))
        return set;
    free(set);
    return options->base_url ? x_strdup(options->base_url)
                             : address_of(listener, options->tls_cert != NULL);
}

/* --- what must be in order before it serves --- */

/* Held until the process ends: two servers on one course would grade everything twice. */
static int lock_course(const Course *course, Fault *fault)
{
    int fd = open(course->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A command that looks whether a server runs holds it for a moment. */
    for (int i = 0; fd >= 0 && i < 20; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
    }
    if (fd >= 0)
        close(fd);
    return fault_set(fault, "another server serves %.200s already", course->dir);
}

/* What can't be removed is for who looks after the machine; a server that does not start for it
 * would be no use to anybody. */
static void move_aside(const char *folder)
{
    char *aside = x_printf("%s-%lld", folder, (long long)now_s());
    if (rename(folder, aside) == 0)
        fprintf(stderr, "courseweb: can't empty %.200s; what is left of it is %.200s now\n", folder,
                aside);
    free(aside);
}

static int empty_work(const Course *course, Fault *fault)
{
    if (remove_folder(course->work))
        move_aside(course->work);
    return mkdir(course->work, 0700) == 0 ? 0
                                          : fault_errno(fault, "can't make %.200s", course->work);
}

static int ask_for(Db *db, const char *grader, const char *format, const char *key, Fault *fault)
{
    Buf list;
    buf_init(&list, 1 << 20);
    const char *argv[] = {grader, "list", "--format", format, NULL};
    int status = child_output(argv, NULL, &list, fault);
    if (status)
        fault_set(fault, "the grader can't be run (%.200s); say where it is: --grader PATH",
                  grader);
    else
        status = course_set(db, key, list.data, fault);
    buf_release(&list);
    return status;
}

/* As the grader tells them: ids, titles and points of the exercises; what the scripted clients of
 * each scenario do. */
static int ask_grader(Db *db, const char *grader, Fault *fault)
{
    if (ask_for(db, grader, "json", "exercises", fault))
        return -1;
    return ask_for(db, grader, "scripts", "scripts", fault);
}

static int prepare(Server *server, Fault *fault)
{
    const Course *course = &server->course;
    Db *db = course_db(course, fault);
    if (!db || empty_work(course, fault) || git_hooks_ready(course, fault) ||
        course_set(db, "serving", server->base_url, fault) ||
        ask_grader(db, server->options->grader, fault) || jobs_settle(course, db, NULL, fault) ||
        jobs_recover(db, fault) || reports_settle(course, db, NULL, NULL, fault) ||
        digest_bring_up(db, fault))
        return -1;
    server->title = course_setting(db, "title");
    if (!server->title)
        server->title = x_strdup(strrchr(course->dir, '/') + 1);
    return 0;
}

/* So that the first report of the day finds the keys here. */
static void want_keys(Server *server)
{
    Trust trust;
    Db *db = course_db(&server->course, NULL);
    if (!db)
        return;
    trust_load(db, &trust);
    if (trust.on)
        issuer_want(&server->issuer, trust.issuer, trust.issuer_ca);
    trust_release(&trust);
}

static void more_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* --- the whole --- */

static int start_http(Server *server, int listener, Fault *fault)
{
    bool tls = server->options->tls_cert != NULL;
    /* TLS's first, or only the end. */
    struct MHD_OptionItem more[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)tls_retrieve},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        HTTP_FLAGS | (tls ? MHD_USE_TLS : 0), 0, NULL, NULL, http_access, server,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_NOTIFY_COMPLETED, http_completed, server,
        MHD_OPTION_UNESCAPE_CALLBACK, http_unescape, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEADER_MOST, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        server->options->trust_proxy ? 0U : (unsigned)OF_ONE_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)HTTP_THREADS, MHD_OPTION_ARRAY,
        tls ? more : more + 2, MHD_OPTION_END);
    return server->daemon ? 0 : fault_set(fault, "the HTTP library did not start");
}

static void wait_for_signal(const sigset_t *signals)
{
    int got;
    while (sigwait(signals, &got) != 0)
        ;
}

static void stop(Server *server, Door *door)
{
    hub_publish(&server->hub, &(Event){.kind = EVENT_STOP, .section = "", .json = "", .text = ""});
    if (server->daemon)
        MHD_quiesce_daemon(server->daemon);
    workers_stop(&server->workers);
    mail_stop();
    pump_stop(&server->pump);
    git_stop_all();
    live_stop_all();
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    door_close(door);
    issuer_stop(&server->issuer);
}

static int run(Server *server, int listener, Fault *fault)
{
    Door door = {.listener = -1};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    int status = -1;
    if (pump_start(&server->pump, live_heartbeat, server))
        return fault_set(fault, "can't start the pump's thread");
    if (!issuer_start(&server->issuer, fault) &&
        !mail_start(&server->course, server->options->mail_command, server->base_url, server->title,
                    fault) &&
        !workers_start(&server->workers, &server->course, server->options->grader, &server->hub,
                       server->options->workers, fault) &&
        !door_open(&door, server, fault) && !start_http(server, listener, fault)) {
        want_keys(server);
        workers_kick(&server->workers); /* what a hook queued before there was a door */
        char *own = address_of(listener, server->options->tls_cert != NULL);
        if (strcmp(own, server->base_url) != 0)
            printf("courseweb: listening on %s\n", own);
        free(own);
        printf("courseweb: serving %s at %s\n", server->course.dir, server->base_url);
        fflush(stdout);
        alert_look(&server->course, course_db(&server->course, NULL), false);
        wait_for_signal(&signals);
        status = 0;
    }
    stop(server, &door);
    return status;
}

int serve(const ServeOptions *options, const char *dir, Fault *fault)
{
    static Server server; /* large, and one for each process */
    server = (Server){.options = options};
    int status = -1, listener = -1, lock = -1;
    umask(077);
    cgroup_step_down();
    more_descriptors();
    hub_init(&server.hub);
    tries_init(&server.tries);
    if ((!options->tls_cert || !tls_init(options->tls_cert, options->tls_key, fault)) &&
        !course_open(&server.course, dir, fault) &&
        (lock = lock_course(&server.course, fault)) >= 0 &&
        (listener = listen_at(options->listen, fault)) >= 0 &&
        !sso_check(options->sso_header, options->sso_from, is_local(listener), options->secure,
                   fault)) {
        server.base_url = base_url(&server, listener);
        response_strict(options->secure && tls_strict(server.base_url));
        if (!prepare(&server, fault))
            status = run(&server, listener, fault);
    }
    course_db_drop();
    if (listener >= 0 && !server.daemon)
        close(listener);
    if (lock >= 0)
        close(lock);
    tls_release();
    free(server.base_url);
    free(server.title);
    course_release(&server.course);
    tries_release(&server.tries);
    hub_release(&server.hub);
    return status;
}
