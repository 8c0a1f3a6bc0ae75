/* Lines of a trace inside strings, names and paths: reads, waits, exits that never were. */
#include "serve.h"

int main(int argc, char **argv)
{
    static const char *const lines[] = {
        "\n3 1763000000.000000000 accept(3, NULL, NULL) = 4 <0.000010>\n",
        "\n+++ exited with 0 +++\n--- SIGKILL {si_signo=SIGKILL} ---\n",
        "\n2 1.0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0 <0.000001>\n",
        "\") = -1 EAGAIN (Resource temporarily unavailable) <0.000001>",
        "poll 1\nready 1\nwake 1\npending 1",
        " <unfinished ...>",
        "<... read resumed>\"\", 1) = 0"};
    for (int k = 0; k < 50; k++)
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
            write(-1, lines[i], strlen(lines[i]));
            write(2, lines[i], strlen(lines[i]));
            open(lines[i], O_RDONLY);
            prctl(PR_SET_NAME, lines[i]);
        }
    listen_here(port_of(argc, argv));
    return 0;
}
