/* The subcommand that says whose reports of GitHub Actions are taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "trust.h"

/* --- what a value may look like --- */

static bool made_of(const char *text, const char *others)
{
    for (const char *at = text; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= '0' && *at <= '9') || strchr(others, *at)))
            return false;
    return *text && strlen(text) < 200;
}

static bool is_name(const char *text)
{
    return made_of(text, "-_.");
}

static bool is_repository(const char *text)
{
    const char *slash = strchr(text, '/');
    return made_of(text, "-_./") && slash && slash != text && slash[1] && !strchr(slash + 1, '/');
}

static bool is_number(const char *text)
{
    return *text && *text != '0' && strspn(text, "0123456789") == strlen(text) &&
           strlen(text) <= 20;
}

static bool is_https(const char *text)
{
    return strncmp(text, "https://", 8) == 0 && made_of(text + 8, "-_.:/[]");
}

static bool is_url(const char *text)
{
    return is_https(text) || (strncmp(text, "http://", 7) == 0 && made_of(text + 7, "-_.:/[]"));
}

static bool is_ref(const char *text)
{
    return made_of(text, "-_./");
}

static bool is_refs(const char *text)
{
    return made_of(text, "-_./,");
}

static bool is_file(const char *text)
{
    return *text == '/' && strlen(text) < 4096;
}

static bool is_yes_no(const char *text)
{
    return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
}

static bool is_runners(const char *text)
{
    return strcmp(text, "github") == 0 || strcmp(text, "any") == 0;
}

/* --- as it is kept --- */

/* A commit and what begins with refs/ stay; a bare name is a branch. */
static void add_ref(Buf *out, const char *ref, size_t len)
{
    bool commit = len == 40 && strspn(ref, "0123456789abcdef") >= len;
    buf_str(out, commit || strncmp(ref, "refs/", 5) == 0 ? "" : "refs/heads/");
    buf_add(out, ref, len);
}

static void keep_refs(Buf *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, ",");
        if (len && out->len)
            buf_char(out, '\n');
        if (len)
            add_ref(out, text, len);
        text += len + (text[len] == ',');
    }
}

static void keep_flag(Buf *out, const char *text)
{
    buf_str(out, strcmp(text, "yes") == 0 || strcmp(text, "any") == 0 ? "1" : "0");
}

static void keep_address(Buf *out, const char *text)
{
    size_t len = strlen(text);
    buf_add(out, text, len - (text[len - 1] == '/'));
}

static const struct {
    const char *option, *key, *what;
    bool (*good)(const char *text);
    void (*keep)(Buf *out, const char *text); /* NULL: as it stands */
    bool may_be_empty;                        /* "": back to the default */
} options[] = {
    {"--ref", "github_refs", "branches, tags (refs/tags/v1) or commits", is_refs, keep_refs, false},
    {"--owner", "github_owner", "a name on GitHub", is_name, NULL, false},
    {"--owner-id", "github_owner_id", "a number", is_number, NULL, true},
    {"--prefix", "github_prefix", "the beginning of a repository's name", is_name, NULL, true},
    {"--branch", "github_branch", "a branch", is_ref, keep_refs, false},
    {"--one-job", "github_one_job", "yes or no", is_yes_no, keep_flag, false},
    {"--runners", "github_any_runner", "github or any", is_runners, keep_flag, false},
    {"--audience", "github_audience", "an address", is_url, keep_address, true},
    {"--issuer", "github_issuer", "an https address", is_https, keep_address, false},
    {"--issuer-ca", "github_issuer_ca", "a file's whole path", is_file, NULL, true},
    {"--site", "github_site", "an https address", is_https, keep_address, false},
};
enum { OWNER = 1, N_OPTIONS = sizeof options / sizeof *options };

/* Another owner's number is learnt anew. */
static int forget_number(Db *db, const char *owner, Fault *fault)
{
    char *before = course_setting(db, "github_owner");
    bool same = before && strcmp(before, owner) == 0;
    free(before);
    return same ? 0 : course_set(db, "github_owner_id", "", fault);
}

