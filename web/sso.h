/*
 * Signing in by the word of a reverse proxy: it has asked the university's own sign-in who
 * this is, and says so in a header (--sso-header). Off unless that is given.
 *
 * The header is believed at GET /sso alone, from the proxy's own connection alone: from
 * --sso-from, else from loopback or the unix socket. What X-Forwarded-For says does not
 * count. A server that others than this machine can reach must have both TLS (--secure or
 * --tls-cert) and --sso-from, or it does not start.
 */
#ifndef WEB_SSO_H
#define WEB_SSO_H

#include "people.h"

enum { SSO_IDENTITY = 256, SSO_FROM_MOST = 8 };

/* May this connection vouch? `peer`: its address as text, "unix" for a unix socket; `from`:
 * addresses with commas between, or NULL. */
bool sso_believes(const char *from, const char *peer);

/* What is wrong with these options; 0, or -1 and the fault. `local`: the server listens on
 * loopback or a unix socket. */
int sso_check(const char *header, const char *from, bool local, bool secure, Fault *fault);

/*
 * Whose identity this is: the roster's key first, then the e-mail address, then a student
 * account's name; upper and lower case are one. False: nobody's, or not one person's alone.
 * An account's name that somebody chose does not count, for it may be somebody else's at the
 * university: staff's, and one that is only what a student is called on GitHub.
 */
bool sso_person(Db *db, const char *identity, Person *person);

#endif
