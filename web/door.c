#include "door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "git_list.h"
#include "server.h"
#include "verdict.h"

enum {
    LINE_MOST = 128,
    HELLO_S = 5,
    BACKLOG = 512,
    TEXT_MOST = 16384,
    PAUSE_US = 100000,
    NEAR = 5,
    FAR_STEP = 10
};

/* --- one hook that watches --- */

typedef struct Guest {
    Watcher watcher;
    struct Server *server;
    int fd;
    int64_t job;
    int place;
    bool seen; /* from before its start: each exercise came line by line */
    bool ended;
} Guest;

/* A guest that does not read loses its lines, and nothing else. */
static void say(const Guest *guest, const char *text)
{
    (void)!send(guest->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void say_address(const Guest *guest, int64_t submission)
{
    char line[600];
    snprintf(line, sizeof line, "See %.400s/submission/%lld\n", guest->server->base_url,
             (long long)submission);
    say(guest, line);
}

/* Whoever ends the push here finds the verdict there. */
static void say_page(const Guest *guest)
{
    char line[600];
    snprintf(line, sizeof line, "Your page: %.400s/\n", guest->server->base_url);
    say(guest, line);
}

static void moved_up(Guest *guest)
{
    char line[64];
    if (guest->place <= 1)
        return;
    guest->place--;
    if (guest->place > NEAR && guest->place % FAR_STEP)
        return;
    snprintf(line, sizeof line, "Place %d.\n", guest->place);
    say(guest, line);
}

/* Shut down, not closed: whoever reads sees the end, the door's own list frees it. */
static void end_guest(Guest *guest)
{
    guest->ended = true;
    shutdown(guest->fd, SHUT_RDWR);
}

static void guest_sees(Watcher *self, const Event *event)
{
    Guest *guest = (Guest *)self;
    if (guest->ended)
        return;
    if (event->kind == EVENT_STOP) {
        say(guest, "The server is being restarted. Your push is kept and will be graded.\n");
        end_guest(guest);
    } else if (event->job == guest->job) {
        say(guest, event->rest && guest->seen ? event->rest : event->text);
        if (event->taken) {
            guest->place = 0;
            guest->seen = true;
        }
        if (event->submission)
            say_address(guest, event->submission);
        if (event->last)
            end_guest(guest);
    } else if (event->taken) {
        moved_up(guest);
    }
}

/* --- the list of guests, swept by the door's thread --- */

/* Each is a process of git's, too (git_http.h, BACKENDS_MOST): when so many wait, whoever comes next is
 * let go at once, and pushes still find room. */
enum { GUESTS_MOST = 2048, WAITING_MOST = 192 };
static Guest *guests[GUESTS_MOST];
static int n_guests;

static void free_guest(int at)
{
    hub_leave(&guests[at]->server->hub, &guests[at]->watcher);
    close(guests[at]->fd);
    free(guests[at]);
    guests[at] = guests[--n_guests];
}

static bool gone(const Guest *guest)
{
    char byte;
    return guest->ended || recv(guest->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void sweep(bool all)
{
    for (int i = n_guests - 1; i >= 0; i--)
        if (all || gone(guests[i]))
            free_guest(i);
}

/* Joined before the row is read: what happens in between comes as an event, perhaps
 * twice, never not at all. */
static void welcome(Door *door, int fd, int64_t id)
{
    Job job;
    Buf text;
    Db *db = course_db(&door->server->course, NULL);
    sweep(false);
    if (!db || n_guests == GUESTS_MOST || !job_find(db, id, &job)) {
        close(fd);
        return;
    }
    Guest *guest = x_calloc(1, sizeof *guest);
    *guest = (Guest){.watcher.see = guest_sees, .server = door->server, .fd = fd, .job = id};
    publish_superseded(&door->server->hub, db, job.person);
    guests[n_guests++] = guest;
    buf_init(&text, TEXT_MOST);
    hub_join(&door->server->hub, &guest->watcher);
    if (job_find(db, id, &job))
        job_text(db, &job, &text);
    int place = job_place(db, id);
    if (job.state == JOB_DONE)
        verdict_text(db, &job, true, &text);
    pthread_mutex_lock(&door->server->hub.lock);
    if (!guest->ended) {
        guest->place = place;
        say(guest, text.data);
        if (job.state == JOB_QUEUED)
            say_page(guest);
        if (job.state == JOB_QUEUED && n_guests > WAITING_MOST) {
            say(guest,
                "Too many are waiting here to show your verdict live. Your push is kept and will "
                "be graded;\nthe verdict will be on your page.\n");
            end_guest(guest);
        }
        if (job.state == JOB_DONE)
            say_address(guest, job.submission);
        if (job.state == JOB_DONE || job.state == JOB_SUPERSEDED || job.state == JOB_ERROR)
            end_guest(guest);
    }
    pthread_mutex_unlock(&door->server->hub.lock);
    buf_release(&text);
}

/* --- the doctor --- */

enum { DOCTOR_MS = 120000 };
static pthread_mutex_t doctor_lock = PTHREAD_MUTEX_INITIALIZER;
static bool doctor_looks;

typedef struct Doctor {
    int fd;
    char *dir, *grader, *mail_command;
} Doctor;

/* On a thread of its own: it takes seconds, and pushes wait at this door too. */
static void *doctor_thread(void *argument)
{
    Doctor *doctor = argument;
    Fault fault = {""};
    bool late;
    const char *argv[] = {"/proc/self/exe",
                          "doctor",
                          "--here",
                          "--dir",
                          doctor->dir,
                          "--grader",
                          doctor->grader,
                          doctor->mail_command ? "--mail-command" : NULL,
                          doctor->mail_command,
                          NULL};
    pid_t pid =
        child_start(&(ChildOptions){.argv = argv, .in = -1, .out = doctor->fd, .err = -1}, &fault);
    if (pid > 0) {
        int status = child_wait(pid, DOCTOR_MS, &late);
        dprintf(doctor->fd, "status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    close(doctor->fd);
    free(doctor->dir);
    free(doctor->grader);
    free(doctor->mail_command);
    free(doctor);
    pthread_mutex_lock(&doctor_lock);
    doctor_looks = false;
    pthread_mutex_unlock(&doctor_lock);
    return NULL;
}

/* One at a time. */
static void call_doctor(const Door *door, int fd)
{
    pthread_t thread;
    pthread_mutex_lock(&doctor_lock);
    bool busy = doctor_looks;
    doctor_looks = true;
    pthread_mutex_unlock(&doctor_lock);
    if (busy) {
        close(fd);
        return;
    }
    const ServeOptions *options = door->server->options;
    Doctor *doctor = x_calloc(1, sizeof *doctor);
    *doctor =
        (Doctor){.fd = fd,
                 .dir = x_strdup(door->server->course.dir),
                 .grader = x_strdup(options->grader),
                 .mail_command = options->mail_command ? x_strdup(options->mail_command) : NULL};
    if (pthread_create(&thread, NULL, doctor_thread, doctor) == 0)
        pthread_detach(thread);
    else
        doctor_thread(doctor);
}

/* --- the door --- */

static void notice(struct Server *server)
{
    Db *db = course_db(&server->course, NULL);
    if (db)
        publish_notice(&server->hub, db);
    workers_kick(&server->workers);
}

static bool read_line(int fd, char line[LINE_MOST])
{
    struct timeval patience = {.tv_sec = HELLO_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    size_t len = 0;
    ssize_t n;
    while (len + 1 < LINE_MOST && (n = recv(fd, line + len, LINE_MOST - 1 - len, 0)) > 0) {
        len += (size_t)n;
        line[len] = '\0';
        if (strchr(line, '\n'))
            return true;
    }
    return false;
}

/* A push that waits for its verdict keeps nobody from the next one. Git's processes are one group,
 * and its hooks are in it. */
static void counts_no_more(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
        return;
    pid_t group = getpgid(who.pid);
    if (group > 0)
        git_push_taken(group);
}

static void serve_guest(Door *door, int fd)
{
    char line[LINE_MOST];
    long long job;
    if (!read_line(fd, line)) {
        close(fd);
        return;
    }
    if (sscanf(line, "watch %lld", &job) == 1) {
        counts_no_more(fd);
        /* First the guest, so that it sees its job taken. */
        welcome(door, fd, job);
        workers_kick(&door->server->workers);
        return;
    }
    if (strcmp(line, "doctor\n") == 0) {
        call_doctor(door, fd);
        return;
    }
    if (strcmp(line, "kick\n") == 0)
        workers_kick(&door->server->workers);
    if (strcmp(line, "notice\n") == 0)
        notice(door->server);
    close(fd);
}

static void *door_thread(void *argument)
{
    Door *door = argument;
    for (;;) {
        int fd = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            serve_guest(door, fd);
        else if (__atomic_load_n(&door->stopping, __ATOMIC_ACQUIRE))
            break;
        else if (errno != EINTR && errno != ECONNABORTED)
            usleep(PAUSE_US); /* too many descriptors, no memory: that passes */
    }
    return NULL;
}

static bool name_socket(const char *path, struct sockaddr_un *name, Fault *fault)
{
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name->sun_path) {
        fault_set(fault, "the course's folder has too long a path for a socket: %.200s", path);
        return false;
    }
    strcpy(name->sun_path, path);
    return true;
}

int door_open(Door *door, struct Server *server, Fault *fault)
{
    struct sockaddr_un name;
    const char *path = server->course.socket;
    *door = (Door){.server = server, .listener = -1};
    if (!name_socket(path, &name, fault))
        return -1;
    unlink(path);
    door->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (door->listener < 0 || bind(door->listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        chmod(path, 0600) != 0 || listen(door->listener, BACKLOG) != 0 ||
        pthread_create(&door->thread, NULL, door_thread, door) != 0)
        return fault_errno(fault, "%.200s", path);
    door->started = 1;
    return 0;
}

void door_close(Door *door)
{
    if (door->listener < 0)
        return;
    __atomic_store_n(&door->stopping, true, __ATOMIC_RELEASE);
    shutdown(door->listener, SHUT_RDWR);
    if (door->started)
        pthread_join(door->thread, NULL);
    sweep(true);
    close(door->listener);
    unlink(door->server->course.socket);
    door->listener = -1;
}

int door_call(const char *socket_path, const char *line)
{
    struct sockaddr_un name;
    if (!name_socket(socket_path, &name, NULL))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int door_tell(const char *socket_path, const char *line)
{
    int fd = door_call(socket_path, line);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}
