#include "cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct Cached {
    char *key;
    struct MHD_Response *response;
    DbVersion version; /* as it was before the page's questions were asked */
    int64_t made_s, used;
} Cached;

typedef struct Cache {
    Cached pages[CACHE_PAGES];
    int64_t uses;
} Cache;

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void drop(Cached *page)
{
    free(page->key);
    if (page->response)
        MHD_destroy_response(page->response);
    *page = (Cached){.key = NULL};
}

static void free_cache(void *argument)
{
    Cache *cache = argument;
    for (int i = 0; i < CACHE_PAGES; i++)
        drop(&cache->pages[i]);
    free(cache);
}

static void make_key(void)
{
    if (pthread_key_create(&cache_key, free_cache))
        abort();
}

static Cache *this_cache(void)
{
    pthread_once(&cache_once, make_key);
    Cache *cache = pthread_getspecific(cache_key);
    if (!cache) {
        cache = x_calloc(1, sizeof *cache);
        pthread_setspecific(cache_key, cache);
    }
    return cache;
}

static char *whole_key(const Request *request, const char *key)
{
    return x_printf("%s %s %s", request->session, request->view_as, key);
}

bool cache_reply(Request *request, const char *key, enum MHD_Result *result)
{
    Cache *cache = this_cache();
    bool found = false;
    char *wanted = whole_key(request, key);
    for (int i = 0; i < CACHE_PAGES && !found; i++) {
        Cached *page = &cache->pages[i];
        if (!page->key || strcmp(page->key, wanted) != 0)
            continue;
        found =
            db_version_equal(page->version, request->version) && now_s() - page->made_s < CACHE_S;
        page->used = ++cache->uses;
        if (found)
            *result = MHD_queue_response(request->connection, 200, page->response);
    }
    free(wanted);
    return found;
}

static Cached *place_for(Cache *cache, const char *key)
{
    Cached *oldest = &cache->pages[0];
    for (int i = 0; i < CACHE_PAGES; i++) {
        Cached *page = &cache->pages[i];
        if (page->key && strcmp(page->key, key) == 0)
            return page;
        if (page->used < oldest->used)
            oldest = page;
    }
    return oldest;
}

enum MHD_Result cache_keep(Request *request, const char *key, Buf *html)
{
    if (html->len > CACHE_BYTES)
        return reply_html(request, 200, html);
    Cache *cache = this_cache();
    char *wanted = whole_key(request, key);
    Cached *page = place_for(cache, wanted);
    size_t len = html->len;
    drop(page);
    page->key = wanted;
    page->made_s = now_s();
    page->used = ++cache->uses;
    page->version = request->version;
    page->response = MHD_create_response_from_buffer(len, buf_take(html), MHD_RESPMEM_MUST_FREE);
    response_common(page->response);
    MHD_add_response_header(page->response, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(page->response, "Cache-Control", "private, no-store");
    return MHD_queue_response(request->connection, 200, page->response);
}
