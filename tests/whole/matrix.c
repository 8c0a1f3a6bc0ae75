/*
 * The grader graded: every program in tests/submissions through `grader run`,
 * its verdicts held against what its `expect` file says, the references for
 * full points and the stubs for none. Prints a table checks x programs.
 *
 *   matrix [-e EXERCISE] [-p PROGRAM] [-n REPEATS] [-j JOBS] [-b BUILD] [-s] [-c | -w]
 *
 * Run from the top of the repository. Fails on a verdict that differs, on a
 * wrong program that trips what it does not name, and on a check that no wrong
 * program trips. See tests/submissions/README.md for `expect`.
 *
 * With -s a verdict that differs is looked at a second time, alone: two gradings
 * at once are more than two cores' worth of work, and what is judged there is
 * the grader's rules. It says what wavered. The soak test gives no second look.
 * With -c the correct programs alone: is any of them ever refused a point? With -w all others.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CASES = 400, CHECKS = 32, PATH = 1024 };

typedef struct Expected {
    char id[40], status[16];
    double score;
} Expected;

typedef enum Role { ROLE_WRONG, ROLE_CORRECT, ROLE_STUB } Role;

typedef struct Case {
    char exercise[64], name[128], source[PATH];
    Role role;
    Expected expected[CHECKS];
    int n_expected;
    pid_t pid;
    int times_failed;
    bool second; /* to be looked at again, or already was */
} Case;

static const char *build = "build", *scratch;
static Case cases[CASES];
static int n_cases;
static bool second_look, only_correct, only_wrong;
static int wavered;
static json_t *course; /* `grader list --format json` */

static void die(const char *what, const char *name)
{
    fprintf(stderr, "matrix: %s %s: %s\n", what, name, strerror(errno));
    exit(2);
}

/* --- what there is to do --- */

static void read_expect(Case *c)
{
    char path[PATH + 16], line[256];
    snprintf(path, sizeof path, "%s/expect", c->source);
    FILE *file = fopen(path, "r");
    if (!file)
        die("no expect file:", path);
    while (fgets(line, sizeof line, file)) {
        Expected e;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (strcmp(line, "correct\n") == 0)
            c->role = ROLE_CORRECT;
        else if (c->n_expected < CHECKS &&
                 sscanf(line, "%39s %15s %lf", e.id, e.status, &e.score) == 3)
            c->expected[c->n_expected++] = e;
        else
            die("can't read a line of", path);
    }
    fclose(file);
    if (c->role == ROLE_WRONG && c->n_expected == 0)
        die("names no check:", path);
    if (c->role == ROLE_CORRECT ? only_wrong : only_correct)
        n_cases--; /* it is the last one */
}

