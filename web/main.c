#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "commands.h"
#include "hook.h"

#define DIR_HELP "\nThe course is --dir DIR, else $COURSEWEB_DIR, else the folder you are in.\n"

const Command commands[] = {
    {"init", "DIR", "make a course's folder", command_init,
     "Makes DIR (or takes an empty one): the database, repositories, queue.\n"
     "Doing it again changes nothing.\n\n"
     "  courseweb init /srv/lesson8\n"},
    {"serve", "DIR [OPTIONS]", "serve it: pushes, grading, pages", command_serve,
     "  --listen ADDR:PORT   where (127.0.0.1:8080; port 0: any free one), or unix:/PATH\n"
     "  --url URL            how people reach it, where that is another address\n"
     "  --workers N          how many are graded at once (1)\n"
     "  --grader PATH        the grader (beside courseweb, else in PATH)\n"
     "  --tls-cert FILE      TLS by courseweb itself: the certificate and its chain, PEM\n"
     "  --tls-key FILE       and its key; a renewed pair is noticed by itself\n"
     "  --secure             a reverse proxy does TLS: cookies are sent over TLS only\n"
     "  --trust-proxy        a reverse proxy sets X-Forwarded-For\n"
     "  --sso-header NAME    a proxy says in it, at /sso, who comes: roster key, e-mail, account\n"
     "  --sso-from ADDRS     believe it from these addresses only (loopback, unix socket)\n"
     "  --mail-command CMD   sends a message given on stdin: links for lost tokens, and a word\n"
     "                       to instructors about our own failures, one an hour at the most\n\n"
     "Ctrl-C or SIGTERM ends it; nothing is lost, also not by kill -9.\n\n"
     "  courseweb serve /srv/lesson8\n"
     "  courseweb serve /srv/lesson8 --listen 0.0.0.0:443 --url https://course.example.org \\\n"
     "      --tls-cert /etc/ssl/course.pem --tls-key /etc/ssl/private/course.key\n"
     "  courseweb serve /srv/lesson8 --url https://course.example.org --secure --trust-proxy \\\n"
     "      --sso-header X-Remote-User --mail-command 'msmtp -t'\n"},
    {"roster",
     "import [--dry-run] FILE.csv | list [--left] | remove NAME... | restore NAME... | github",
     "take in the class list", command_roster,
     "Takes GitHub Classroom's list (identifier,github_username,github_id,name) or\n"
     "Classroom 50's (username,first_name,last_name,email,section,github_id), in any\n"
     "order, with other columns too. A mistake is named with its line, and then nobody\n"
     "is imported. Importing again brings names and sections up to date. With --dry-run\n"
     "it stores nothing and says what it would do, person by person: + added, ~ changed and\n"
     "how, ? of the class and not in this list (they stay).\n"
     "`list` says who is in the class, as CSV; with --left who has left it.\n"
     "`remove` is for who has left: they are in no table or export, and can't sign in or\n"
     "push any more; their results stay. `restore`, or a list with them in it, undoes that.\n"
     "`github` prints the GitHub user names in it, one a line, for a shell's loop.\n\n"
     "  courseweb roster import classroom_roster.csv --dir /srv/lesson8\n"
     "  courseweb roster github --dir /srv/lesson8\n" DIR_HELP},
    {"staff", "add NAME --role ta|instructor [--sections A,B] [--email ADDR] | list | remove NAME",
     "who teaches", command_staff,
     "  add                  an account; said again it changes what is said\n"
     "  list                 name, role, sections, address, as CSV\n"
     "  remove               ends the account, its token, sessions and links\n\n"
     "  --role ta            sees the students of --sections (all, if they were never given)\n"
     "  --role instructor    sees everybody; may pause grading and set the banner\n"
     "  --email ADDR         where serve --mail-command reaches them\n\n"
     "  courseweb staff add grace --role instructor --email grace@example.org\n"
     "  courseweb staff add tim --role ta --sections Mon,Tue\n"
     "  courseweb staff remove tim\n"
     "  courseweb signin-link grace\n" DIR_HELP},
    {"token", "NAME", "a new token for somebody who has lost theirs", command_token,
     "Shows it once. The old token, its sessions and links end. It is the password of\n"
     "`git push` and of the sign-in page. Where the server sends mail or a proxy vouches,\n"
     "students renew theirs themselves: `courseweb serve --help`.\n\n"
     "  courseweb token ada --dir /srv/lesson8\n" DIR_HELP},
    {"claim-links", "[--days N] [--section S] [NAME ...]", "links by which a class joins",
     command_claim_links,
     "Prints name,person,link,email as CSV: for those named, else for every student who has no\n"
     "token yet. A link signs in once and ends after --days (14). What it opens leads\n"
     "to the token.\n\n"
     "  courseweb claim-links --section Mon > monday.csv\n"
     "  courseweb claim-links --days 2 ada bob\n" DIR_HELP},
    {"signin-link", "NAME", "a link that signs in once, for an hour", command_signin_link,
     "For staff at the server, and for demos.\n\n"
     "  courseweb signin-link grace --dir /srv/lesson8\n" DIR_HELP},
    {"due", "[EXERCISE WHEN|none] [--for NAME]", "when exercises are due", command_due,
     "Students see it on their page; pushes are taken and graded whenever they come.\n"
     "`courseweb grades --due` and the class page leave out what was pushed behind it.\n"
     "Alone it lists all due dates as CSV.\n\n"
     "  EXERCISE        its id or number\n"
     "  WHEN            2026-12-01 (that whole day) or '2026-12-01 23:59', local time; none\n"
     "  --for NAME      for this student alone: more time, or less\n\n"
     "  courseweb due 3 '2026-12-04 23:59'\n"
     "  courseweb due 3 2026-12-08 --for ada\n" DIR_HELP},
    {"grades", "[--format FMT] [--until WHEN] [--due]", "the class for the gradebook",
     command_grades,
     "  --format FMT    csv (default), canvas, moodle, json or text; Canvas and Moodle get each\n"
     "                  student by the roster's `identifier`\n"
     "  --until WHEN    what was pushed by then: 2026-12-01 (that whole day) or\n"
     "                  '2026-12-01 23:59', local time; with a Z behind it UTC\n"
     "  --due           of each exercise what was pushed by its due date (courseweb due)\n\n"
     "  courseweb grades --format canvas --until '2026-12-01 23:59' > grades.csv\n" DIR_HELP},
    {"github", "[OWNER/NAME] [OPTIONS] | off", "take reports of GitHub Actions", command_github,
     "OWNER/NAME is your repository with the grading workflow. From then on POST /api/results "
     "takes\n"
     "the results that this workflow made, proved by the job's identity token: no secret is set "
     "up\n"
     "anywhere. Without arguments: what is set, and what the workflow needs. `off`: none is "
     "taken.\n\n"
     "  --ref REF,...        at which refs it may be called: a branch, refs/tags/v1, or a commit "
     "(main)\n"
     "  --owner NAME         who owns the students' repositories (that of OWNER/NAME)\n"
     "  --owner-id N         their number on GitHub (learnt from the first report)\n"
     "  --prefix TEXT        students' repositories are TEXT and the user name: lesson8-\n"
     "                       (left out: their name ends in - and the user name)\n"
     "  --branch NAME        the students' branch that counts (main)\n"
     "  --one-job yes|no     take grade-one-job.yml too, whose promise is weaker (no)\n"
     "  --runners github|any take reports of self-hosted runners too (github)\n"
     "  --audience URL       what the tokens are for (this server's --url)\n"
     "  --issuer URL, --issuer-ca FILE, --site URL\n"
     "                       GitHub Enterprise Server: https://HOST/_services/token, its\n"
     "                       certificates, and where runs are looked at: https://HOST\n\n"
     "  courseweb github my-org/lesson8-grading --prefix lesson8-\n" DIR_HELP},
    {"repo", "list | link REPOSITORY STUDENT | unlink REPOSITORY",
     "whose a repository on GitHub is", command_repo,
     "A repository is known from its first report on. It is linked by itself if its name has the\n"
     "student's user name in it and that student pushed; else its reports wait until it is linked\n"
     "here. REPOSITORY is OWNER/NAME or its number.\n\n"
     "  courseweb repo list                    those that wait come first\n"
     "  courseweb repo link org/lesson8-x ada  what waits is stored at once\n"
     "  courseweb repo unlink org/lesson8-x    later reports wait; what is stored "
     "stays\n" DIR_HELP},
    {"regrade", "NAME... | --all | --errors", "grade the newest push again", command_regrade,
     "For when the grader was corrected: results stay side by side, the best counts, and a\n"
     "deadline goes by when it was pushed.\n\n"
     "  --all            everybody's\n"
     "  --errors         what could not be graded, after three attempts that failed on our side\n\n"
     "  courseweb regrade ada\n"
     "  courseweb regrade --all\n" DIR_HELP},
    {"backup", "FILE", "copy the database, also while it is served", command_backup,
     "FILE must not be there yet. It is whole: one moment's state. Repositories are plain\n"
     "folders below repos/; copy them after it.\n\n"
     "  courseweb backup /backup/$(date +%F).db && cp -r repos /backup/\n" DIR_HELP},
    {"restore", "FILE DIR [--repos FOLDER]", "a course from such a copy", command_restore,
     "Makes the new folder DIR of it, after a look whether the copy is whole. What students\n"
     "pushed between the two copies is graded when it is served, as of when it was pushed.\n\n"
     "  --repos FOLDER   their repositories, as copied from repos/; owners stay\n\n"
     "  courseweb restore /backup/2026-12-01.db /srv/lesson8-new --repos /backup/repos\n"},
    {"doctor", "[--here]", "whether all that the course needs is there", command_doctor,
     "Asks the running server, which looks from within its own service: sandbox, tracer,\n"
     "git, disk, database, clock, each with its cure. Where none runs, or with --here, it\n"
     "looks from where you are. Exit status 3: something is missing.\n\n"
     "  --mail-command CMD   whether this can send, too; a running server says its own\n\n"
     "  courseweb doctor --dir /srv/lesson8\n" DIR_HELP},
    {"set", "[KEY [VALUE]]", "title, banner, paused, pushes_an_hour, url, ...", command_set,
     "Without a value it shows what is set; \"\" takes a setting away.\n\n"
     "  title TEXT           of the course, on every page\n"
     "  banner TEXT          a word to all\n"
     "  paused 0|1           1: pushes are kept, nothing is graded\n"
     "  pushes_an_hour N     of each student (30)\n"
     "  url URL              how people reach it, for links\n"
     "  disk_mb N            staff are told when less is free, and pushes are refused (1024)\n"
     "  repo_mb N            a repository that has grown larger takes no more pushes (512)\n"
     "  mail_from ADDR       the sender of mails; unset: the mail command's own\n\n"
     "  courseweb set title 'Lesson 8' --dir /srv/lesson8\n"
     "  courseweb set banner 'The lab is closed on Friday' && courseweb set paused 1\n" DIR_HELP},
};
const int n_commands = sizeof commands / sizeof *commands;

int usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("courseweb: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry: courseweb %s%s--help\n", command, *command ? " " : "");
    return 2;
}

int failed(const Fault *fault)
{
    fprintf(stderr, "courseweb: %s\n", fault->text);
    return 1;
}

static int overview(FILE *out)
{
    fputs("courseweb: a course's server. Students push with git and read their verdict in the\n"
          "same terminal; staff watch the class in a browser.\n\n",
          out);
    for (int i = 0; i < n_commands; i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].what);
    fputs("\nFrom nothing to a class:\n"
          "  courseweb init /srv/lesson8\n"
          "  courseweb roster import class.csv --dir /srv/lesson8\n"
          "  courseweb staff add grace --role instructor --dir /srv/lesson8\n"
          "  courseweb serve /srv/lesson8 &\n"
          "  courseweb signin-link grace --dir /srv/lesson8     (open it in a browser)\n"
          "  courseweb claim-links --dir /srv/lesson8 > links.csv\n\n"
          "courseweb COMMAND --help tells more; courseweb --version which one this is.\n",
          out);
    return 0;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* git runs us under the name of its hook. */
static bool is_hook(const char *name)
{
    return strcmp(name, "reference-transaction") == 0 || strcmp(name, "post-receive") == 0 ||
           strcmp(name, "pre-receive") == 0;
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    if (is_hook(name))
        return hook_main(name, argc, argv);
    if (argc < 2) {
        overview(stderr);
        return 2;
    }
    if (strcmp(argv[1], "hook") == 0 && argc > 2 && is_hook(argv[2]))
        return hook_main(argv[2], argc - 2, argv + 2);
    for (int i = 0; i < n_commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            if (!wants_help(argc - 1, argv + 1))
                return commands[i].run(argc - 1, argv + 1);
            printf("courseweb %s %s\n\n%s", commands[i].name, commands[i].usage, commands[i].help);
            return 0;
        }
    if (wants_help(argc, argv))
        return overview(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        printf("courseweb %s\n", grader_version);
        return 0;
    }
    return usage_error("", "no command \"%s\"", argv[1]);
}
