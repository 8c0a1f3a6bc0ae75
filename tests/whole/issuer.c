/*
 * A stand-in for GitHub's issuer of identity tokens, on loopback: `issuer DIR`. It serves
 *   https://127.0.0.1:P/.well-known/jwks    the public part of DIR/sign.pem, as key `one`
 *   http://127.0.0.1:Q/token?...&audience=A a token with the claims of DIR/claims.json, for A,
 *                                           signed with DIR/sign.pem; needs `bearer asked`
 *   https://127.0.0.1:R                     takes connections and never says a word
 * with DIR/tls.pem and DIR/tls.key, and prints the three addresses, a line each. The claims are read
 * anew for each token, so that a test can change them.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *dir;
static EVP_PKEY *key;

static char *read_file(const char *name)
{
    char path[4096], *text = calloc(1, 65537);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    if (!file || !text || fread(text, 1, 65536, file) == 0) {
        perror(path);
        exit(1);
    }
    fclose(file);
    return text;
}

/* Base64url without padding; the caller frees. */
static char *encoded(const void *bytes, size_t len)
{
    char *text = calloc(1, len / 3 * 4 + 8);
    int n = EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    while (n > 0 && text[n - 1] == '=')
        text[--n] = '\0';
    for (char *at = text; *at; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return text;
}

static char *key_number(const char *name)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;
    if (!EVP_PKEY_get_bn_param(key, name, &number))
        exit(1);
    char *text = encoded(bytes, (size_t)BN_bn2bin(number, bytes));
    BN_free(number);
    return text;
}

static char *key_set(void)
{
    char *n = key_number(OSSL_PKEY_PARAM_RSA_N), *e = key_number(OSSL_PKEY_PARAM_RSA_E);
    json_t *set = json_pack("{s:[{s:s,s:s,s:s,s:s,s:s,s:s}]}", "keys", "kty", "RSA", "use", "sig",
                            "alg", "RS256", "kid", "one", "n", n, "e", e);
    char *text = json_dumps(set, 0);
    json_decref(set);
    free(n);
    free(e);
    return text;
}

static char *payload_for(const char *audience)
{
    char *text = read_file("claims.json");
    json_t *claims = json_loads(text, 0, NULL);
    json_int_t now = (json_int_t)time(NULL);
    if (!json_object_get(claims, "aud"))
        json_object_set_new(claims, "aud", json_string(audience));
    json_object_set_new(claims, "iat", json_integer(now));
    json_object_set_new(claims, "nbf", json_integer(now - 5));
    json_object_set_new(claims, "exp", json_integer(now + 300));
    free(text);
    text = json_dumps(claims, 0);
    json_decref(claims);
    return text;
}

static char *token_for(const char *audience)
{
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"one\"}";
    unsigned char signature[1024];
    size_t len = sizeof signature;
    char bare[32768], *payload = payload_for(audience);
    char *first = encoded(header, strlen(header)), *second = encoded(payload, strlen(payload));
    snprintf(bare, sizeof bare, "%s.%s", first, second);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) != 1 ||
        EVP_DigestSign(context, signature, &len, (unsigned char *)bare, strlen(bare)) != 1)
        exit(1);
    EVP_MD_CTX_free(context);
    char *last = encoded(signature, len), *token = calloc(1, 65536);
    snprintf(token, 65536, "{\"count\":1,\"value\":\"%s.%s\"}", bare, last);
    free(payload);
    free(first);
    free(second);
    free(last);
    return token;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **state)
{
    (void)context, (void)method, (void)version, (void)upload, (void)upload_len, (void)state;
    const char *audience =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "audience");
    const char *asks = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    unsigned status = 404;
    char *text = NULL;
    if (strcmp(url, "/.well-known/jwks") == 0)
        text = key_set();
    else if (strcmp(url, "/token") == 0 && audience && asks && strcmp(asks, "bearer asked") == 0)
        text = token_for(audience);
    if (text)
        status = 200;
    else
        text = strdup("{}");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static void serve(const char *scheme, unsigned flags, const char *cert, const char *tls_key)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(size_t)cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(size_t)tls_key},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | flags, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&here, MHD_OPTION_ARRAY, flags ? tls : tls + 2, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info)
        exit(1);
    printf("%s://127.0.0.1:%u\n", scheme, info->port);
}

/* The kernel takes connections for it; nobody else does. */
static void hang(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, len) || listen(fd, 16) ||
        getsockname(fd, (struct sockaddr *)&here, &len))
        exit(1);
    printf("https://127.0.0.1:%u\n", ntohs(here.sin_port));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    dir = argv[1];
    char *pem = read_file("sign.pem"), *cert = read_file("tls.pem"),
         *tls_key = read_file("tls.key");
    BIO *bio = BIO_new_mem_buf(pem, -1);
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (!key)
        return 1;
    serve("https", MHD_USE_TLS, cert, tls_key);
    serve("http", 0, NULL, NULL);
    hang();
    fflush(stdout);
    for (;;)
        pause();
}