static Case *add_case(const char *exercise, const char *name, Role role, const char *source)
{
    if (n_cases == CASES)
        die("too many cases at", name);
    Case *c = &cases[n_cases++];
    *c = (Case){.role = role};
    snprintf(c->exercise, sizeof c->exercise, "%s", exercise);
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->source, sizeof c->source, "%s", source);
    return c;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void collect_exercise(const char *exercise, const char *only)
{
    char path[PATH];
    struct dirent **names;
    snprintf(path, sizeof path, "reference/%s", exercise);
    if (!only_wrong && (!only || strcmp(only, "reference") == 0))
        add_case(exercise, "reference", ROLE_CORRECT, path);
    snprintf(path, sizeof path, "assignments/%s", exercise);
    if (!only_correct && (!only || strcmp(only, "stub") == 0))
        add_case(exercise, "stub", ROLE_STUB, path);
    snprintf(path, sizeof path, "tests/submissions/%s", exercise);
    int n = scandir(path, &names, NULL, by_name);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "tests/submissions/%s/%s", exercise, names[i]->d_name);
        bool wanted = !only || strcmp(only, names[i]->d_name) == 0;
        if (names[i]->d_name[0] != '.' && wanted && is_folder(path))
            read_expect(add_case(exercise, names[i]->d_name, ROLE_WRONG, path));
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static json_t *load_course(void)
{
    char command[PATH];
    snprintf(command, sizeof command, "%s/grader/grader list --format json", build);
    FILE *pipe = popen(command, "r");
    json_error_t error;
    json_t *root = pipe ? json_loadf(pipe, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (!root || pclose(pipe) != 0)
        die("no answer from", command);
    return root;
}

/* --- one grading --- */

static void run_quietly(const char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    if (status != 0)
        die("failed:", argv[0]);
}

/* A submission's folder with this exercise alone in it, as a student's would be. */
static void stage(const Case *c, int index)
{
    char folder[PATH], from[PATH + 8], to[PATH + 80];
    snprintf(folder, sizeof folder, "%s/%d", scratch, index);
    snprintf(from, sizeof from, "%s/.", c->source);
    snprintf(to, sizeof to, "%s/%s", folder, c->exercise);
    run_quietly((const char *[]){"mkdir", "-p", to, NULL});
    run_quietly((const char *[]){"cp", "-r", from, to, NULL});
}

static void start(Case *c, int index)
{
    char grader[PATH], folder[PATH], report[PATH], log[PATH];
    snprintf(grader, sizeof grader, "%s/grader/grader", build);
    snprintf(folder, sizeof folder, "%s/%d", scratch, index);
    snprintf(report, sizeof report, "%s/%d.json", scratch, index);
    snprintf(log, sizeof log, "%s/%d.log", scratch, index);
    c->pid = fork();
    if (c->pid == 0) {
        if (!freopen(log, "w", stderr))
            _exit(127);
        execl(grader, grader, "run", "-e", c->exercise, "-f", "json", "-o", report, folder, NULL);
        _exit(127);
    }
}

static const Expected *expected_of(const Case *c, const char *id)
{
    for (int i = 0; i < c->n_expected; i++)
        if (strcmp(c->expected[i].id, id) == 0)
            return &c->expected[i];
    return NULL;
}

static bool check_agrees(const Case *c, json_t *check)
{
    const char *id = json_string_value(json_object_get(check, "id"));
    const char *status = json_string_value(json_object_get(check, "status"));
    double score = json_number_value(json_object_get(check, "score"));
    double most = json_number_value(json_object_get(check, "max_score"));
    const Expected *e = expected_of(c, id);
    if (c->role == ROLE_STUB)
        return score == 0 && strcmp(status, "pass") != 0;
    if (e)
        return strcmp(e->status, status) == 0 && e->score == score;
    return strcmp(status, "pass") == 0 && score == most;
}

static void tell(const Case *c, json_t *check)
{
    const Expected *e = expected_of(c, json_string_value(json_object_get(check, "id")));
    printf("\n  %s/%s: %s is %s %g (%s)", c->exercise, c->name,
           json_string_value(json_object_get(check, "id")),
           json_string_value(json_object_get(check, "status")),
           json_number_value(json_object_get(check, "score")),
           json_string_value(json_object_get(check, "message")));
    if (e)
        printf("\n    expected %s %g", e->status, e->score);
}

/* Returns how many verdicts differ; prints the program's row of the table. */
static int compare(const Case *c, json_t *report)
{
    json_t *exercise = json_array_get(json_object_get(report, "exercises"), 0);
    json_t *checks = json_object_get(exercise, "checks"), *check;
    size_t i;
    int differ = 0;
    printf("  %-34s", c->name);
    json_array_foreach(checks, i, check)
    {
        const char *status = json_string_value(json_object_get(check, "status"));
        double score = json_number_value(json_object_get(check, "score"));
        char mark = strcmp(status, "pass") == 0   ? '.'
                    : strcmp(status, "skip") == 0 ? '-'
                    : strcmp(status, "fail") != 0 ? 'E'
                    : score > 0                   ? 'p'
                                                  : 'F';
        printf(" %c", mark);
    }
    printf("  %5.1f", json_number_value(json_object_get(exercise, "score")));
    json_array_foreach(checks, i, check)
    {
        if (check_agrees(c, check))
            continue;
        differ++;
        tell(c, check);
    }
    if (json_array_size(checks) == 0) {
        printf("  no checks in the report");
        differ++;
    }
    putchar('\n');
    return differ;
}

static void finish(Case *c, int index, int status)
{
    char path[PATH];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%d.json", scratch, index);
    json_t *report = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    bool want_all = c->role == ROLE_CORRECT;
    bool status_fits = WIFEXITED(status) && WEXITSTATUS(status) == (want_all ? 0 : 1);
    int differ = report ? compare(c, report) : 1;
    if (!report || !status_fits) {
        printf("  %s/%s: grader run ended with %s %d%s\n", c->exercise, c->name,
               WIFEXITED(status) ? "status" : "signal",
               WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
               report ? "" : " and no report");
        differ++;
    }
    if (differ) {
        if (second_look && !c->second)
            c->second = true;
        else
            c->times_failed++;
        snprintf(path, sizeof path, "cat %s/%d.log", scratch, index);
        fflush(stdout);
        if (system(path) != 0)
            printf("  (no log)\n");
    }
    json_decref(report);
    fflush(stdout);
}

/* --- all of them --- */

static void finish_one(void)
{
    int status;
    pid_t pid = wait(&status);
    for (int i = 0; i < n_cases; i++)
        if (cases[i].pid == pid) {
            cases[i].pid = 0;
            finish(&cases[i], i, status);
        }
}

static void run_all(int jobs)
{
    int running = 0;
    for (int i = 0; i < n_cases; i++) {
        if (running == jobs) {
            finish_one();
            running--;
        }
        start(&cases[i], i);
        running++;
    }
    while (running-- > 0)
        finish_one();
    for (int i = 0; i < n_cases; i++) {
        if (!cases[i].second)
            continue;
        int before = cases[i].times_failed;
        printf("  %s/%s: a second look, alone\n", cases[i].exercise, cases[i].name);
        start(&cases[i], i);
        finish_one();
        wavered += cases[i].times_failed == before;
        cases[i].second = false;
    }
}

static bool tripped(const char *exercise, const char *id)
{
    for (int i = 0; i < n_cases; i++)
        if (cases[i].role == ROLE_WRONG && strcmp(cases[i].exercise, exercise) == 0) {
            const Expected *e = expected_of(&cases[i], id);
            if (e && strcmp(e->status, "fail") == 0)
                return true;
        }
    return false;
}

/* No check without a wrong program that trips it. */
static int count_untripped(const char *only)
{
    int untripped = 0;
    size_t i, k;
    json_t *exercise, *check;
    json_array_foreach(json_object_get(course, "exercises"), i, exercise)
    {
        const char *id = json_string_value(json_object_get(exercise, "id"));
        if (only && strcmp(only, id) != 0)
            continue;
        json_array_foreach(json_object_get(exercise, "checks"), k, check)
        {
            const char *name = json_string_value(json_object_get(check, "id"));
            if (tripped(id, name))
                continue;
            printf("  no wrong program trips %s/%s\n", id, name);
            untripped++;
        }
    }
    return untripped;
}

static void print_legend(const char *only)
{
    size_t i, k;
    json_t *exercise, *check;
    json_array_foreach(json_object_get(course, "exercises"), i, exercise)
    {
        const char *id = json_string_value(json_object_get(exercise, "id"));
        if (only && strcmp(only, id) != 0)
            continue;
        printf("%s:", id);
        json_array_foreach(json_object_get(exercise, "checks"), k, check)
            printf(" %s", json_string_value(json_object_get(check, "id")));
        putchar('\n');
    }
    puts(". pass  F fail  p part  - skip  E error");
}

static void collect(const char *exercise, const char *program)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(course, "exercises"), i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "id"));
        if (!exercise || strcmp(exercise, id) == 0)
            collect_exercise(id, program);
    }
    for (int k = 0; k < n_cases; k++)
        stage(&cases[k], k);
}

