/*
 * Identity tokens of GitHub Actions: JSON Web Tokens in their compact form, signed with RS256
 * and nothing else. What a token names (`alg`, `jku`, `jwk`, `x5u`, ...) never chooses how it is
 * verified: the algorithm is ours and the key comes from the issuer (keys.h) by its `kid`.
 *
 * A token is hostile text until token_verify() has said 0. The faults say what is wrong with it
 * and nothing of ours; they may be sent to whoever brought it.
 */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

enum {
    TOKEN_BYTES = 16384,
    TOKEN_LEEWAY_S = 60, /* clocks differ */
    TOKEN_LIFE_S = 3600, /* GitHub's live for minutes */
    KEY_ID_BYTES = 129
};

/* One that has the form of a token. */
typedef struct Token {
    const char *signed_text; /* header.payload, in the text that was given */
    size_t signed_len;
    char key[KEY_ID_BYTES]; /* `kid` */
    Buf payload, signature; /* decoded */
} Token;

/* The claims that we read; each is there, of the right form, or the token is refused. */
typedef struct Claims {
    char issuer[256], audience[512], id[128];
    char repository[201], repository_id[21]; /* "owner/name"; ids are decimal digits */
    char owner[101], owner_id[21];
    char run[21], attempt[11];
    char event[65], ref[256], commit[65];
    char workflow[512]; /* job_workflow_ref: "owner/name/.github/workflows/FILE@REF" */
    char actor[101], actor_id[21];
    char runner[33]; /* "github-hosted" or "self-hosted" */
    int64_t expires_s, not_before_s, issued_s;
} Claims;

/* `text` must outlive the token; release it whatever comes back. 0, or -1 and the fault. */
int token_read(Token *token, const char *text, Fault *fault);
void token_release(Token *token); /* safe twice */

/* Is it signed with this RSA key? */
int token_verify(const Token *token, EVP_PKEY *key, Fault *fault);

/* Reads them; says nothing of whether they are true. */
int token_claims(const Token *token, Claims *claims, Fault *fault);

/* Is it meant for now? */
int claims_timely(const Claims *claims, int64_t now_s, Fault *fault);

/* Base64url without padding, in its one canonical form. False: it is none, or does not fit. */
bool base64url(const char *text, size_t len, Buf *bytes);

#endif
