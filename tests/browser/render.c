/*
 * render DIR: every page with sample data, as files to look at. Static files are named
 * beside the pages: copy web/static/ to DIR/static/.
 */
#include <errno.h>
#include <sys/stat.h>

#include "sample_submission.h"

__attribute__((weak)) const char *static_url(const char *name)
{
    static char addresses[4][64];
    static unsigned next;
    char *address = addresses[next++ % 4];
    snprintf(address, sizeof addresses[0], "static/%s", name);
    return address;
}

static void save(const char *dir, const char *name, Buf *html)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.html", dir, name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(html->data, 1, html->len, file) != html->len || fclose(file) != 0) {
        fprintf(stderr, "render: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    buf_clear(html);
}

static void staff_pages(const char *dir, Buf *out)
{
    Frame frame = sample_frame(ROLE_INSTRUCTOR);
    ClassPage class = sample_class(SAMPLE_STUDENTS);
    pages_class(out, &frame, &class);
    save(dir, "class", out);
    ClassPage empty = sample_class(0);
    pages_class(out, &frame, &empty);
    save(dir, "class-empty", out);
    FailuresPage failures = sample_failures();
    pages_failures(out, &frame, &failures);
    save(dir, "failures", out);
    StudentPage student = sample_student(40);
    pages_student(out, &frame, &student);
    save(dir, "student", out);
    ExercisePage exercise = sample_exercise_page(false);
    exercise.stuck = failures.rows;
    exercise.n_stuck = failures.n_rows;
    pages_exercise(out, &frame, &exercise);
    save(dir, "exercise-staff", out);
    frame.paused = true;
    frame.banner = "The deadline moves to Friday <b>18:00</b>.";
    ActivityPage activity = sample_activity();
    pages_activity(out, &frame, &activity);
    save(dir, "activity", out);
    frame.view_as = "ada";
    pages_student(out, &frame, &student);
    save(dir, "view-as", out);
}

static void student_pages(const char *dir, Buf *out)
{
    Frame frame = sample_frame(ROLE_STUDENT);
    StudentPage student = sample_student(12), fresh = sample_student(0);
    pages_student(out, &frame, &student);
    save(dir, "own", out);
    pages_student(out, &frame, &fresh);
    save(dir, "own-empty", out);
    Result result;
    SubmissionPage submission = sample_submission(&result);
    pages_submission(out, &frame, &submission);
    save(dir, "submission", out);
    result_release(&result);
    ExercisePage exercise = sample_exercise_page(false), hidden = sample_exercise_page(true);
    pages_exercise(out, &frame, &exercise);
    save(dir, "exercise", out);
    pages_exercise(out, &frame, &hidden);
    save(dir, "exercise-hidden", out);
    pages_scenario(out, &frame,
                   &(ScenarioPage){.exercise = sample_exercises[1],
                                   .name = "data-later",
                                   .script = "# Nothing comes for half a second.\ntitle \"Data "
                                             "later\"\nargs 9107\n\nA connect\nwatch 500ms\nA send "
                                             "\"hello\\n\"\nexit 1s\n"});
    save(dir, "scenario", out);
    AccountPage account = {.name = "ada",
                           .shown = "Ada Okafor",
                           .push_url = "http://127.0.0.1:8080/git/ada.git",
                           .token =
                               "5f0c9a7be1d24c3fa1b2c3d4e5f60718293a4b5c6d7e8f9001122334455667788",
                           .token_s = SAMPLE_NOW - 3};
    pages_account(out, &frame, &account);
    save(dir, "account", out);
}

static void open_pages(const char *dir, Buf *out)
{
    Frame frame = sample_frame(ROLE_NONE);
    pages_signin(out, &frame, &(SigninPage){.error = "", .name = ""});
    save(dir, "signin", out);
    pages_signin(
        out, &frame,
        &(SigninPage){.error = "Name and token do not belong together.", .name = SAMPLE_EVIL});
    save(dir, "signin-wrong", out);
    pages_claim(out, &frame,
                &(ClaimPage){.secret = "ab", .name = "ada", .shown = "Ada Okafor", .error = ""});
    save(dir, "claim", out);
    pages_claim(
        out, &frame,
        &(ClaimPage){.secret = "", .name = "", .shown = "", .error = "It was used before."});
    save(dir, "claim-used", out);
    pages_message(out, &frame,
                  &(MessagePage){404, "Not found", "There is nothing at this address."});
    save(dir, "message", out);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: render DIR\n");
        return 2;
    }
    if (mkdir(argv[1], 0755) != 0 && errno != EEXIST) {
        fprintf(stderr, "render: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    staff_pages(argv[1], &out);
    student_pages(argv[1], &out);
    open_pages(argv[1], &out);
    buf_release(&out);
    return 0;
}
