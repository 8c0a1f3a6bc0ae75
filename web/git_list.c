#include "git_list.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static GitRequest *list;
static int running;
static bool stopping;

static void link_in(GitRequest *git)
{
    git->next = list;
    git->link = &list;
    if (list)
        list->link = &git->next;
    list = git;
}

static int most_of(const GitRequest *git)
{
    return git->push ? PUSHES_AT_ONCE : git->staff ? FETCHES_OF_STAFF : FETCHES_AT_ONCE;
}

bool git_list_expect(GitRequest *git)
{
    int n = 0;
    pthread_mutex_lock(&list_lock);
    for (const GitRequest *other = list; other; other = other->next)
        n += other->counts && other->sender == git->sender && other->push == git->push;
    git->counts = n < most_of(git);
    if (git->counts)
        link_in(git);
    pthread_mutex_unlock(&list_lock);
    return git->counts;
}

void git_list_runs(GitRequest *git, pid_t pid)
{
    pthread_mutex_lock(&list_lock);
    running++;
    git->pid = pid;
    git->runs = true;
    if (stopping)
        git->ended = true; /* its push goes on, and nobody is left to carry what it says */
    if (!git->link)
        link_in(git);
    pthread_mutex_unlock(&list_lock);
}

void git_list_settled(GitRequest *git)
{
    pthread_mutex_lock(&list_lock);
    git->counts = false;
    pthread_mutex_unlock(&list_lock);
}

void git_push_taken(pid_t group)
{
    pthread_mutex_lock(&list_lock);
    for (GitRequest *git = list; git; git = git->next)
        if (git->runs && git->pid == group)
            git->counts = false;
    pthread_mutex_unlock(&list_lock);
}

void git_list_over(GitRequest *git)
{
    pthread_mutex_lock(&list_lock);
    running--;
    git->runs = false;
    pthread_mutex_unlock(&list_lock);
}

void git_list_leave(GitRequest *git)
{
    pthread_mutex_lock(&list_lock);
    if (git->link) {
        *git->link = git->next;
        if (git->next)
            git->next->link = git->link;
    }
    git->link = NULL;
    pthread_mutex_unlock(&list_lock);
}

int git_running(void)
{
    pthread_mutex_lock(&list_lock);
    int n = running;
    pthread_mutex_unlock(&list_lock);
    return n;
}

int git_running_of(int64_t sender)
{
    int n = 0;
    pthread_mutex_lock(&list_lock);
    for (const GitRequest *other = list; other; other = other->next)
        n += other->runs && other->sender == sender;
    pthread_mutex_unlock(&list_lock);
    return n;
}

void git_stop_all(void)
{
    pthread_mutex_lock(&list_lock);
    stopping = true;
    for (GitRequest *git = list; git; git = git->next)
        if (git->runs)
            git_request_end(git);
    pthread_mutex_unlock(&list_lock);
}

bool git_stopping(void)
{
    pthread_mutex_lock(&list_lock);
    bool is = stopping;
    pthread_mutex_unlock(&list_lock);
    return is;
}
