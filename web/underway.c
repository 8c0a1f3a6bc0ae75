#include "underway.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Request *list;

static void ended(Request *request)
{
    pthread_mutex_lock(&lock);
    *request->underway_link = request->underway_next;
    if (request->underway_next)
        request->underway_next->underway_link = request->underway_link;
    pthread_mutex_unlock(&lock);
}

static void begun(Request *request)
{
    request->underway_next = list;
    request->underway_link = &list;
    if (list)
        list->underway_link = &request->underway_next;
    list = request;
    request->on_end = ended;
}

bool underway_begin(Request *request)
{
    int n = 0;
    if (request->person.role != ROLE_STUDENT)
        return true;
    pthread_mutex_lock(&lock);
    for (const Request *at = list; at; at = at->underway_next)
        n += at->person.id == request->person.id;
    if (n < ANSWERS_OF_ONE)
        begun(request);
    pthread_mutex_unlock(&lock);
    return n < ANSWERS_OF_ONE;
}

enum MHD_Result underway_refuse(Request *request)
{
    return reply_text(request, 429, "You are loading too much at once. Wait a moment.\n");
}
