#include "hook.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "jobs.h"

enum {
    LINE_MOST = 4096,
    CRASH_PAUSE_S = 20,
    REFS_MOST = 50,
    REF_BYTES = 200,
    REF_PARTS = 8,
    COMMIT_BYTES = 1 << 20
};

typedef struct Hook {
    Course course;
    int64_t person;
    Db *db;
    Fault fault;
} Hook;

/* Tests stop a push at a named state, to kill it there. */
static void stop_at(const char *state)
{
    const char *wanted = getenv("COURSEWEB_STOP_AT");
    if (wanted && strcmp(wanted, state) == 0)
        sleep(CRASH_PAUSE_S);
}

static int open_hook(Hook *hook)
{
    const char *dir = getenv("COURSEWEB_DIR"), *person = getenv("COURSEWEB_PERSON");
    *hook = (Hook){.person = person ? atoll(person) : 0};
    if (!dir || hook->person <= 0)
        return fault_set(&hook->fault, "this repository takes pushes over HTTP only");
    if (course_open(&hook->course, dir, &hook->fault))
        return -1;
    hook->db = course_db(&hook->course, &hook->fault);
    return hook->db ? 0 : -1;
}

static void close_hook(Hook *hook)
{
    course_db_drop();
    course_release(&hook->course);
}

/* A line of git's: "OLD NEW REF". The texts stand in the line; NULL: it was cut. */
typedef struct Update {
    const char *hash, *ref;
    bool removes, moves_branch; /* the branch that counts */
} Update;

static Update update_in(char *line)
{
    char *rest = NULL;
    strtok_r(line, " \n", &rest);
    Update update = {.hash = strtok_r(NULL, " \n", &rest)};
    update.ref = strtok_r(NULL, " \n", &rest);
    update.removes = update.hash && strspn(update.hash, "0") == strlen(update.hash);
    update.moves_branch =
        update.ref && strcmp(update.ref, BRANCH) == 0 && !update.removes && hash_valid(update.hash);
    return update;
}

static int prepared(Hook *hook, const char *hash)
{
    int status = job_prepare(hook->db, hook->person, hash, &hook->fault);
    stop_at("prepared");
    return status;
}

static bool server_is_gone(void)
{
    const char *pid = getenv("COURSEWEB_SERVER");
    return pid && kill((pid_t)atoi(pid), 0) != 0 && errno == ESRCH;
}

static int committed(Hook *hook, const char *hash)
{
    stop_at("moved");
    int status = job_commit(hook->db, hook->person, hash, NULL, &hook->fault);
    /* One that was started again meanwhile knows nothing of this push, and git may be gone before the
     * next hook: its connection was the old one's. */
    if (status == 0 && server_is_gone())
        door_tell(hook->course.socket, "kick\n");
    stop_at("queued");
    return status;
}

static int aborted(Hook *hook, const char *hash)
{
    return job_abort(hook->db, hook->person, hash, &hook->fault);
}

static const struct {
    const char *state;
    int (*run)(Hook *hook, const char *hash);
} states[] = {{"prepared", prepared}, {"committed", committed}, {"aborted", aborted}};

static int on_transaction(const char *state)
{
    char line[LINE_MOST];
    Hook hook = {.db = NULL};
    int status = 0;
    while (status == 0 && fgets(line, sizeof line, stdin)) {
        Update update = update_in(line);
        if (!update.moves_branch)
            continue;
        if (!hook.db)
            status = open_hook(&hook);
        for (size_t i = 0; status == 0 && i < sizeof states / sizeof *states; i++)
            if (strcmp(states[i].state, state) == 0)
                status = states[i].run(&hook, update.hash);
    }
    if (status)
        fprintf(stderr, "%s\n", hook.fault.text);
    if (hook.db)
        close_hook(&hook);
    return status ? 1 : 0;
}

/* --- before it --- */

/* Each part of a name is a folder, in each repository's refs and logs: some thousand of them
 * keep whoever lists them busy for minutes. NULL: it may be kept. */
