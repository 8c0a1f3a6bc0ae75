#include "router.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool piece_char(unsigned char c)
{
    return c < 0x80 && (isalnum(c) || c == '-' || c == '_' || c == '.');
}

static size_t piece_len(const char *at)
{
    size_t len = 0;
    while (piece_char((unsigned char)at[len]))
        len++;
    return *at == '.' || len > PIECE_MOST ? 0 : len;
}

bool route_matches(const char *pattern, const char *path, Pieces *pieces)
{
    pieces->n = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '*') {
            if (*pattern != *path++)
                return false;
            continue;
        }
        size_t len = piece_len(path);
        if (len == 0 || pieces->n == PIECES_MOST)
            return false;
        memcpy(pieces->text[pieces->n], path, len);
        pieces->text[pieces->n++][len] = '\0';
        path += len;
    }
    return *path == '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at *text, which moves on; -1: no such. */
static int decoded(const char **text)
{
    if (**text != '%')
        return (unsigned char)*(*text)++;
    int high = hex_digit((*text)[1]);
    int low = high < 0 ? -1 : hex_digit((*text)[2]);
    *text += 3;
    return low < 0 ? -1 : high * 16 + low;
}

bool address_decode(char *text)
{
    char *out = text;
    for (const char *at = text; *at;) {
        int c = decoded(&at);
        if (c < 0x20 || c == 0x7f) {
            *text = '\0';
            return false;
        }
        *out++ = (char)c;
    }
    *out = '\0';
    return true;
}

static bool clean_text(const char *text)
{
    for (const char *at = text; *at;) {
        size_t n = text_utf8(at, strlen(at));
        if (n == 0 || ((unsigned char)*at < 0x20 && !strchr("\r\n\t", *at)) || *at == 0x7f)
            return false;
        at += n;
    }
    return true;
}

static bool form_value(const char *at, char *value, size_t size)
{
    size_t len = 0;
    while (*at && *at != '&') {
        int c = *at == '+' ? (at++, ' ') : decoded(&at);
        if (c <= 0 || len + 1 >= size)
            return false;
        value[len++] = (char)c;
    }
    value[len] = '\0';
    return clean_text(value);
}

bool form_field(const char *body, const char *name, char *value, size_t size)
{
    size_t len = strlen(name);
    for (const char *at = body; at; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, name, len) == 0 && at[len] == '=')
            return form_value(at + len + 1, value, size);
    }
    return false;
}

bool cookie_field(const char *header, const char *name, char *value, size_t size)
{
    size_t len = strlen(name);
    for (const char *at = header; at; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        if (strncmp(at, name, len) != 0 || at[len] != '=')
            continue;
        at += len + 1;
        size_t n = strcspn(at, "; ");
        if (n >= size)
            return false;
        memcpy(value, at, n);
        value[n] = '\0';
        return true;
    }
    return false;
}

bool basic_auth(const char *header, char *user, size_t user_size, char *password,
                size_t password_size)
{
    unsigned char text[256];
    if (!header || strncasecmp(header, "Basic ", 6) != 0)
        return false;
    const char *code = header + 6;
    size_t len = strlen(code);
    if (len == 0 || len % 4 || len / 4 * 3 >= sizeof text)
        return false;
    int n = EVP_DecodeBlock(text, (const unsigned char *)code, (int)len);
    if (n < 0)
        return false;
    text[n] = '\0';
    char *colon = strchr((char *)text, ':');
    if (!colon)
        return false;
    *colon = '\0';
    return snprintf(user, user_size, "%s", (char *)text) < (int)user_size &&
           snprintf(password, password_size, "%s", colon + 1) < (int)password_size;
}
