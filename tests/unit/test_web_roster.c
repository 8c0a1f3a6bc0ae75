/* Class lists: both forms, RFC 4180, mistakes by line, all or nothing, twice the same. */
#include "web_scratch.h"

#include "csv.h"
#include "people.h"
#include "roster.h"

static RosterCount count;
static char mistakes_text[8192];

static int import(Scratch *scratch, const char *text)
{
    Buf mistakes;
    buf_init(&mistakes, 1 << 16);
    int status = roster_import(scratch->db, text, strlen(text), NULL, &count, &mistakes);
    snprintf(mistakes_text, sizeof mistakes_text, "%s", mistakes.data);
    buf_release(&mistakes);
    return status;
}

static int people(Scratch *scratch)
{
    return (int)db_number(scratch->db, -1, "SELECT count(*) FROM web_person", "");
}

static void github_classroom(void **state)
{
    Scratch *scratch = *state;
    Person ada, bob;
    assert_int_equal(import(scratch, "\xef\xbb\xbfidentifier,github_username,github_id,name\r\n"
                                     "ada@x.org,Ada,17,\"Lovelace, \"\"Countess\"\" Ada\"\r\n"
                                     "Bob Bar <b@x>,,,\"Bob\nBar\"\r\n"),
                     -1);
    assert_string_equal(mistakes_text, "line 3: a name that is too long or has control "
                                       "characters: \"Bob\\nBar\"\n");
    assert_int_equal(people(scratch), 0);
    assert_int_equal(import(scratch, "\xef\xbb\xbfidentifier,github_username,github_id,name\r\n"
                                     "ada@x.org,Ada,17,\"Lovelace, \"\"Countess\"\" Ada\"\r\n"
                                     "Bob Bar <b@x>,,,Bob"),
                     0);
    assert_int_equal(count.added, 2);
    assert_true(person_find(scratch->db, "ada", &ada));
    assert_string_equal(ada.name, "Ada");
    assert_string_equal(ada.shown, "Lovelace, \"Countess\" Ada");
    assert_true(person_find(scratch->db, "bob-bar-b", &bob));
    assert_int_equal(bob.role, ROLE_STUDENT);
}

static void classroom_50(void **state)
{
    Scratch *scratch = *state;
    Person cy;
    assert_int_equal(import(scratch, "extra,section,username,last_name,first_name,email\n"
                                     "zzz,Mon 10,cy,Young,Cy,cy@x.org\n"),
                     0);
    assert_true(person_find(scratch->db, "cy", &cy));
    assert_string_equal(cy.shown, "Cy Young");
    assert_string_equal(cy.section, "Mon 10");
}

static void twice_is_once(void **state)
{
    Scratch *scratch = *state;
    const char *list = "identifier,github_username,github_id,name\na,ada,,Ada\nb,,,Bob\n";
    assert_int_equal(import(scratch, list), 0);
    assert_int_equal(import(scratch, list), 0);
    assert_int_equal(count.added, 0);
    assert_int_equal(count.same, 2);
    assert_int_equal(import(scratch, "identifier,github_username,github_id,name\nb,bobby,,Bob B\n"),
                     0);
    assert_int_equal(count.changed, 1);
    /* The account's name stays: results carry it. */
    Person bob;
    assert_true(person_find(scratch->db, "b", &bob));
    assert_string_equal(bob.shown, "Bob B");
    assert_false(person_find(scratch->db, "bobby", &bob));
    assert_int_equal(people(scratch), 2);
}

static void a_list_brings_back_who_had_left(void **state)
{
    Scratch *scratch = *state;
    Fault fault;
    Person ada;
    const char *list = "identifier,github_username,github_id,name\na,ada,,Ada\nb,,,Bob\n";
    assert_int_equal(import(scratch, list), 0);
    assert_int_equal(student_leave(scratch->db, "ada", &fault), 0);
    assert_int_equal(import(scratch, list), 0);
    assert_int_equal(count.changed, 1);
    assert_int_equal(count.same, 1);
    assert_true(person_find(scratch->db, "ada", &ada));
    assert_int_equal(ada.role, ROLE_STUDENT);
}

