#include "hub.h"

#include <stddef.h>

void hub_init(Hub *hub)
{
    *hub = (Hub){.first = NULL};
    pthread_mutex_init(&hub->lock, NULL);
}

void hub_release(Hub *hub)
{
    pthread_mutex_destroy(&hub->lock);
}

void hub_join(Hub *hub, Watcher *watcher)
{
    pthread_mutex_lock(&hub->lock);
    watcher->next = hub->first;
    watcher->link = &hub->first;
    if (hub->first)
        hub->first->link = &watcher->next;
    hub->first = watcher;
    hub->n++;
    pthread_mutex_unlock(&hub->lock);
}

void hub_leave(Hub *hub, Watcher *watcher)
{
    pthread_mutex_lock(&hub->lock);
    if (watcher->link) {
        *watcher->link = watcher->next;
        if (watcher->next)
            watcher->next->link = watcher->link;
        watcher->link = NULL;
        hub->n--;
    }
    pthread_mutex_unlock(&hub->lock);
}

void hub_publish(Hub *hub, const Event *event)
{
    pthread_mutex_lock(&hub->lock);
    for (Watcher *at = hub->first; at; at = at->next)
        at->see(at, event);
    pthread_mutex_unlock(&hub->lock);
}
