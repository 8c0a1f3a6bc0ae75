/* The page behind a link: nothing happens before the button, for mail programs open links too. */
#include "frame.h"

static void good(Buf *out, const Frame *frame, const ClaimPage *page)
{
    html_add(out, "<h1>Welcome, <bdi>%t</bdi></h1>\n", *page->shown ? page->shown : page->name);
    html_add(out,
             "<p>This link is yours, <code>%t</code>: it signs you in, once. Students make "
             "their token for <code>git push</code> on the page that follows.</p>",
             page->name);
    if (*frame->viewer)
        html_add(
            out,
            "<p><code>%t</code> is signed in in this browser now; the button signs them out.</p>",
            frame->viewer);
    form_begin(out, frame, "/claim", ""); /* with the proof that is asked of who is signed in */
    html_add(out,
             "<input type=\"hidden\" name=\"secret\" value=\"%t\">"
             "<button class=\"main\">Sign in</button></form>\n",
             page->secret);
}

void pages_claim(Buf *out, const Frame *frame, const ClaimPage *page)
{
    frame_begin(out, frame, "Sign in", PLACE_NONE, false);
    buf_str(out, "<div class=\"narrow\">");
    if (*page->secret) {
        good(out, frame, page);
    } else {
        buf_str(out, "<h1>This link no longer works</h1>\n");
        html_add(out,
                 "<p>%t</p><p>The course’s staff can give you a new one. With a token you can "
                 "<a href=\"/signin\">sign in</a> without.</p>\n",
                 page->error);
    }
    buf_str(out, "</div>\n");
    frame_end(out, frame);
}
