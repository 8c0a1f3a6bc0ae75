/*
 * Every page in its plainest form, for a server that is built without the files in web/pages.
 * Weak: a page of that name there takes the place of the one here.
 */
#include "pages/pages.h"

#define WEAK __attribute__((weak))

static void text(Buf *out, const char *bytes)
{
    for (; *bytes; bytes++)
        switch (*bytes) {
        case '<':
            buf_str(out, "&lt;");
            break;
        case '&':
            buf_str(out, "&amp;");
            break;
        case '"':
            buf_str(out, "&quot;");
            break;
        default:
            buf_char(out, *bytes);
        }
}

static void head(Buf *out, const Frame *frame, const char *title)
{
    buf_str(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>");
    text(out, title);
    buf_str(out, "</title>\n<main><h1>");
    text(out, title);
    buf_str(out, "</h1>\n<p>");
    text(out, frame->banner);
    buf_str(out, "</p>\n");
}

WEAK void pages_message(Buf *out, const Frame *frame, const MessagePage *page)
{
    head(out, frame, page->title);
    text(out, page->text);
}

WEAK void pages_signin(Buf *out, const Frame *frame, const SigninPage *page)
{
    head(out, frame, "Sign in");
    text(out, page->error);
    buf_str(out, "<form method=\"post\" action=\"/signin\"><input name=\"name\">"
                 "<input name=\"token\" type=\"password\"><button>Sign in</button></form>\n");
}

WEAK void pages_claim(Buf *out, const Frame *frame, const ClaimPage *page)
{
    head(out, frame, "Join the course");
    text(out, page->error);
    buf_str(out, "<form method=\"post\" action=\"/claim\"><input type=\"hidden\" name=\"secret\" "
                 "value=\"");
    text(out, page->secret);
    buf_str(out, "\"><button>Join</button></form>\n");
}

WEAK void pages_account(Buf *out, const Frame *frame, const AccountPage *page)
{
    head(out, frame, page->name);
    text(out, page->push_url);
    buf_str(out, "<p>token: <code>");
    text(out, page->token);
    buf_str(out, "</code><form method=\"post\" action=\"/account/token\"><input type=\"hidden\" "
                 "name=\"csrf\" value=\"");
    text(out, frame->csrf);
    buf_str(out, "\"><button>New token</button></form>\n");
}

WEAK void pages_class(Buf *out, const Frame *frame, const ClassPage *page)
{
    head(out, frame, "Class");
    for (int i = 0; i < page->n_rows; i++) {
        buf_str(out, "<p>");
        text(out, page->rows[i].name);
        buf_printf(out, " %g of %g\n", page->rows[i].halves / 2.0, page->rows[i].max_halves / 2.0);
    }
}

WEAK void pages_failures(Buf *out, const Frame *frame, const FailuresPage *page)
{
    head(out, frame, "Failures");
    for (int i = 0; i < page->n_rows; i++) {
        buf_str(out, "<p>");
        text(out, page->rows[i].exercise);
        buf_char(out, ' ');
        text(out, page->rows[i].check);
        buf_printf(out, " %d of %d\n", page->rows[i].stuck, page->rows[i].tried);
    }
}

WEAK void pages_student(Buf *out, const Frame *frame, const StudentPage *page)
{
    head(out, frame, page->name);
    text(out, page->push_url);
    for (int i = 0; i < page->n_history; i++)
        buf_printf(out, "<p><a href=\"/submission/%lld\">%g of %g</a>\n",
                   (long long)page->history[i].id, page->history[i].halves / 2.0,
                   page->history[i].max_halves / 2.0);
}

WEAK void pages_submission(Buf *out, const Frame *frame, const SubmissionPage *page)
{
    head(out, frame, page->student);
    for (int i = 0; i < page->n_exercises; i++)
        for (int k = 0; k < page->exercises[i].n_checks; k++) {
            const CheckResult *check = &page->exercises[i].checks[k];
            buf_str(out, "<p>");
            text(out, check->id);
            buf_str(out, ": ");
            text(out, check->message);
            buf_char(out, '\n');
        }
    for (int i = 0; i < page->n_sources; i++) {
        buf_str(out, "<pre>");
        text(out, page->sources[i].text);
        buf_str(out, "</pre>\n");
    }
}

WEAK void pages_exercise(Buf *out, const Frame *frame, const ExercisePage *page)
{
    head(out, frame, page->exercise.title);
    buf_printf(out, "<p>%d students\n", page->students);
}

WEAK void pages_activity(Buf *out, const Frame *frame, const ActivityPage *page)
{
    head(out, frame, "Activity");
    buf_printf(out, "<p>%d queued, %d errors\n", page->queued, page->n_errors);
}
