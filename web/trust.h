/*
 * Whose reports this course takes: what was set with `courseweb github`, and the claims of a
 * verified token held against it.
 *
 * A report is a result that the instructor's own workflow made: `job_workflow_ref` names that
 * workflow, in its repository, at an allowed ref, and GitHub signs it. So it does not matter what
 * a student writes into their own workflow file. The rest keeps other repositories, other events
 * (pull requests, forks) and other machines out.
 *
 * The workflow in one job makes a weaker promise (the machine that runs the student's code can
 * get the token): its reports are taken only where the course says so, and stay marked.
 */
#ifndef WEB_TRUST_H
#define WEB_TRUST_H

#include "course.h"
#include "token.h"

#define TRUST_ISSUER "https://token.actions.githubusercontent.com"
#define TRUST_SITE   "https://github.com"

typedef struct Trust {
    bool on;
    char *workflows; /* the repository that has the workflows: "owner/name" */
    char *refs;      /* at which they may be called, one a line: "refs/heads/main" */
    char *owner;     /* who owns the students' repositories, */
    char *owner_id;  /* and their number, "": learnt from the first report */
    char *branch;    /* "refs/heads/main" */
    char *prefix;    /* of the students' repositories: "lesson8-"; "": any that ends in - */
    char *audience;  /* this course's address; "": what the server says it is */
    char *issuer, *issuer_ca; /* "": the system's certificates */
    char *site;               /* where runs are looked at */
    bool one_job;             /* its reports are taken */
    bool any_runner;          /* also from self-hosted ones */
} Trust;

void trust_load(Db *db, Trust *trust);
void trust_release(Trust *trust); /* safe twice */

/* Do these claims make a report of this course? `one_job` says by which workflow. */
int trust_claims(const Trust *trust, const char *audience, const Claims *claims, bool *one_job,
                 Fault *fault);

#endif
