/* What a browser or git sends before anybody is signed in: addresses, forms, cookies,
 * Basic authentication, a tree object of a push. Nothing that is taken is odd. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail.h"
#include "objects.h"
#include "people.h"
#include "router.h"
#include "sso.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good)
{
    if (!good)
        abort();
}

static void address(const char *text)
{
    static const char *const patterns[] = {"/", "/student/*", "/submission/*/trace/*/*",
                                           "/git/*/info/refs"};
    Pieces pieces;
    char *copy = strdup(text);
    if (address_decode(copy))
        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
            if (route_matches(patterns[i], copy, &pieces))
                for (int k = 0; k < pieces.n; k++)
                    must(*pieces.text[k] && *pieces.text[k] != '.' &&
                         !strpbrk(pieces.text[k], "/\\\n\"' <>&"));
    free(copy);
}

static void fields(const char *text)
{
    char value[64], user[40], password[80];
    if (form_field(text, "a", value, sizeof value))
        for (const char *at = value; *at;) {
            size_t n = text_utf8(at, strlen(at));
            must(n > 0);
            at += n;
        }
    if (cookie_field(text, "session", value, sizeof value))
        must(!strpbrk(value, "; "));
    if (basic_auth(text, user, sizeof user, password, sizeof password))
        must(!strchr(user, ':'));
    if (email_valid(text))
        must(strlen(text) < EMAIL_BYTES && *text != '-' && !strpbrk(text, "\r\n\t ,;<>\"'()\\") &&
             strchr(text, '@') == strrchr(text, '@'));
    must(!sso_believes(text, ""));
    must(!sso_believes(text, "10.0.0.5") || strstr(text, "10.0.0.5"));
    if (name_valid(text))
        must(strlen(text) < NAME_BYTES && !strchr(text, '/') && *text != '.');
}

static void tree(const uint8_t *data, size_t size)
{
    Buf bytes;
    TreeEntry entry;
    buf_init(&bytes, size + 1);
    buf_add(&bytes, data, size);
    for (size_t at = 0; tree_next(&bytes, 20, &at, &entry);)
        must(strlen(entry.hash) == 40 && entry.name + strlen(entry.name) < bytes.data + size);
    buf_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    address(text);
    fields(text);
    tree(data, size);
    free(text);
    return 0;
}
