#include "frame.h"

/* Where staff need not be asked. */
static void other_ways(Buf *out, const SigninPage *page)
{
    if (page->sso)
        buf_str(out, "<p><a class=\"button\" href=\"/sso\">Sign in with your university account</a>"
                     "</p>\n");
    if (page->mail)
        buf_str(out, "<details><summary>Lost your token?</summary>"
                     "<form method=\"post\" action=\"/signin/link\" class=\"card stack\">"
                     "<label for=\"lost\">Name or e-mail address</label>"
                     "<input id=\"lost\" name=\"name\" autocomplete=\"username\" "
                     "autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"199\" required>"
                     "<button>Send me a new link</button></form></details>\n");
}

void pages_signin(Buf *out, const Frame *frame, const SigninPage *page)
{
    frame_begin(out, frame, "Sign in", PLACE_NONE, false);
    buf_str(out, "<div class=\"narrow\"><h1>Sign in</h1>\n");
    if (*page->error)
        html_add(out, "<p class=\"notice broke\" role=\"alert\" id=\"wrong\">%t</p>\n",
                 page->error);
    const char *wrong = *page->error ? " aria-invalid=\"true\" aria-describedby=\"wrong\"" : "";
    html_add(out,
             "<form method=\"post\" action=\"/signin\" class=\"card stack\">"
             "<input type=\"hidden\" name=\"next\" value=\"%t\">"
             "<label for=\"name\">User name</label><input id=\"name\" name=\"name\" value=\"%t\" "
             "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" "
             "required%s>"
             "<label for=\"token\">Token</label><input id=\"token\" name=\"token\" "
             "type=\"password\" autocomplete=\"current-password\" required%s>"
             "<button class=\"main\">Sign in</button></form>\n",
             page->next, page->name, wrong, wrong);
    other_ways(out, page);
    buf_str(out, "<p class=\"of\">User name and token are those of <code>git push</code>. No token "
                 "yet, or lost? The link that the course’s staff gave you, or a new one from "
                 "them, signs you in and makes one.</p></div>\n");
    frame_end(out, frame);
}