static int set_one(Db *db, int i, const char *value, Fault *fault)
{
    if (strcmp(options[i].key, "github_owner") == 0 && forget_number(db, value, fault))
        return -1;
    Buf kept;
    buf_init(&kept, 4096);
    if (options[i].keep && *value)
        options[i].keep(&kept, value);
    else
        buf_str(&kept, value);
    int status = course_set(db, options[i].key, kept.data, fault);
    buf_release(&kept);
    return status;
}

/* Whose the workflow is; unless it is said, whose the students' repositories are too. */
static int set_workflows(Db *db, const char *repository, bool owner_said, Fault *fault)
{
    char *owner = x_strndup(repository, strcspn(repository, "/"));
    int status = course_set(db, "github_workflows", repository, fault);
    if (status == 0 && !owner_said && !forget_number(db, owner, fault))
        status = course_set(db, "github_owner", owner, fault);
    free(owner);
    return status;
}

static int set_all(Db *db, const char *repository, const char *const *values, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    int status = repository ? set_workflows(db, repository, values[OWNER] != NULL, fault) : 0;
    for (int i = 0; status == 0 && i < N_OPTIONS; i++)
        if (values[i])
            status = set_one(db, i, values[i], fault);
    if (status == 0)
        status = db_commit(db, fault);
    if (status)
        db_rollback(db);
    return status;
}

/* --- what is set --- */

static void show(Db *db)
{
    Trust trust;
    trust_load(db, &trust);
    char *url = course_setting(db, "serving");
    const char *audience = *trust.audience ? trust.audience : url ? url : "";
    if (!trust.on) {
        puts("No reports are taken. Turn them on: courseweb github OWNER/NAME");
    } else {
        printf("Reports are taken of the workflow in %s, called at", trust.workflows);
        for (const char *at = trust.refs; *at; at += strcspn(at, "\n"), at += *at == '\n')
            printf(" %.*s", (int)strcspn(at, "\n"), at);
        printf(
            ",\nfor repositories of %s (number %s) called %s%s, pushes to %s, from %s runners.\n",
            trust.owner, *trust.owner_id ? trust.owner_id : "learnt from the first report",
            *trust.prefix ? trust.prefix : "...-", "USERNAME", trust.branch,
            trust.any_runner ? "any" : "github-hosted");
        printf("grade-one-job.yml: %s.\n",
               trust.one_job ? "taken, and marked (the weaker promise)" : "not taken");
        if (*audience)
            printf("The workflow needs:  SERVER: \"%s\"\n", audience);
        if (strncmp(audience, "https://", 8) != 0)
            puts("GitHub's runners have to reach it: serve with --url https://...");
        printf("%lld reports wait for a word of the staff (courseweb repo list).\n",
               (long long)db_number(db, 0, "SELECT count(*) FROM web_report WHERE submission = 0",
                                    ""));
    }
    free(url);
    trust_release(&trust);
}

static int check_values(int argc, char **argv, const char *const *values)
{
    for (int i = 0; i < N_OPTIONS; i++)
        if (values[i] && !(options[i].may_be_empty && !*values[i]) && !options[i].good(values[i]))
            return usage_error("github", "%s takes %s, not \"%.100s\"", options[i].option,
                               options[i].what, values[i]);
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "off") != 0 && !is_repository(argv[1])))
        return usage_error("github", "give the repository with the workflow: OWNER/NAME");
    return 0;
}

int command_github(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    const char *values[N_OPTIONS];
    for (int i = 0; i < N_OPTIONS; i++)
        values[i] = take_option(&argc, argv, options[i].option);
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("github", argc, argv);
    if (!status)
        status = check_values(argc, argv, values);
    const char *repository = !status && argc == 2 ? argv[1] : NULL;
    if (repository && strcmp(repository, "off") == 0) {
        if (course_set(db, "github_workflows", "", &fault))
            status = failed(&fault);
    } else if (!status && set_all(db, repository, values, &fault)) {
        status = failed(&fault);
    }
    if (!status)
        show(db);
    return close_course(&course, status);
}
