#include "frame.h"

#include <string.h>

bool frame_staff(const Frame *frame)
{
    return frame->role >= ROLE_TA && !*frame->view_as;
}

static void head(Buf *out, const Frame *frame, const char *title)
{
    html_add(out,
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>%t · %t</title>\n",
             title, frame->course);
    html_add(out, "<link rel=\"stylesheet\" href=\"%t\">\n", static_url("style.css"));
    if (*static_url("icon.svg"))
        html_add(out, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%t\">\n",
                 static_url("icon.svg"));
    html_add(out, "<script src=\"%t\" defer></script>\n</head>\n", static_url("app.js"));
}

static void entry(Buf *out, const char *address, const char *name, bool here)
{
    html_add(out, "<li><a href=\"%s\"%s>%s</a></li>", address, here ? " aria-current=\"page\"" : "",
             name);
}

static void navigation(Buf *out, const Frame *frame, Place place)
{
    buf_str(out, "<nav aria-label=\"Main\"><ul>");
    if (frame_staff(frame)) {
        entry(out, "/class", "Class", place == PLACE_CLASS);
        entry(out, "/failures", "Stuck on", place == PLACE_FAILURES);
        entry(out, "/activity", "Activity", place == PLACE_ACTIVITY);
    } else {
        entry(out, "/", *frame->view_as ? "Their work" : "Your work", place == PLACE_HOME);
    }
    entry(out, "/account", "Account", place == PLACE_ACCOUNT);
    buf_str(out, "</ul></nav>\n");
}

void form_begin(Buf *out, const Frame *frame, const char *action, const char *class_name)
{
    html_add(out, "<form method=\"post\" action=\"%t\"%s%s%s>", action,
             *class_name ? " class=\"" : "", class_name, *class_name ? "\"" : "");
    html_add(out, "<input type=\"hidden\" name=\"csrf\" value=\"%t\">", frame->csrf);
}

static void signed_in(Buf *out, const Frame *frame)
{
    form_begin(out, frame, "/signout", "who");
    html_add(out,
             "<span class=\"viewer\"><bdi>%t</bdi></span><button class=\"plain\">Sign out"
             "</button></form>\n",
             frame->viewer);
}

static void looking_as(Buf *out, const Frame *frame)
{
    form_begin(out, frame, "/view-as", "notice looking");
    html_add(out,
             "<input type=\"hidden\" name=\"name\" value=\"\"><span>You see what "
             "<strong><bdi>%t</bdi></strong> sees.</span> <button>Back to your own view</button>"
             "</form>\n",
             frame->view_as);
}

static void notices(Buf *out, const Frame *frame)
{
    buf_str(out, "<div id=\"notices\" data-live>");
    if (*frame->view_as)
        looking_as(out, frame);
    if (*frame->banner)
        html_add(out, "<p class=\"notice\" role=\"note\"><bdi>%t</bdi></p>\n", frame->banner);
    if (frame->trouble && *frame->trouble)
        html_add(out,
                 "<p class=\"notice broke\" role=\"note\" id=\"trouble\">%t <a href=\"/activity\">"
                 "Look at it</a></p>\n",
                 frame->trouble);
    if (frame->paused)
        buf_str(out, "<p class=\"notice paused\" role=\"note\">Grading is paused. Pushes are "
                     "still taken and keep their place in the queue.</p>\n");
    buf_str(out, "</div>\n");
}

void frame_begin(Buf *out, const Frame *frame, const char *title, Place place, bool live)
{
    head(out, frame, title);
    html_add(out,
             "<body%s>\n<a class=\"skip-link\" href=\"#main\">Skip to the content</a>\n"
             "<header class=\"top\"><div class=\"wide\">\n"
             "<a class=\"course\" href=\"/\">%t</a>\n",
             live && frame->role != ROLE_NONE ? " data-events=\"/events\"" : "", frame->course);
    if (frame->role != ROLE_NONE) {
        navigation(out, frame, place);
        signed_in(out, frame);
    }
    buf_str(out, "</div></header>\n<main id=\"main\" class=\"wide\" tabindex=\"-1\">\n");
    notices(out, frame);
}

void frame_end(Buf *out, const Frame *frame)
{
    buf_str(out, "</main>\n<footer class=\"wide\"><p><span id=\"live\" hidden></span> "
                 "<span id=\"asof\" data-live>This page is of ");
    html_time(out, frame->now_s);
    buf_str(out, ".</span></p><p id=\"said\" class=\"unseen\" role=\"status\"></p></footer>\n"
                 "</body>\n</html>\n");
}
