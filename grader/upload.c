#include "upload.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "result_read.h"

enum { SAID_MOST = 2048, TOKEN_MOST = 16384, LONGEST_WAIT_S = 90 };

/* --- addresses --- */

static bool begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_here(const char *server)
{
    static const char *const hosts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (begins(server, hosts[i]) && strchr(":", server[strlen(hosts[i])]))
            return true;
    return false;
}

int upload_address(const char *server, Fault *fault)
{
    const char *at = strstr(server, "://");
    for (const char *c = server; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\"'<>\\^`{|}?#@", *c))
            return fault_set(fault, "the server's address is none");
    if (!at || !at[3])
        return fault_set(fault, "the server's address is none: https://... is wanted");
    if (!begins(server, "https://") && !is_here(server))
        return fault_set(fault,
                         "a token is sent over https only (http is for this machine itself)");
    return 0;
}

/* Every byte but letters, digits and -_.~ as %XX. */
static void add_escaped(Buf *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-_.~", c);
        buf_printf(out, plain ? "%c" : "%%%02X", c);
    }
}

/* --- trying again --- */

typedef struct Tries {
    const Upload *upload;
    int n;
    int64_t until_ns;
} Tries;

static bool may_pass(const HttpAnswer *answer)
{
    return answer->status == 408 || answer->status == 429 ||
           (answer->status >= 500 && answer->status <= 504 && answer->status != 501);
}

/* Waits, unless it was the last try or would take too long. */
static bool once_more(Tries *tries, const char *why, long retry_s)
{
    int wait_s = retry_s > 0 ? (int)retry_s : 1 << (tries->n < 5 ? tries->n : 5);
    if (++tries->n >= UPLOAD_TRIES || wait_s > LONGEST_WAIT_S ||
        clock_mono_ns() + wait_s * NS_PER_S > tries->until_ns)
        return false;
    if (tries->upload->again)
        tries->upload->again(tries->upload->context, why, wait_s);
    struct timespec pause = {.tv_sec = wait_s};
    while (nanosleep(&pause, &pause) != 0)
        ;
    return true;
}

/* An answer that stands, of any status; -1 and the fault: none came in time. */
static int ask(Tries *tries, const char *url, const char *authorization, const Buf *body,
               HttpAnswer *answer, Fault *fault)
{
    for (;;) {
        int hopeless;
        int status = upload_http(url, authorization, body, answer, &hopeless, fault);
        if (status == 0 && !may_pass(answer))
            return 0;
        if (status == 0)
            fault_set(fault, "it answers with status %ld", answer->status);
        if ((status && hopeless) || !once_more(tries, fault->text, answer->retry_s))
            return status;
        buf_release(&answer->body);
    }
}

/* --- the two requests --- */

static char *token_in(const Buf *body)
{
    json_t *value = json_strict(body->data, body->len, JSON_DEEP_MOST, NULL);
    const char *token = json_string_value(json_object_get(value, "value"));
    bool good = token && *token && strlen(token) < TOKEN_MOST &&
                strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "-_.") == strlen(token);
    char *copy = good ? x_strdup(token) : NULL;
    json_decref(value);
    return copy;
}

static char *fetch_token(Tries *tries, Fault *fault)
{
    const Upload *upload = tries->upload;
    HttpAnswer answer;
    Buf url;
    Fault why = {""};
    char *password = x_printf("bearer %s", upload->token_password), *token = NULL;
    buf_init(&url, 16384);
    buf_printf(&url, "%s%saudience=", upload->token_url,
               strchr(upload->token_url, '?') ? "&" : "?");
    add_escaped(&url, upload->server);
    if (ask(tries, url.data, password, NULL, &answer, &why))
        fault_set(fault, "no identity token: %.300s", why.text);
    else if (answer.status != 200 || !(token = token_in(&answer.body)))
        fault_set(fault,
                  "no identity token: GitHub answers with status %ld; has the job "
                  "`permissions: id-token: write`?",
                  answer.status);
    buf_release(&answer.body);
    buf_release(&url);
    free(password);
    return token;
}

static void say(Buf *said, const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));
    Buf clean;
    buf_init(&clean, SAID_MOST);
    if (text)
        text_clean(&clean, text, strlen(text));
    for (char *at = clean.data; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    buf_str(said, clean.data);
    buf_release(&clean);
}

static UploadFate read_answer(const HttpAnswer *answer, Buf *said, Fault *fault)
{
    UploadFate fate = UPLOAD_FAILED;
    json_t *body = json_strict(answer->body.data, answer->body.len, JSON_DEEP_MOST, NULL);
    if ((answer->status == 200 || answer->status == 202) && body) {
        fate = UPLOAD_TAKEN;
        say(said, body, answer->status == 200 ? "url" : "message");
    } else if (json_object_get(body, "error")) {
        fate = answer->status < 500 ? UPLOAD_REFUSED : UPLOAD_FAILED;
        say(said, body, "error");
        fault_set(fault, "%.400s", said->data);
    } else {
        fault_set(fault, "it answers with status %ld, not as a course server does", answer->status);
    }
    json_decref(body);
    return fate;
}

UploadFate upload_report(const Upload *upload, const Buf *report, Buf *said, Fault *fault)
{
    Tries tries = {.upload = upload, .until_ns = clock_mono_ns() + UPLOAD_MOST_S * NS_PER_S};
    char *token = fetch_token(&tries, fault);
    if (!token)
        return UPLOAD_FAILED;
    HttpAnswer answer;
    Fault why = {""};
    char *url = upload->pushed_s ? x_printf("%s/api/results?pushed=%lld", upload->server,
                                            (long long)upload->pushed_s)
                                 : x_printf("%s/api/results", upload->server);
    char *authorization = x_printf("Bearer %s", token);
    UploadFate fate = UPLOAD_FAILED;
    tries.n = 0;
    if (ask(&tries, url, authorization, report, &answer, &why) == 0)
        fate = read_answer(&answer, said, &why);
    if (fate == UPLOAD_FAILED)
        fault_set(fault, "%.150s: %.300s", upload->server, why.text);
    buf_release(&answer.body);
    free(url);
    free(authorization);
    free(token);
    return fate;
}
