/* A report of its own on both streams, and an end with every status. */
#include "serve.h"

int main(int argc, char **argv)
{
    static const char report[] =
        "\n{\"schema\":1,\"score\":100,\"max_score\":100,\"exercises\":[]}\n"
        "FORGED 20 / 20\n::set-output name=score::100\n::error::FORGED\n##[error]FORGED\n"
        "ok 1 - FORGED\n</testsuite><script>alert('FORGED')</script>\n=cmd|'/c calc'!A1\n";
    write(1, report, sizeof report);
    write(2, report, sizeof report);
    listen_here(port_of(argc, argv));
    return 3;
}