static const char *refused_name(const char *ref)
{
    int parts = 0;
    for (const char *at = ref; at && *at; at++)
        parts += *at == '/';
    if (!ref || strlen(ref) > REF_BYTES || parts > REF_PARTS)
        return "this name is too long, or has too many parts";
    if (strncmp(ref, "refs/heads/", 11) != 0 && strncmp(ref, "refs/tags/", 10) != 0)
        return "only branches and tags are kept here";
    if (strncmp(ref, BRANCH "/", strlen(BRANCH "/")) == 0)
        return "a branch below `main` would leave no room for `main`";
    return NULL;
}

/* A commit is read into memory, with its message. In the quarantine of this push. */
static bool commit_too_large(const char *hash)
{
    char command[128];
    long long bytes = 0;
    snprintf(command, sizeof command, "git cat-file -s %.64s", hash);
    FILE *pipe = popen(command, "r");
    bool read = pipe && fscanf(pipe, "%lld", &bytes) == 1;
    if (pipe)
        pclose(pipe);
    return read && bytes > COMMIT_BYTES;
}

static const char *refused(const Update *update)
{
    if (update->ref && update->removes)
        return strcmp(update->ref, BRANCH) == 0 ? "what was handed in stays; push something else"
                                                : NULL;
    const char *why = refused_name(update->ref);
    if (!why && update->moves_branch && commit_too_large(update->hash))
        why = "the commit's message is too large";
    return why;
}

/* Asked here, too, for what this hook says is read by who pushes; what the transaction's says is not. */
static bool may_push(void)
{
    Hook hook;
    bool may = open_hook(&hook) == 0 && job_allowed(hook.db, hook.person, &hook.fault) == 0;
    if (!may)
        fprintf(stderr, "%s.\n", hook.fault.text);
    if (hook.db)
        close_hook(&hook);
    return may;
}

static int before_receiving(void)
{
    char line[LINE_MOST];
    int refs = 0;
    bool moves = false;
    for (; fgets(line, sizeof line, stdin); refs++) {
        Update update = update_in(line);
        const char *why = refused(&update);
        moves |= update.moves_branch;
        if (!why)
            continue;
        fprintf(stderr, "%.100s: %s.\n", update.ref ? update.ref : "a branch", why);
        return 1;
    }
    if (moves && !may_push())
        return 1;
    if (refs <= REFS_MOST)
        return 0;
    fprintf(stderr,
            "%d branches and tags at once: %d are taken here at the most, and only `main` is "
            "graded.\nTo hand it in: git push course HEAD:main\n",
            refs, REFS_MOST);
    return 1;
}

/* --- after the push --- */

static void copy_lines(int fd)
{
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        if (write(STDOUT_FILENO, bytes, (size_t)n) != n)
            break;
}

static void watch_job(const Hook *hook, int64_t job)
{
    char line[64];
    snprintf(line, sizeof line, "watch %lld\n", (long long)job);
    int fd = door_call(hook->course.socket, line);
    if (fd < 0) {
        puts("Your push is kept. The server is not there now; it is graded when it is back.");
        fflush(stdout);
        return;
    }
    copy_lines(fd);
    close(fd);
}

static void say_others(int kept, int removed)
{
    if (removed)
        puts("Removed. What was handed in stays.");
    if (!kept)
        return;
    puts("Kept, and not graded: only the branch `main` is.");
    puts("To hand it in: git push course HEAD:main");
}

static int on_received(void)
{
    char line[LINE_MOST];
    Hook hook;
    int64_t job = 0;
    int kept = 0, removed = 0;
    while (fgets(line, sizeof line, stdin)) {
        Update update = update_in(line);
        if (!update.moves_branch) {
            removed += update.removes;
            kept += !update.removes;
            continue;
        }
        if (job == 0 && open_hook(&hook))
            return 0;
        job = job_standing(hook.db, hook.person, update.hash);
        stop_at("post-receive");
    }
    if (job) {
        watch_job(&hook, job);
        close_hook(&hook);
    } else {
        say_others(kept, removed);
    }
    return 0;
}

int hook_main(const char *name, int argc, char **argv)
{
    if (strcmp(name, "pre-receive") == 0)
        return before_receiving();
    if (strcmp(name, "reference-transaction") == 0)
        return argc > 1 ? on_transaction(argv[1]) : 1;
    return on_received();
}
