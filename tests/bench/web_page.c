/*
 * Pages: the class page from the server's cache beside the bare HTTP library and nginx, the
 * class page made anew beside a bare read of the same rows, and a submission's page.
 */
#include "web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 8, CACHED = 400, ANEW = 40, SUBMISSION_VIEWS = 40, PAGES = 20 };

typedef struct Rate {
    double a_second, cpu_ms;
} Rate;

static Rate rate(pid_t pid, const Load *wanted)
{
    double before = cpu_of(pid);
    Loaded loaded = load(wanted);
    free(loaded.each);
    return (Rate){wanted->requests / loaded.wall, 1000 * (cpu_of(pid) - before) / wanted->requests};
}

/* --- from the cache --- */

typedef struct Side {
    const char *name;
    pid_t pid;
    Load load;
    double a_second[TURNS_MOST], cpu_ms[TURNS_MOST];
} Side;

static void compare(Side *ours, Side *bare, const char *target)
{
    double rates[TURNS_MOST], cpu[TURNS_MOST];
    char what[80];
    for (int i = 0; i < bench.turns; i++) {
        rates[i] = ours->a_second[i] / bare->a_second[i];
        cpu[i] = bare->cpu_ms[i] / ours->cpu_ms[i];
    }
    snprintf(what, sizeof what, "answers a second, ours / %s", bare->name);
    show(what, rates, bench.turns, "x", target);
    snprintf(what, sizeof what, "CPU an answer, %s / ours", bare->name);
    show(what, cpu, bench.turns, "x", "");
}

static void take_turns(Side *sides, int n)
{
    for (int i = 0; i < bench.turns; i++)
        for (int k = 0; k < n; k++) {
            Rate got = rate(sides[k].pid, &sides[k].load);
            sides[k].a_second[i] = got.a_second;
            sides[k].cpu_ms[i] = got.cpu_ms;
        }
}

static void from_cache(const Served *served, const char *cookie)
{
    size_t len;
    char *page = get(served->port, "/class", cookie, &len);
    Load asked = {.path = "/class", .connections = CONNECTIONS, .requests = CACHED};
    Side sides[3] = {{"ours", served->pid, asked, {0}, {0}},
                     {"the bare HTTP library", 0, asked, {0}, {0}},
                     {"nginx", 0, asked, {0}, {0}}};
    sides[0].load.port = served->port;
    sides[0].load.cookie = sides[1].load.cookie = sides[2].load.cookie = cookie;
    sides[1].pid = bare_begin(page, len, &sides[1].load.port);
    sides[2].pid = nginx_begin(page, len, &sides[2].load.port);
    int n = sides[2].pid > 0 ? 3 : 2;
    rate(sides[0].pid, &sides[0].load);
    take_turns(sides, n);
    printf("  the page has %zu KiB; load %.1f\n", len / 1024, load_now());
    compare(&sides[0], &sides[1], "target >= 0.8");
    if (n == 3)
        compare(&sides[0], &sides[2], "");
    else
        puts("  nginx is not on this machine: left out");
    for (int k = 0; k < n; k++) {
        char what[80];
        snprintf(what, sizeof what, "CPU an answer, %s", sides[k].name);
        show(what, sides[k].cpu_ms, bench.turns, "ms", "");
    }
    show("answers a second, ours", sides[0].a_second, bench.turns, "/s", "");
    for (int k = 1; k < n; k++)
        kill(sides[k].pid, SIGKILL), finish(sides[k].pid);
    free(page);
}

/* --- made anew --- */

/* Something changes: what is in the cache does not hold any more. */
static void change(void *context, int request)
{
    Db *db = context;
    (void)request;
    db_run(db, NULL,
           "INSERT INTO web_setting (key, value) VALUES ('bench', 1)"
           " ON CONFLICT (key) DO UPDATE SET value = value + 1",
           "");
}

static void read_all(Db *db, const char *sql)
{
    sqlite3_stmt *row = db_ask(db, NULL, sql, "");
    while (db_row(row))
        for (int i = 0; i < sqlite3_column_count(row); i++)
            sqlite3_column_text(row, i);
}

/* What the page shows, read with nothing made of it. */
static double bare_read(Db *db)
{
    double began = cpu_own();
    read_all(db, "SELECT id, name, shown, section FROM web_person WHERE role = 'student'");
    read_all(db, "SELECT person, pushed_ms, state, submission FROM web_newest");
    read_all(db, "SELECT student, exercise, halves, max_halves, latest_halves, attempts, submission"
                 " FROM best");
    return 1000 * (cpu_own() - began);
}

static void anew(const Served *served, const char *cookie, Db *db)
{
    double wall[TURNS_MOST], cpu[TURNS_MOST], rows[TURNS_MOST], ratio[TURNS_MOST];
    Load asked = {.port = served->port,
                  .path = "/class",
                  .cookie = cookie,
                  .connections = 1,
                  .requests = ANEW,
                  .before = change,
                  .context = db};
    for (int i = 0; i < bench.turns; i++) {
        double before = cpu_of(served->pid);
        Loaded loaded = load(&asked);
        cpu[i] = 1000 * (cpu_of(served->pid) - before) / ANEW;
        wall[i] = 1000 * share_of(loaded.each, loaded.n, 0.5);
        change(db, 0);
        rows[i] = bare_read(db);
        ratio[i] = cpu[i] / rows[i];
        free(loaded.each);
    }
    show("the class page made anew, wall", wall, bench.turns, "ms", "target <= 5");
    show("the same, CPU of the server", cpu, bench.turns, "ms", "");
    show("a bare SQLite read of the same rows, CPU", rows, bench.turns, "ms", "");
    show("CPU, made anew / bare read", ratio, bench.turns, "x", "");
}

/* --- a submission --- */

static void submissions(const Served *served, const char *cookie)
{
    double wall[TURNS_MOST], cpu[TURNS_MOST];
    char path[64];
    Load asked = {.port = served->port,
                  .path = path,
                  .cookie = cookie,
                  .connections = 1,
                  .requests = SUBMISSION_VIEWS / PAGES};
    for (int i = 0; i < bench.turns; i++) {
        double before = cpu_of(served->pid), each[PAGES];
        for (int k = 0; k < PAGES; k++) {
            snprintf(path, sizeof path, "/submission/%d", SUBMISSIONS - STUDENTS + 1 + k);
            Loaded loaded = load(&asked);
            each[k] = 1000 * share_of(loaded.each, loaded.n, 0.5);
            free(loaded.each);
        }
        cpu[i] = 1000 * (cpu_of(served->pid) - before) / SUBMISSION_VIEWS;
        wall[i] = share_of(each, PAGES, 0.5);
    }
    show("a submission's page, wall", wall, bench.turns, "ms", "target <= 10");
    show("the same, CPU of the server", cpu, bench.turns, "ms", "");
}

void page_section(void)
{
    puts("page: a class of 1,000 over 200,000 submissions, signed in");
    const char *course = made_class();
    Served served;
    Db *db = open_course(course);
    const char *cookie = sign_in(db);
    db_script(db, "PRAGMA synchronous = OFF", NULL);
    serve_begin(&served, course, NULL, 1);
    from_cache(&served, cookie);
    anew(&served, cookie, db);
    submissions(&served, cookie);
    serve_end(&served);
    db_close(db);
}
