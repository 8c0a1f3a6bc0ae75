#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/page.h"
#include "scores.h"
#include "scratch_store.h"

static char *scores(Scratch *scratch, const char *format, const CourseRules *rules)
{
    Buf out;
    buf_init(&out, SCORES_MOST);
    int status = scores_write(&out, scratch->db, &(ScoresWanted){.format = format, .rules = rules},
                              NULL, &scratch->fault);
    if (status)
        fprintf(stderr, "%s\n", scratch->fault.text);
    assert_int_equal(status, 0);
    return buf_take(&out);
}

/* One exercise alone, as with `-e 2`. */
static void add_second_only(Store *store, const char *student, Fault *fault)
{
    Result result;
    sample_result(&result);
    ExerciseResult first = result.exercises[0];
    result.exercises[0] = result.exercises[1];
    result.exercises[1] = first;
    result.n_exercises = 1;
    sample_fail(sample_check(&result.exercises[0], "peer-gone"), 1, "this", "that");
    result_total(&result);
    assert_int_equal(store_add(store, student, &result, NULL, fault), 0);
    result.n_exercises = 2;
    result_release(&result);
}

static void a_class(Scratch *scratch)
{
    Store *store = opened(scratch);
    add_second_only(store, "Åsa", &scratch->fault);
    assert_int_equal(scratch_add(store, "bob", 3, 1700000100, NULL, &scratch->fault), 0);
    assert_int_equal(scratch_add(store, "bob", 6, 1700000200, NULL, &scratch->fault), 0);
    assert_int_equal(scratch_add(store, "ada", 0, 1700000300, NULL, &scratch->fault), 0);
    store_close(store);
}

static void a_table_for_people(void **state)
{
    a_class(*state);
    char *text = scores(*state, "text", NULL);
    assert_string_equal(text, "student        ex1        ex2      total   attempts\n"
                              "ada          16/16      16/16      32/32          1\n"
                              "bob        14.5/16      16/16    30.5/32          2\n"
                              "Åsa              -    14.5/16    14.5/32          1\n");
    free(text);
}

static void csv(void **state)
{
    a_class(*state);
    char *text = scores(*state, "csv", NULL);
    assert_string_equal(
        text, "student,\"ex1_nonblocking\",\"ex2_event_loop\",total,max,attempts,latest,weaker\n"
              "\"ada\",16,16,32,32,1,2023-11-14T22:18:20Z,\n"
              "\"bob\",14.5,16,30.5,32,2,2023-11-14T22:16:40Z,\n"
              "\"Åsa\",,14.5,14.5,32,1,2023-11-14T22:13:20Z,\n");
    free(text);
}

/* What the machine that ran it reported itself is marked wherever there is a place for it. */
static void the_weaker_promise(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    sample_result(&result);
    sample_fail(sample_check(&result.exercises[1], "build"), 0, "this", "that");
    result_total(&result);
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), 0);
    sample_pass(sample_check(&result.exercises[1], "build"));
    result_total(&result);
    result.weaker = true;
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), 0);
    result_release(&result);
    store_close(store);
    CourseRules same;
    course_rules_init(&same);
    for (int weighed = 0; weighed < 2; weighed++) {
        const CourseRules *rules = weighed ? &same : NULL;
        char *text = scores(scratch, "csv", rules);
        assert_non_null(strstr(text, "20Z,\"ex2_event_loop\"\n"));
        free(text);
        text = scores(scratch, "text", rules);
        assert_non_null(strstr(text, "      16/16     *16/16      32/32 "));
        assert_non_null(strstr(text, "\n* reported by the machine"));
        free(text);
        text = scores(scratch, "json", rules);
        assert_non_null(strstr(text, "\"promise\": \"weaker\""));
        free(text);
    }
    course_rules_release(&same);
}

static void canvas(void **state)
{
    a_class(*state);
    char *text = scores(*state, "canvas", NULL);
    assert_string_equal(text, "Student,ID,SIS User ID,SIS Login ID,Section,\"ex1_nonblocking\","
                              "\"ex2_event_loop\"\n"
                              "    Points Possible,,,,,16,16\n"
                              "\"ada\",,,\"ada\",,16,16\n"
                              "\"bob\",,,\"bob\",,14.5,16\n"
                              "\"Åsa\",,,\"Åsa\",,,14.5\n");
    free(text);
}

static void moodle(void **state)
{
    a_class(*state);
    char *text = scores(*state, "moodle", NULL);
    assert_string_equal(text, "Username,\"ex1_nonblocking\",\"ex2_event_loop\"\n"
                              "\"ada\",16,16\n"
                              "\"bob\",14.5,16\n"
                              "\"Åsa\",,14.5\n");
    free(text);
}

