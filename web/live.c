#include "live.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {[EVENT_QUEUE] = "queue",
                                         [EVENT_EXERCISE] = "exercise",
                                         [EVENT_VERDICT] = "verdict",
                                         [EVENT_NOTICE] = "notice"};

typedef struct Live {
    Watcher watcher;
    pthread_mutex_t lock;
    struct MHD_Connection *connection;
    Hub *hub;
    GitPump *pump;
    char session[SECRET_TEXT];
    Person viewer;  /* whose eyes: of staff who look as a student, the student */
    int64_t person; /* who is signed in */
    Buf out;
    size_t taken;
    bool suspended, ended;
    struct Live *next, **link;
} Live;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static Live *list;
static int n_live;
static bool stopping;

static void wake(Live *live)
{
    if (live->suspended) {
        live->suspended = false;
        MHD_resume_connection(live->connection);
    }
}

static void send_text(Live *live, const char *kind, const char *text)
{
    const char *parts[] = {"event: ", kind, "\ndata: ", text, "\n\n"};
    pthread_mutex_lock(&live->lock);
    for (size_t i = 0; kind && i < sizeof parts / sizeof *parts; i++)
        buf_str(&live->out, parts[i]);
    if (!kind)
        buf_str(&live->out, text);
    live->ended = live->ended || live->out.full;
    wake(live);
    pthread_mutex_unlock(&live->lock);
}

static bool may_see(const Live *live, const Event *event)
{
    if (event->person == 0 || event->person == live->viewer.id)
        return true;
    return live->viewer.role >= ROLE_TA && person_has_section(&live->viewer, event->section);
}

static void end(Live *live)
{
    pthread_mutex_lock(&live->lock);
    live->ended = true;
    wake(live);
    pthread_mutex_unlock(&live->lock);
}

/* Does its session still stand, and for the same eyes? */
static bool still_sees(Db *db, const Live *live)
{
    Person person;
    char view_as[NAME_BYTES];
    if (!session_check(db, live->session, &person, view_as))
        return false;
    Person viewer = viewer_of(db, &person, view_as);
    return viewer.id == live->viewer.id && viewer.role == live->viewer.role &&
           strcmp(viewer.sections, live->viewer.sections) == 0;
}

static void live_sees(Watcher *self, const Event *event)
{
    Live *live = (Live *)self;
    if (event->kind != EVENT_STOP && may_see(live, event))
        send_text(live, kind_names[event->kind], event->json);
}

static void listed(Live *live, bool on)
{
    pthread_mutex_lock(&list_lock);
    if (on) {
        live->ended = stopping;
        live->next = list;
        live->link = &list;
        if (list)
            list->link = &live->next;
        list = live;
    } else {
        *live->link = live->next;
        if (live->next)
            live->next->link = live->link;
    }
    n_live += on ? 1 : -1;
    if (n_live == (on ? 1 : 0))
        pump_beating(live->pump, on);
    pthread_mutex_unlock(&list_lock);
}

static void live_left(Request *request)
{
    Live *live = request->live;
    if (!live)
        return;
    hub_leave(live->hub, &live->watcher);
    listed(live, false);
    buf_release(&live->out);
    pthread_mutex_destroy(&live->lock);
    free(live);
    request->live = NULL;
}

static ssize_t live_read(void *context, uint64_t at, char *out, size_t most)
{
    (void)at;
    Live *live = context;
    ssize_t result = 0;
    pthread_mutex_lock(&live->lock);
    size_t have = live->out.len - live->taken;
    if (live->ended) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (have) {
        result = (ssize_t)(have < most ? have : most);
        memcpy(out, live->out.data + live->taken, (size_t)result);
        live->taken += (size_t)result;
        if (live->taken == live->out.len) {
            buf_clear(&live->out);
            live->taken = 0;
        }
    } else {
        live->suspended = true;
        MHD_suspend_connection(live->connection);
    }
    pthread_mutex_unlock(&live->lock);
    return result;
}

static int open_of(int64_t person)
{
    int n = 0;
    pthread_mutex_lock(&list_lock);
    for (const Live *live = list; live; live = live->next)
        n += live->person == person;
    pthread_mutex_unlock(&list_lock);
    return n;
}

enum MHD_Result live_events(Request *request)
{
    if (request->person.role == ROLE_STUDENT && open_of(request->person.id) >= OF_ONE_STUDENT)
        return reply_text(request, 429, "You have too many of these pages open.\n");
    Live *live = x_calloc(1, sizeof *live);
    *live = (Live){.watcher.see = live_sees,
                   .connection = request->connection,
                   .hub = &request->server->hub,
                   .pump = &request->server->pump,
                   .viewer = request_viewer(request),
                   .person = request->person.id};
    memcpy(live->session, request->session, sizeof live->session);
    pthread_mutex_init(&live->lock, NULL);
    buf_init(&live->out, LIVE_BYTES);
    buf_str(&live->out, "retry: 3000\n: here we are\n\n");
    request->live = live;
    request->on_end = live_left;
    listed(live, true);
    hub_join(live->hub, &live->watcher);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, live_read, live, NULL);
    response_common(response);
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no");
    enum MHD_Result result = MHD_queue_response(request->connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

void live_heartbeat(void *server)
{
    Db *db = course_db(&((struct Server *)server)->course, NULL);
    pthread_mutex_lock(&list_lock);
    for (Live *live = list; live; live = live->next)
        if (!db || still_sees(db, live))
            send_text(live, NULL, ": beat\n\n");
        else
            end(live);
    pthread_mutex_unlock(&list_lock);
}

void live_stop_all(void)
{
    pthread_mutex_lock(&list_lock);
    stopping = true; /* who comes now must not fall asleep: nobody would wake them */
    for (Live *live = list; live; live = live->next)
        end(live);
    pthread_mutex_unlock(&list_lock);
}

int live_count(void)
{
    pthread_mutex_lock(&list_lock);
    int n = n_live;
    pthread_mutex_unlock(&list_lock);
    return n;
}
