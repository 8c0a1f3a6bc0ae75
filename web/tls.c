#include "tls.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

/* What a file looked like when it was read. */
typedef struct Look {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
} Look;

/* A pair that a handshake may still use: freed only at the end, for there is one each
 * time a certificate is renewed. */
typedef struct Pair {
    gnutls_pcert_st chain[TLS_CHAIN_MOST];
    unsigned n_chain;
    gnutls_privkey_t key;
    struct Pair *before;
} Pair;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *cert_path, *key_path;
static Pair *newest;
static Look looks[2];
static int64_t looked_ns;

/* --- reading --- */

static int read_pem(const char *path, gnutls_datum_t *text, Fault *fault)
{
    struct stat info;
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        return fault_errno(fault, "%.200s", path);
    if (!S_ISREG(info.st_mode) || info.st_size > TLS_FILE_BYTES)
        return fault_set(fault, "%.200s: not a file in PEM form", path);
    if (gnutls_load_file(path, text) != 0)
        return fault_set(fault, "%.200s: can't be read", path);
    return 0;
}

static bool holds(const gnutls_datum_t *text, const char *words)
{
    return memmem(text->data, text->size, words, strlen(words)) != NULL;
}

static int bad_pair(const gnutls_datum_t *cert, const gnutls_datum_t *key, int code, Fault *fault)
{
    if (!holds(cert, "BEGIN CERTIFICATE") && holds(key, "BEGIN CERTIFICATE"))
        return fault_set(fault,
                         "--tls-cert and --tls-key are the wrong way round: the certificate "
                         "is in %.200s",
                         key_path);
    if (!holds(cert, "BEGIN CERTIFICATE"))
        return fault_set(fault, "%.200s: no certificate in PEM form in it", cert_path);
    if (!holds(key, "PRIVATE KEY"))
        return fault_set(fault, "%.200s: no private key in PEM form in it", key_path);
    if (holds(key, "ENCRYPTED"))
        return fault_set(fault,
                         "%.200s: the key has a password; write it without one: openssl pkey -in "
                         "OLD -out NEW",
                         key_path);
    if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return fault_set(fault,
                         "the key in %.200s is not that of the first certificate in %.200s (the "
                         "server's own comes first, then the chain)",
                         key_path, cert_path);
    return fault_set(fault, "%.200s and %.200s: %s", cert_path, key_path, gnutls_strerror(code));
}

static void say_if_expired(gnutls_x509_crt_t own)
{
    time_t until = gnutls_x509_crt_get_expiration_time(own);
    char day[32];
    struct tm parts;
    if (until == (time_t)-1 || until > time(NULL))
        return;
    strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&until, &parts));
    fprintf(stderr, "courseweb: %s: expired on %s; browsers and git refuse it\n", cert_path, day);
}

static int import_chain(Pair *pair, const gnutls_datum_t *text)
{
    gnutls_x509_crt_t certs[TLS_CHAIN_MOST];
    unsigned n = TLS_CHAIN_MOST;
    int code = gnutls_x509_crt_list_import(certs, &n, text, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return code;
    say_if_expired(certs[0]);
    pair->n_chain = n;
    code = gnutls_pcert_import_x509_list(pair->chain, certs, &pair->n_chain, 0);
    for (unsigned i = 0; i < n; i++)
        gnutls_x509_crt_deinit(certs[i]);
    if (code < 0)
        pair->n_chain = 0;
    return code;
}

/* The library's own check that the two belong together. */
static int matching(const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
    gnutls_certificate_credentials_t trial;
    int code = gnutls_certificate_allocate_credentials(&trial);
    if (code < 0)
        return code;
    code = gnutls_certificate_set_x509_key_mem(trial, cert, key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(trial);
    return code;
}

static void pair_free(Pair *pair)
{
    for (unsigned i = 0; i < pair->n_chain; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}

static Pair *pair_of(const gnutls_datum_t *cert, const gnutls_datum_t *key, Fault *fault)
{
    Pair *pair = x_calloc(1, sizeof *pair);
    int code = matching(cert, key);
    if (code >= 0)
        code = gnutls_privkey_init(&pair->key);
    if (code >= 0)
        code = gnutls_privkey_import_x509_raw(pair->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (code >= 0)
        code = import_chain(pair, cert);
    if (code >= 0)
        return pair;
    bad_pair(cert, key, code, fault);
    pair_free(pair);
    return NULL;
}

static Pair *read_pair(Fault *fault)
{
    gnutls_datum_t cert = {0}, key = {0};
    Pair *pair = NULL;
    if (!read_pem(cert_path, &cert, fault) && !read_pem(key_path, &key, fault))
        pair = pair_of(&cert, &key, fault);
    gnutls_free(cert.data);
    if (key.data)
        gnutls_memset(key.data, 0, key.size);
    gnutls_free(key.data);
    return pair;
}

/* --- renewal --- */

/* Field by field: padding is not compared. A file that is gone looks like nothing. */
static bool look_again(Look *look, const char *path)
{
    struct stat info = {0};
    if (stat(path, &info) != 0)
        info = (struct stat){0};
    bool same = look->device == info.st_dev && look->inode == info.st_ino &&
                look->size == info.st_size && look->changed.tv_sec == info.st_mtim.tv_sec &&
                look->changed.tv_nsec == info.st_mtim.tv_nsec;
    *look = (Look){info.st_dev, info.st_ino, info.st_size, info.st_mtim};
    return !same;
}

static bool look_at_both(void)
{
    bool cert = look_again(&looks[0], cert_path), key = look_again(&looks[1], key_path);
    return cert || key;
}

/* Under the lock. */
static void renew(void)
{
    Fault fault = {""};
    int64_t now = clock_mono_ns();
    if (now - looked_ns < NS_PER_S)
        return;
    looked_ns = now;
    if (!look_at_both())
        return;
    Pair *pair = read_pair(&fault);
    if (!pair) {
        fprintf(stderr, "courseweb: the certificate before goes on: %s\n", fault.text);
        return;
    }
    pair->before = newest;
    newest = pair;
    fprintf(stderr, "courseweb: the certificate has been read again\n");
}

int tls_init(const char *cert, const char *key, Fault *fault)
{
    cert_path = cert;
    key_path = key;
    look_at_both(); /* before they are read: what changes in between is seen later */
    looked_ns = clock_mono_ns();
    newest = read_pair(fault);
    return newest ? 0 : -1;
}

void tls_release(void)
{
    while (newest) {
        Pair *before = newest->before;
        pair_free(newest);
        newest = before;
    }
}

int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
                 unsigned *n_chain, gnutls_privkey_t *key)
{
    (void)session, (void)names, (void)n_names, (void)algorithms, (void)n_algorithms;
    pthread_mutex_lock(&lock);
    renew();
    *chain = newest->chain;
    *n_chain = newest->n_chain;
    *key = newest->key;
    pthread_mutex_unlock(&lock);
    return 0;
}

/* --- HSTS --- */

bool tls_strict(const char *base_url)
{
    char host[256];
    unsigned char number[16];
    if (strncmp(base_url, "https://", 8) != 0 || base_url[8] == '[')
        return false;
    snprintf(host, sizeof host, "%.*s", (int)strcspn(base_url + 8, ":/"), base_url + 8);
    return strchr(host, '.') && inet_pton(AF_INET, host, number) != 1;
}