static void json(void **state)
{
    a_class(*state);
    char *text = scores(*state, "json", NULL);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    int schema, n, attempts;
    const char *student, *id, *best_at, *latest_at;
    double score, best, latest;
    assert_int_equal(json_unpack(root, "{s:i}", "schema", &schema), 0);
    assert_int_equal(schema, 1);
    json_t *students = json_object_get(root, "students");
    assert_int_equal(json_array_size(students), 3);
    json_t *bob = json_array_get(students, 1), *exercises = json_object_get(bob, "exercises");
    assert_int_equal(json_unpack(bob, "{s:s, s:F, s:i}", "student", &student, "score", &score,
                                 "attempts", &attempts),
                     0);
    assert_string_equal(student, "bob");
    assert_true(score == 30.5 && attempts == 2);
    assert_int_equal(json_unpack(json_array_get(exercises, 0), "{s:s, s:F, s:F, s:s, s:s}", "id",
                                 &id, "score", &best, "latest_score", &latest, "best_at", &best_at,
                                 "latest_at", &latest_at),
                     0);
    assert_string_equal(id, "ex1_nonblocking");
    assert_true(best == 14.5 && latest == 13);
    assert_string_equal(best_at, "2023-11-14T22:15:00Z");
    assert_string_equal(latest_at, "2023-11-14T22:16:40Z");
    n = (int)json_array_size(json_object_get(json_array_get(students, 2), "exercises"));
    assert_int_equal(n, 1);
    assert_null(strstr(text, "000000"));
    json_decref(root);
    free(text);
}

static void weighed_by_the_course(void **state)
{
    a_class(*state);
    CourseWeight weights[] = {{(char[]){"ex1_nonblocking"}, (char[]){"retry-interval"}, 2},
                              {(char[]){"ex2_event_loop"}, (char[]){"peer-gone"}, 12}};
    CourseRules rules = {weights, 2};
    char *text = scores(*state, "text", &rules);
    assert_string_equal(text, "student        ex1        ex2      total   attempts\n"
                              "ada          14/14      20/20      34/34          1\n"
                              "bob        13.5/14      20/20    33.5/34          2\n"
                              "Åsa              -    15.5/20    15.5/34          1\n");
    free(text);
}

static void formulas_do_not_compute(void **state)
{
    Scratch *scratch = *state;
    static const char *const names[] = {"=1+1", "+1",     "-1",   "@SUM(A1)", " \t=1",
                                        "'=1",  "a\"b,c", "%x|y", "=\"x\"",   "\r=1"};
    Store *store = opened(scratch);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(scratch_add(store, names[i], 0, 1, NULL, &scratch->fault), 0);
    store_close(store);
    static const char *const tables[] = {"csv", "canvas", "moodle"};
    char *text;
    for (int i = 0; i < 3; i++) {
        text = scores(scratch, tables[i], NULL);
        for (const char *at = text; (at = strchr(at, '"')); at++)
            assert_true(at == text || strchr(",\n", at[-1]) == NULL ||
                        strchr("=+-@%\t\r", at[1]) == NULL);
        assert_non_null(strstr(text, "\"'=1+1\","));
        free(text);
    }
    text = scores(scratch, "csv", NULL);
    assert_non_null(strstr(text, "\n\"'=1+1\","));
    assert_non_null(strstr(text, "\n\"a\"\"b,c\","));
    assert_non_null(strstr(text, "\n\"'=\"\"x\"\"\","));
    free(text);
}

static void wide_and_odd_names_keep_the_table(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    static const char *const names[] = {
        "a name that is by far too long for the table and goes on and on",
        "日本語のとても長い名前が続いていて行の終わりまで", "::error::x", "##[error]x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(scratch_add(store, names[i], 0, 1, NULL, &scratch->fault), 0);
    store_close(store);
    char *text = scores(scratch, "text", NULL);
    int lines = 0;
    for (char *line = text; *line; line += strcspn(line, "\n") + 1, lines++) {
        int columns = page_columns(line, strcspn(line, "\n"));
        assert_true(lines == 0 || strncmp(line, "::", 2) != 0);
        assert_int_equal(columns, 40 + 44);
    }
    assert_int_equal(lines, 5);
    assert_null(strstr(text, "##["));
    free(text);
}

static void an_empty_class(void **state)
{
    Scratch *scratch = *state;
    store_close(opened(scratch));
    char *text = scores(scratch, "text", NULL);
    assert_string_equal(text, "No results are stored yet.\n");
    free(text);
    text = scores(scratch, "csv", NULL);
    assert_string_equal(text, "student,total,max,attempts,latest,weaker\n");
    free(text);
    text = scores(scratch, "json", NULL);
    json_t *root = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(root, "students")), 0);
    json_decref(root);
    free(text);
}

/* By a date at which nobody had handed anything in, the course is what it is. */
static void columns_that_nobody_has(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Buf out;
    static const ScoresColumn columns[] = {{"ex1_nonblocking", 40}, {"ex9_later", 30}};
    ScoresWanted wanted = {.format = "csv", .columns = columns, .n_columns = 2, .until_s = 1};
    assert_int_equal(scratch_add(store, "ada", 5, 9, NULL, &scratch->fault), 0);
    store_close(store);
    buf_init(&out, SCORES_MOST);
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_string_equal(out.data, "student,\"ex1_nonblocking\",\"ex9_later\",total,max,attempts,"
                                  "latest,weaker\n");
    wanted.until_s = 0;
    buf_clear(&out);
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_non_null(strstr(out.data, "\"ex9_later\",total"));
    buf_release(&out);
}

