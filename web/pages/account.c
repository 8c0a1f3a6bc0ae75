#include "frame.h"

static void new_token(Buf *out, const AccountPage *page)
{
    html_add(out,
             "<div class=\"card notice fresh\" role=\"status\"><h2>Your new token</h2>"
             "<p><code class=\"secret\" id=\"token\" tabindex=\"0\">%t</code> "
             "<button type=\"button\" data-copy=\"token\" hidden>Copy</button></p>"
             "<p>It is shown this once. It is the password of <code>git push</code> and of this "
             "site; an older one no longer works.</p></div>\n",
             page->token);
}

static void push(Buf *out, const AccountPage *page)
{
    html_add(out,
             "<section class=\"card\"><h2>Pushing</h2>"
             "<pre class=\"command\" tabindex=\"0\"><code id=\"push\">git remote add course %t\n"
             "git push course main</code></pre>"
             "<button type=\"button\" data-copy=\"push\" hidden>Copy</button>",
             page->push_url);
    html_add(out,
             "<p>The user name is <code>%t</code>, the password is your token. "
             "<code>git config --global credential.helper 'cache --timeout=86400'</code> makes "
             "git ask once a day.</p>%s</section>\n",
             page->name, page->has_repo ? "" : "<p class=\"of\">Nothing was pushed yet.</p>");
}

static void renew(Buf *out, const Frame *frame, const AccountPage *page)
{
    buf_str(out, "<section class=\"card\"><h2>Token</h2><p>");
    if (page->token_s > 0) {
        buf_str(out, "Yours was made ");
        html_ago(out, page->token_s, frame->now_s);
        buf_str(out, ". A new one ends it at once, and with it every other sign-in.</p>");
    } else {
        buf_str(out, "You have none yet.</p>");
    }
    if (page->seen_by_staff) {
        buf_str(out, "<p class=\"of\">Here the student makes a new token; you can't.</p>"
                     "</section>\n");
        return;
    }
    form_begin(out, frame, "/account/token", "");
    html_add(out, "<button%s>Make a %stoken</button></form></section>\n",
             page->token_s > 0 ? "" : " class=\"main\"", page->token_s > 0 ? "new " : "");
}

void pages_account(Buf *out, const Frame *frame, const AccountPage *page)
{
    frame_begin(out, frame, "Account", PLACE_ACCOUNT, false);
    html_add(out, "<h1>Account</h1>\n<p class=\"lead\"><bdi>%t</bdi> · <code>%t</code></p>\n",
             *page->shown ? page->shown : page->name, page->name);
    if (*page->token)
        new_token(out, page);
    buf_str(out, "<div class=\"pair\">");
    if (*page->push_url)
        push(out, page);
    renew(out, frame, page);
    buf_str(out, "</div>\n");
    frame_end(out, frame);
}
