/*
 * libcurl, loaded when it is needed and not before: most of what the grader does has no use for
 * it and its thirty libraries, and a bundle that holds it would be larger and soon out of date.
 * Every system with git or curl has one of the two files below.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upload.h"

#include "base/version.h"

enum { ANSWER_MOST = 65536, CONNECT_S = 10, REQUEST_S = 30 };

static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"};

/* Under other names: curl.h makes macros of these. */
static struct {
    CURL *(*init)(void);
    __typeof__(curl_easy_setopt) *set;
    CURLcode (*perform)(CURL *curl);
    __typeof__(curl_easy_getinfo) *info;
    void (*cleanup)(CURL *curl);
    const char *(*strerror)(CURLcode code);
    struct curl_slist *(*append)(struct curl_slist *list, const char *text);
    void (*free_all)(struct curl_slist *list);
} lib;

static bool find(void *handle, const char *name, void *function)
{
    void *found = dlsym(handle, name);
    memcpy(function, &found, sizeof found); /* C has no cast from one to the other */
    return found != NULL;
}

static int load(Fault *fault)
{
    void *handle = NULL;
    if (lib.init)
        return 0;
    for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++)
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return fault_set(fault, "libcurl is not here; install it with: apt-get install curl");
    if (find(handle, "curl_easy_setopt", &lib.set) &&
        find(handle, "curl_easy_perform", &lib.perform) &&
        find(handle, "curl_easy_getinfo", &lib.info) &&
        find(handle, "curl_easy_cleanup", &lib.cleanup) &&
        find(handle, "curl_easy_strerror", &lib.strerror) &&
        find(handle, "curl_slist_append", &lib.append) &&
        find(handle, "curl_slist_free_all", &lib.free_all) &&
        find(handle, "curl_easy_init", &lib.init))
        return 0;
    lib.init = NULL;
    return fault_set(fault, "the libcurl here is none that this program can use");
}

static size_t take_bytes(char *bytes, size_t size, size_t n, void *context)
{
    Buf *text = context;
    buf_add(text, bytes, size * n);
    return text->full ? 0 : size * n;
}

static void set_options(CURL *curl, const char *url, const Buf *body, HttpAnswer *answer)
{
    lib.set(curl, CURLOPT_URL, url);
    lib.set(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    lib.set(curl, CURLOPT_NOSIGNAL, 1L);
    lib.set(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    lib.set(curl, CURLOPT_TIMEOUT, (long)REQUEST_S);
    char agent[80];
    snprintf(agent, sizeof agent, "async-grader/%s", grader_version);
    lib.set(curl, CURLOPT_USERAGENT, agent); /* copied */
    lib.set(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    lib.set(curl, CURLOPT_WRITEDATA, &answer->body);
    if (body) {
        lib.set(curl, CURLOPT_POST, 1L);
        lib.set(curl, CURLOPT_POSTFIELDS, body->data);
        lib.set(curl, CURLOPT_POSTFIELDSIZE, (long)body->len);
    }
}

/* What no second try changes: an address that is none, a certificate that is not good. */
static bool never(CURLcode code)
{
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

static int perform(CURL *curl, HttpAnswer *answer, int *hopeless, Fault *fault)
{
    char why[CURL_ERROR_SIZE] = "";
    curl_off_t retry = 0;
    lib.set(curl, CURLOPT_ERRORBUFFER, why);
    CURLcode code = lib.perform(curl);
    *hopeless = never(code);
    lib.set(curl, CURLOPT_ERRORBUFFER, NULL);
    if (code)
        return fault_set(fault, "%.300s", *why ? why : lib.strerror(code));
    lib.info(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    lib.info(curl, CURLINFO_RETRY_AFTER, &retry);
    answer->retry_s = retry > 0 && retry < 3600 ? (long)retry : 0;
    return 0;
}

int upload_http(const char *url, const char *authorization, const Buf *body, HttpAnswer *answer,
                int *hopeless, Fault *fault)
{
    *answer = (HttpAnswer){0};
    buf_init(&answer->body, ANSWER_MOST);
    *hopeless = 1;
    if (load(fault))
        return -1;
    CURL *curl = lib.init();
    char *header = x_printf("Authorization: %s", authorization);
    struct curl_slist *headers = lib.append(NULL, header);
    if (headers && body)
        lib.append(headers, "Content-Type: application/json");
    int status = -1;
    if (curl && headers) {
        lib.set(curl, CURLOPT_HTTPHEADER, headers);
        set_options(curl, url, body, answer);
        status = perform(curl, answer, hopeless, fault);
    } else {
        fault_set(fault, "libcurl did not start");
    }
    if (curl)
        lib.cleanup(curl);
    lib.free_all(headers);
    free(header);
    return status;
}
