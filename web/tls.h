/*
 * The certificate and key that the HTTP library shows to who comes over TLS.
 *
 * Renewal: at a handshake, at the most once a second, the two files are looked at; when
 * one of them has changed both are read again. A pair that is not good (a key of another
 * certificate, half a file) is said once on stderr and the one before goes on. So
 * neither a signal nor a restart is needed, and nothing wakes an idle server.
 */
#ifndef WEB_TLS_H
#define WEB_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>

#include "base/fault.h"

enum { TLS_FILE_BYTES = 1 << 20, TLS_CHAIN_MOST = 16 };

/* 1.2 and 1.3, for the library's MHD_OPTION_HTTPS_PRIORITIES. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* Reads both, PEM; the server's own certificate comes first, then the chain. The paths
 * must live until tls_release(). One pair for each process. 0, or -1 and the fault, which
 * says what is wrong with which file. */
int tls_init(const char *cert, const char *key, Fault *fault);
void tls_release(void); /* no handshake may be under way; safe twice */

/* The library's MHD_OPTION_HTTPS_CERT_CALLBACK. */
int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
                 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
                 unsigned *n_chain, gnutls_privkey_t *key);

/* May a browser be told to come over TLS only (HSTS)? Where people reach the server by an
 * https address with a name of its own: never on localhost or a bare number. */
bool tls_strict(const char *base_url);

#endif
