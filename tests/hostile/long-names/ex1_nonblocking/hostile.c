/* Runs itself with a hundred thousand words, and names with escapes in them. */
#include "serve.h"

int main(int argc, char **argv)
{
    static char *words[20002];
    static char *environment[2] = {(char *)"X=\033]0;FORGED\007\n::error::FORGED", NULL};
    if (argc < 1000) {
        for (int i = 0; i < 20000; i++)
            words[i] = i == 1 && argc > 1 ? argv[1] : (char *)"\033[31m\n::error::FORGED ";
        execve("/proc/self/exe", words, environment);
        return 1;
    }
    prctl(PR_SET_NAME, "\033[2J\n::x");
    return serve(argc, argv);
}
