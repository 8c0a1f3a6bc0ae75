#include "trust.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char two_jobs_file[] = "/.github/workflows/grade-reusable.yml@";
static const char one_job_file[] = "/.github/workflows/grade-one-job.yml@";

static char *setting(Db *db, const char *key, const char *absent)
{
    char *value = course_setting(db, key);
    return value ? value : x_strdup(absent);
}

void trust_load(Db *db, Trust *trust)
{
    *trust = (Trust){.workflows = setting(db, "github_workflows", ""),
                     .refs = setting(db, "github_refs", "refs/heads/main"),
                     .owner = setting(db, "github_owner", ""),
                     .owner_id = setting(db, "github_owner_id", ""),
                     .branch = setting(db, "github_branch", "refs/heads/main"),
                     .prefix = setting(db, "github_prefix", ""),
                     .audience = setting(db, "github_audience", ""),
                     .issuer = setting(db, "github_issuer", TRUST_ISSUER),
                     .issuer_ca = setting(db, "github_issuer_ca", ""),
                     .site = setting(db, "github_site", TRUST_SITE),
                     .one_job = course_setting_number(db, "github_one_job", 0) != 0,
                     .any_runner = course_setting_number(db, "github_any_runner", 0) != 0};
    trust->on = *trust->workflows && *trust->owner;
}

void trust_release(Trust *trust)
{
    char *texts[] = {trust->workflows, trust->refs,   trust->owner,    trust->owner_id,
                     trust->branch,    trust->prefix, trust->audience, trust->issuer,
                     trust->issuer_ca, trust->site};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *trust = (Trust){0};
}

/* Is it a line of `lines`? */
static bool is_line(const char *lines, const char *text)
{
    size_t len = strlen(text);
    for (const char *at = lines; *at;) {
        size_t line = strcspn(at, "\n");
        if (line == len && memcmp(at, text, len) == 0)
            return true;
        at += line + (at[line] == '\n');
    }
    return false;
}

/* The ref at which `file` of our repository was called; NULL: it is another workflow. Names of
 * repositories are the same in upper and lower case, those of files and refs are not. */
static const char *ref_of(const Trust *trust, const char *workflow, const char *file)
{
    size_t len = strlen(trust->workflows), file_len = strlen(file);
    if (strncasecmp(workflow, trust->workflows, len) != 0 ||
        strncmp(workflow + len, file, file_len) != 0)
        return NULL;
    return workflow + len + file_len;
}

static int right_workflow(const Trust *trust, const Claims *claims, bool *one_job, Fault *fault)
{
    const char *ref = ref_of(trust, claims->workflow, two_jobs_file);
    *one_job = !ref;
    if (!ref)
        ref = ref_of(trust, claims->workflow, one_job_file);
    if (!ref)
        return fault_set(fault,
                         "the report is of the workflow %.200s, not of this course's (%.100s)",
                         claims->workflow, trust->workflows);
    if (!is_line(trust->refs, ref))
        return fault_set(fault,
                         "the workflow was called at %.100s, which this course does not allow "
                         "(courseweb github --ref)",
                         ref);
    if (*one_job && !trust->one_job)
        return fault_set(fault, "this course takes no reports of grade-one-job.yml (the weaker "
                                "promise); call grade-reusable.yml, or allow it with "
                                "`courseweb github --one-job yes`");
    return 0;
}

static int right_repository(const Trust *trust, const Claims *claims, Fault *fault)
{
    bool known = *trust->owner_id ? strcmp(claims->owner_id, trust->owner_id) == 0
                                  : strcasecmp(claims->owner, trust->owner) == 0;
    if (known)
        return 0;
    return fault_set(fault, "the repository %.200s is not one of %.100s's (number %.20s)",
                     claims->repository, trust->owner, claims->owner_id);
}

static int right_run(const Trust *trust, const Claims *claims, Fault *fault)
{
    if (strcmp(claims->event, "push") != 0)
        return fault_set(fault, "only pushes are reported, not %.64s", claims->event);
    if (strcmp(claims->ref, trust->branch) != 0)
        return fault_set(fault, "only %.100s is reported, not %.200s", trust->branch, claims->ref);
    if (!trust->any_runner && strcmp(claims->runner, "github-hosted") != 0)
        return fault_set(fault,
                         "the report comes from a runner that is %.32s; this course takes "
                         "those of github-hosted ones (`courseweb github --runners any`)",
                         claims->runner);
    return 0;
}

int trust_claims(const Trust *trust, const char *audience, const Claims *claims, bool *one_job,
                 Fault *fault)
{
    *one_job = false;
    if (strcmp(claims->issuer, trust->issuer) != 0)
        return fault_set(fault, "the token is not of the issuer %.100s", trust->issuer);
    if (strcmp(claims->audience, *trust->audience ? trust->audience : audience) != 0)
        return fault_set(fault,
                         "the token is for %.150s and not for this course (%.150s); SERVER in the "
                         "workflow has to be that address",
                         claims->audience, *trust->audience ? trust->audience : audience);
    if (right_workflow(trust, claims, one_job, fault) || right_repository(trust, claims, fault) ||
        right_run(trust, claims, fault))
        return -1;
    return 0;
}
