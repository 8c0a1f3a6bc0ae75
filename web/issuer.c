#include "issuer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/version.h"

enum { SOON_S = 2 };

/* --- one fetch, on our thread --- */

static size_t take_bytes(char *bytes, size_t size, size_t n, void *context)
{
    Buf *text = context;
    buf_add(text, bytes, size * n);
    return text->full ? 0 : size * n;
}

static int asked_to_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    Issuer *issuer = context;
    pthread_mutex_lock(&issuer->lock);
    bool stopping = issuer->stopping;
    pthread_mutex_unlock(&issuer->lock);
    return stopping;
}

static void set_options(CURL *curl, Issuer *issuer, const char *url, const char *ca, Buf *text)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ISSUER_FETCH_S);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    char agent[80];
    snprintf(agent, sizeof agent, "courseweb/%s", grader_version);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, agent); /* copied */
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, asked_to_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, issuer);
    if (*ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
}

static int fetch(Issuer *issuer, const char *name, const char *ca, Fault *fault)
{
    Buf text;
    CURL *curl = curl_easy_init();
    char *url = x_printf("%s/.well-known/jwks", name), why[CURL_ERROR_SIZE] = "";
    buf_init(&text, KEYS_BYTES);
    CURLcode code = CURLE_FAILED_INIT;
    if (curl) {
        set_options(curl, issuer, url, ca, &text);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
        code = curl_easy_perform(curl);
    }
    int status = code ? fault_set(fault, "the issuer's keys at %.200s: %.200s", url,
                                  *why ? why : curl_easy_strerror(code))
                      : keys_take(&issuer->keys, name, text.data, text.len, fault);
    curl_easy_cleanup(curl);
    free(url);
    buf_release(&text);
    return status;
}

static void fetch_wanted(Issuer *issuer)
{
    Fault fault = {""};
    char name[sizeof issuer->issuer], ca[sizeof issuer->ca];
    memcpy(name, issuer->issuer, sizeof name);
    memcpy(ca, issuer->ca, sizeof ca);
    issuer->wanted = false;
    issuer->fetching = true;
    issuer->began_ns = clock_mono_ns();
    memcpy(issuer->fetched, name, sizeof name);
    pthread_mutex_unlock(&issuer->lock);
    int status = fetch(issuer, name, ca, &fault);
    if (status)
        fprintf(stderr, "courseweb: %s\n", fault.text);
    pthread_mutex_lock(&issuer->lock);
    issuer->fetching = false;
    if (status == 0)
        issuer->came_ns = clock_mono_ns();
}

static void *fetches(void *context)
{
    Issuer *issuer = context;
    pthread_mutex_lock(&issuer->lock);
    while (!issuer->stopping) {
        if (issuer->wanted)
            fetch_wanted(issuer);
        else
            pthread_cond_wait(&issuer->work, &issuer->lock);
    }
    pthread_mutex_unlock(&issuer->lock);
    return NULL;
}

/* --- from the requests' threads --- */

int issuer_start(Issuer *issuer, Fault *fault)
{
    *issuer = (Issuer){0};
    keys_init(&issuer->keys);
    pthread_mutex_init(&issuer->lock, NULL);
    pthread_cond_init(&issuer->work, NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) ||
        pthread_create(&issuer->thread, NULL, fetches, issuer))
        return fault_set(fault, "can't start the thread that fetches the issuer's keys");
    issuer->started = true;
    return 0;
}

void issuer_stop(Issuer *issuer)
{
    if (!issuer->started)
        return;
    pthread_mutex_lock(&issuer->lock);
    issuer->stopping = true;
    pthread_cond_signal(&issuer->work);
    pthread_mutex_unlock(&issuer->lock);
    pthread_join(issuer->thread, NULL);
    issuer->started = false;
    keys_release(&issuer->keys);
    pthread_cond_destroy(&issuer->work);
    pthread_mutex_destroy(&issuer->lock);
    curl_global_cleanup();
}

/* Under the lock. Seconds after which the keys may have come. */
static int want(Issuer *issuer, const char *name, const char *ca)
{
    int64_t waited_ns = clock_mono_ns() - issuer->began_ns;
    bool same = strcmp(issuer->fetched, name) == 0;
    if (issuer->wanted || issuer->fetching)
        return SOON_S;
    if (issuer->began_ns && same && waited_ns < ISSUER_PAUSE_S * NS_PER_S)
        return (int)(ISSUER_PAUSE_S - waited_ns / NS_PER_S) + SOON_S;
    snprintf(issuer->issuer, sizeof issuer->issuer, "%s", name);
    snprintf(issuer->ca, sizeof issuer->ca, "%s", ca);
    issuer->wanted = true;
    pthread_cond_signal(&issuer->work);
    return SOON_S;
}

void issuer_want(Issuer *issuer, const char *name, const char *ca)
{
    pthread_mutex_lock(&issuer->lock);
    want(issuer, name, ca);
    pthread_mutex_unlock(&issuer->lock);
}

EVP_PKEY *issuer_key(Issuer *issuer, const char *name, const char *ca, const char *id, int *retry_s)
{
    EVP_PKEY *key = keys_find(&issuer->keys, name, id);
    pthread_mutex_lock(&issuer->lock);
    int64_t age_s = (clock_mono_ns() - issuer->came_ns) / NS_PER_S;
    if (key && age_s > ISSUER_STALE_S) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    if (!key || age_s > ISSUER_FRESH_S)
        *retry_s = want(issuer, name, ca);
    pthread_mutex_unlock(&issuer->lock);
    return key;
}