int main(int argc, char **argv)
{
    const char *exercise = NULL, *program = NULL;
    int letter, repeats = 1, jobs = 2;
    while ((letter = getopt(argc, argv, "e:p:n:j:b:scw")) != -1) {
        if (letter == 'e')
            exercise = optarg;
        else if (letter == 'p')
            program = optarg;
        else if (letter == 'n')
            repeats = atoi(optarg);
        else if (letter == 'j')
            jobs = atoi(optarg);
        else if (letter == 'b')
            build = optarg;
        else if (letter == 's')
            second_look = true;
        else if (letter == 'c')
            only_correct = true;
        else if (letter == 'w')
            only_wrong = true;
        else
            return 2;
    }
    char folder[] = "/tmp/matrix.XXXXXX";
    if (!(scratch = mkdtemp(folder)))
        die("no folder", folder);
    chmod(folder, 0755);
    course = load_course();
    collect(exercise, program);
    print_legend(exercise);
    for (int i = 0; i < repeats; i++)
        run_all(jobs);
    int failed = 0, untripped = program || only_correct ? 0 : count_untripped(exercise);
    for (int i = 0; i < n_cases; i++)
        failed += cases[i].times_failed;
    run_quietly((const char *[]){"rm", "-rf", scratch, NULL});
    json_decref(course);
    if (wavered)
        printf("%d verdicts differed while the machine was busy and not alone\n", wavered);
    printf("matrix: %d passed, %d failed\n", n_cases * repeats - failed, failed + untripped);
    return failed || untripped || n_cases == 0;
}
