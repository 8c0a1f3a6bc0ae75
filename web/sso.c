#include "sso.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "routes.h"

/* --- from whom --- */

static bool is_loopback(const char *peer)
{
    struct in_addr four;
    if (inet_pton(AF_INET, peer, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return strcmp(peer, "::1") == 0;
}

static bool same_address(const char *one, const char *other)
{
    unsigned char a[16], b[16];
    for (int i = 0; i < 2; i++) {
        int family = i ? AF_INET6 : AF_INET;
        if (inet_pton(family, one, a) == 1 && inet_pton(family, other, b) == 1)
            return memcmp(a, b, i ? 16 : 4) == 0;
    }
    return false;
}

/* The next word of a list; false: its end. `word` is empty if it does not fit. */
static bool next_word(const char **list, char *word, size_t size)
{
    *list += strspn(*list, ", ");
    size_t len = strcspn(*list, ", ");
    snprintf(word, size, "%.*s", len < size ? (int)len : 0, *list);
    *list += len;
    return len > 0;
}

bool sso_believes(const char *from, const char *peer)
{
    char word[64];
    if (!from)
        return strcmp(peer, "unix") == 0 || is_loopback(peer);
    while (next_word(&from, word, sizeof word))
        if (same_address(word, peer) || (strcmp(word, "unix") == 0 && strcmp(peer, "unix") == 0))
            return true;
    return false;
}

static int check_from(const char *from, Fault *fault)
{
    char word[64];
    unsigned char address[16];
    int n = 0;
    for (; next_word(&from, word, sizeof word); n++)
        if (strcmp(word, "unix") != 0 && inet_pton(AF_INET, word, address) != 1 &&
            inet_pton(AF_INET6, word, address) != 1)
            return fault_set(fault, "--sso-from takes addresses of the proxy, as 10.0.0.5 or ::1");
    return n > 0 && n <= SSO_FROM_MOST
               ? 0
               : fault_set(fault, "--sso-from takes 1 to %d addresses", SSO_FROM_MOST);
}

int sso_check(const char *header, const char *from, bool local, bool secure, Fault *fault)
{
    static const char letters[] =
        "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (!header)
        return from ? fault_set(fault, "--sso-from goes with --sso-header") : 0;
    if (!*header || strspn(header, letters) != strlen(header))
        return fault_set(fault, "--sso-header takes the name of a header, as X-Remote-User");
    if (from && check_from(from, fault))
        return -1;
    if (!local && (!from || !secure))
        return fault_set(fault, "--sso-header where others than this machine reach the server "
                                "takes TLS (--secure or --tls-cert) and --sso-from PROXY; or let "
                                "it listen on loopback");
    return 0;
}

/* --- whose --- */

bool sso_person(Db *db, const char *identity, Person *person)
{
    int64_t id = 0, rank = 0;
    bool one = true;
    if (!*identity)
        return false;
    sqlite3_stmt *row =
        db_ask(db, NULL,
               "SELECT id, rank FROM ("
               " SELECT id, 1 AS rank FROM web_person WHERE roster_key = ?1 COLLATE NOCASE"
               "  AND left_s = 0"
               " UNION ALL SELECT id, 2 FROM web_person WHERE email = ?1 COLLATE NOCASE"
               "  AND left_s = 0"
               " UNION ALL SELECT id, 3 FROM web_person WHERE name = ?1 AND role = 'student'"
               "  AND left_s = 0"
               "  AND (github_username = '' OR github_username <> name COLLATE NOCASE OR"
               "   roster_key = name COLLATE NOCASE)) ORDER BY rank",
               "s", identity);
    while (db_row(row)) {
        int64_t found = sqlite3_column_int64(row, 0), at = sqlite3_column_int64(row, 1);
        if (rank == 0 || at == rank)
            one = one && (rank == 0 || found == id);
        if (rank == 0) {
            id = found;
            rank = at;
        }
    }
    return rank != 0 && one && person_by_id(db, id, person) && person->role != ROLE_NONE;
}

/* --- the request --- */

typedef struct Said {
    const char *name;
    char identity[SSO_IDENTITY];
    int times;
} Said;

static enum MHD_Result hear(void *context, enum MHD_ValueKind kind, const char *name,
                            const char *value)
{
    Said *said = context;
    (void)kind;
    if (strcasecmp(name, said->name) == 0) {
        said->times++;
        if (!value || snprintf(said->identity, SSO_IDENTITY, "%s", value) >= SSO_IDENTITY)
            said->times += 2; /* cut short it would be somebody else's */
    }
    return MHD_YES;
}

/* One alone: a second one would be what the client itself sent. */
static bool vouched(const Request *request, char identity[SSO_IDENTITY])
{
    const ServeOptions *options = request->server->options;
    Said said = {.name = options->sso_header};
    if (!options->sso_header || !sso_believes(options->sso_from, request->peer))
        return false;
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, hear, &said);
    strcpy(identity, said.identity);
    return said.times == 1 && *identity;
}

enum MHD_Result sso(Request *request)
{
    char identity[SSO_IDENTITY];
    Person person;
    if (!request->server->options->sso_header)
        return reply_not_found(request);
    if (!vouched(request, identity))
        return reply_message(request, 403, "Not signed in",
                             "The university's sign-in did not say who you are.");
    if (!sso_person(request->db, identity, &person))
        return reply_message(request, 403, "Not in this course",
                             "You are signed in at the university, but this course's list does not "
                             "have you. Ask its staff.");
    return start_session(request, &person);
}