static void mistakes_by_line(void **state)
{
    Scratch *scratch = *state;
    static const struct {
        const char *list, *says;
    } lists[] = {
        {"", "the file is empty"},
        {"name,age\nada,3\n", "line 1: neither a column"},
        {"identifier;github_username\na;ada\n", "line 1: semicolons"},
        {"identifier,github_id\na,17x\n", "line 2: a github_id is a number"},
        {"identifier\nada\n\"bob\n", "line 3: a quote is opened"},
        {"identifier\n\"ada\"x\n", "line 2: text behind a closing quote"},
        {"identifier\nad\"a\n", "line 2: a quote inside"},
        {"identifier\nada\rbob\n", "line 2: a carriage return alone"},
        {"identifier,github_username\nok,ok\na,../x\nb,-dash\n",
         "line 3: not a user name: \"../x\""},
        {"identifier,github_username\na,same\nb,SAME\n",
         "line 3: this github_username stands on line 2 already: \"SAME\""},
        {"identifier,github_username\na,one\na,two\n",
         "line 3: this identifier stands on line 2 already"},
        {"identifier,github_id\na,17\nb,18\nc,17\n", "line 4: this github_id stands on line 2"},
        {"identifier,email\na,x@y.org\nb,X@y.org\n", "line 3: this email stands on line 2"},
        {"identifier,email\na,nobody\n", "line 2: not an e-mail address"},
        {"identifier,name\na,Doe, John\n",
         "line 2: more fields than the header has: a comma in a name wants quotes: \" John\""},
        {"identifier,name\n,Ada\n", "line 2: nobody is named here"},
        {"identifier,name\na,\x1b[31mred\n", "line 2: a name that is too long or has control"},
        {"identifier,name\na,\xff\xfe\n", "line 2: a name that is too long or has control"},
        {"identifier,name\na,\xe2\x80\xaetxt\n", "line 2: a name that is too long or has control"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(import(scratch, lists[i].list), -1);
        if (!strstr(mistakes_text, lists[i].says))
            fail_msg("list %zu says \"%s\", not \"%s\"", i, mistakes_text, lists[i].says);
        assert_int_equal(people(scratch), 0);
    }
    import(scratch, "identifier,github_username\nok,ok\na,../x\nb,-dash\n");
    assert_non_null(strstr(mistakes_text, "line 4: not a user name"));
}

/* By an earlier list, or by staff. */
static void what_is_anothers(void **state)
{
    Scratch *scratch = *state;
    Fault fault = {""};
    static const char header[] = "identifier,github_username,github_id,email,name,Sektion\n";
    char list[400];
    snprintf(list, sizeof list, "%sa,ada,17,ada@x.org,Ada,Mon\nb,bob,18,bob@x.org,Bob,\n", header);
    assert_int_equal(import(scratch, list), 0);
    assert_string_equal(count.unused, "Sektion");
    assert_int_equal(staff_add(scratch->db, "grace", ROLE_INSTRUCTOR, "", NULL, &fault), 0);
    static const struct {
        const char *lines, *says;
    } lists[] = {
        {"a,,,,,\nc,ada,,,Cy,\n", "line 3: this user name belongs to the identifier a already"},
        {"a,,,,,\nc,,17,,Cy,\n", "would share the github_id \"17\""},
        {"a,,,,,\nc,,,ADA@x.org,Cy,\n", "would share the email"},
        {"c,grace,,,Cy,\n", "line 2: this user name belongs to staff already"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        snprintf(list, sizeof list, "%s%s", header, lists[i].lines);
        assert_int_equal(import(scratch, list), -1);
        if (!strstr(mistakes_text, lists[i].says))
            fail_msg("\"%s\"", mistakes_text);
    }
    assert_int_equal(people(scratch), 3); /* a, b and grace */
    snprintf(list, sizeof list, "%sc,,19,o'brien@x.org,\"Brien, O\",,,\n", header);
    assert_int_equal(import(scratch, list), 0); /* empty fields behind the last are none */
    /* What two had wrong, the other way round. */
    snprintf(list, sizeof list, "%sa,ada,17,bob@x.org,,\nb,bob,18,ada@x.org,,\n", header);
    assert_int_equal(import(scratch, list), 0);
    assert_int_equal(count.changed, 2);
}

static void a_corrected_identifier(void **state)
{
    Scratch *scratch = *state;
    Person before, after;
    assert_int_equal(import(scratch, "identifier,github_username,email\nadaa,ada,a@x.org\n"), 0);
    assert_true(person_find(scratch->db, "ada", &before));
    assert_int_equal(import(scratch, "identifier,github_username,email\nada1,ada,a@x.org\n"), 0);
    assert_int_equal(count.renamed, 1);
    assert_int_equal(count.added, 0);
    assert_int_equal(import(scratch, "identifier,email\nada2,A@x.org\n"),
                     0); /* by the address alone */
    assert_int_equal(count.renamed, 1);
    assert_true(person_find(scratch->db, "ada", &after));
    assert_int_equal(after.id, before.id);
    assert_int_equal(people(scratch), 1);
}

static void bounds(void **state)
{
    Scratch *scratch = *state;
    Buf list;
    buf_init(&list, ROSTER_BYTES + 100);
    buf_str(&list, "identifier,name\na,");
    for (int i = 0; i < CSV_FIELD_BYTES; i++)
        buf_char(&list, 'x');
    assert_int_equal(import(scratch, list.data), -1);
    assert_non_null(strstr(mistakes_text, "line 2: a field of more than"));
    buf_clear(&list);
    buf_str(&list, "identifier\n");
    for (int i = 0; i < CSV_FIELDS_MOST; i++)
        buf_char(&list, ',');
    assert_int_equal(import(scratch, list.data), -1);
    assert_non_null(strstr(mistakes_text, "line 2: more than 64 columns"));
    while (!list.full && list.len <= ROSTER_BYTES)
        buf_str(&list, "x,y\n");
    assert_int_equal(import(scratch, list.data), -1);
    assert_non_null(strstr(mistakes_text, "larger than"));
    buf_release(&list);
}

static void a_preview_stores_nothing(void **state)
{
    Scratch *scratch = *state;
    static const char list[] = "identifier,github_username,name,section\n"
                               "ada@x.org,ada,Ada,Mon\nnoor@x.org,noor,Noor,Mon\n";
    static const char newer[] = "identifier,github_username,name,section\n"
                                "ada@x.org,ada,Ada Lovelace,Tue\njun@x.org,,Jun,\n";
    Buf preview, mistakes;
    Person ada;
    import(scratch, list);
    buf_init(&preview, 1 << 16);
    buf_init(&mistakes, 1 << 16);
    assert_int_equal(roster_import(scratch->db, newer, strlen(newer), &preview, &count, &mistakes),
                     0);
    assert_string_equal(preview.data, "~ ada (Ada Lovelace): name \"Ada\" -> \"Ada Lovelace\"; "
                                      "section \"Mon\" -> \"Tue\"\n"
                                      "+ jun (Jun)\n"
                                      "? noor (Noor) is not in this list, and stays\n");
    assert_int_equal(count.added, 1);
    assert_int_equal(count.absent, 1);
    assert_int_equal(people(scratch), 2);
    assert_true(person_find(scratch->db, "ada", &ada));
    assert_string_equal(ada.shown, "Ada");
    /* Who has left and is on the list again. */
    db_run(scratch->db, NULL, "UPDATE web_person SET left_s = 5 WHERE name = 'noor'", "");
    buf_clear(&preview);
    assert_int_equal(roster_import(scratch->db, list, strlen(list), &preview, &count, &mistakes),
                     0);
    assert_string_equal(preview.data, "~ noor (Noor): back in the course\n");
    buf_release(&preview);
    buf_release(&mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_preview_stores_nothing),
        SCRATCH_TEST(github_classroom),
        SCRATCH_TEST(classroom_50),
        SCRATCH_TEST(twice_is_once),
        SCRATCH_TEST(what_is_anothers),
        SCRATCH_TEST(a_corrected_identifier),
        SCRATCH_TEST(mistakes_by_line),
        SCRATCH_TEST(a_list_brings_back_who_had_left),
        SCRATCH_TEST(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