/* bob by his login, ada is of no interest, of Åsa nothing better is known. */
static bool known(void *context, const char *student, ScoresPerson *person)
{
    ++*(int *)context;
    if (strcmp(student, "bob") == 0)
        *person = (ScoresPerson){"=b123", "Bob \"B\" Bar", "Mon, 10"};
    return strcmp(student, "ada") != 0;
}

static void the_whole_class(void *context, void (*name)(void *to, const char *student), void *to)
{
    (void)context;
    static const char *const names[] = {"zoe", "ada", "bob", "aaron", "bob-2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        name(to, names[i]);
}

static void everybody_has_a_row(void **state)
{
    Scratch *scratch = *state;
    Buf out;
    buf_init(&out, SCORES_MOST);
    ScoresWanted wanted = {.format = "moodle", .everybody = the_whole_class};
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault),
                     -1); /* no db */
    a_class(scratch);
    buf_clear(&out);
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    const char *aaron = strstr(out.data, "\"aaron\",,\n"),
               *bob = strstr(out.data, "\"bob\",14.5,16\n");
    assert_true(aaron && bob && aaron < bob);
    assert_non_null(strstr(out.data, "\"bob-2\",,\n"));
    assert_non_null(strstr(out.data, "\"zoe\",,\n"));
    assert_null(strstr(strstr(out.data, "\"bob\"") + 1, "\"bob\"")); /* nobody twice */
    buf_clear(&out);
    wanted.format = "csv";
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_non_null(strstr(out.data, "\"zoe\",,,0,32,0,,\n"));
    buf_release(&out);
}

static void by_who_they_are(void **state)
{
    Scratch *scratch = *state;
    Buf out;
    int asked = 0;
    a_class(scratch);
    buf_init(&out, SCORES_MOST);
    ScoresWanted wanted = {.format = "canvas", .person = known, .context = &asked};
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_string_equal(out.data, "Student,ID,SIS User ID,SIS Login ID,Section,\"ex1_nonblocking\","
                                  "\"ex2_event_loop\"\n"
                                  "    Points Possible,,,,,16,16\n"
                                  "\"Bob \"\"B\"\" Bar\",,,\"'=b123\",\"Mon, 10\",14.5,16\n"
                                  "\"Åsa\",,,\"Åsa\",,,14.5\n");
    assert_true(asked >= 3);
    buf_clear(&out);
    wanted.format = "moodle";
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_non_null(strstr(out.data, "\"'=b123\",14.5,16\n"));
    assert_null(strstr(out.data, "ada"));
    buf_clear(&out);
    wanted.format = "csv"; /* by the store's names */
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_non_null(strstr(out.data, "\n\"bob\","));
    assert_non_null(strstr(out.data, ",weaker,identifier,name,section\n"));
    assert_non_null(strstr(out.data, ",\"'=b123\",\"Bob \"\"B\"\" Bar\",\"Mon, 10\"\n"));
    assert_non_null(strstr(out.data, ",\"Åsa\",\"Åsa\",\n"));
    buf_clear(&out);
    wanted.format = "json";
    assert_int_equal(scores_write(&out, scratch->db, &wanted, NULL, &scratch->fault), 0);
    assert_non_null(strstr(out.data, "\"identifier\": \"=b123\""));
    buf_release(&out);
}

static void what_can_go_wrong(void **state)
{
    Scratch *scratch = *state;
    Buf out;
    buf_init(&out, 20);
    assert_int_equal(
        scores_write(&out, scratch->db, &(ScoresWanted){.format = "text"}, NULL, &scratch->fault),
        -1);
    assert_says(&scratch->fault, "No such file");
    assert_int_equal(access(scratch->db, F_OK), -1);
    a_class(scratch);
    assert_int_equal(
        scores_write(&out, scratch->db, &(ScoresWanted){.format = "xml"}, NULL, &scratch->fault),
        -1);
    assert_says(&scratch->fault, "no such format: xml (there are text, csv, json, canvas, moodle)");
    assert_int_equal(
        scores_write(&out, scratch->db, &(ScoresWanted){.format = "csv"}, NULL, &scratch->fault),
        -1);
    assert_says(&scratch->fault, "too large");
    buf_release(&out);
    assert_true(scores_format_known("csv"));
    assert_false(scores_format_known("CSV"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_table_for_people),
        TEST(csv),
        TEST(the_weaker_promise),
        TEST(canvas),
        TEST(moodle),
        TEST(json),
        TEST(weighed_by_the_course),
        TEST(formulas_do_not_compute),
        TEST(wide_and_odd_names_keep_the_table),
        TEST(an_empty_class),
        TEST(columns_that_nobody_has),
        TEST(everybody_has_a_row),
        TEST(by_who_they_are),
        TEST(what_can_go_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
