#include "frame.h"

void pages_message(Buf *out, const Frame *frame, const MessagePage *page)
{
    frame_begin(out, frame, page->title, PLACE_NONE, false);
    html_add(out,
             "<div class=\"narrow\"><p class=\"status\">%d</p><h1>%t</h1><p>%t</p>"
             "<p><a href=\"%s\">%s</a></p></div>\n",
             page->status, page->title, page->text, frame->role == ROLE_NONE ? "/signin" : "/",
             frame->role == ROLE_NONE ? "Sign in" : "To the start");
    frame_end(out, frame);
}
