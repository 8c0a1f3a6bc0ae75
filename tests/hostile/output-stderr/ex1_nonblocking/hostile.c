/* Prints without end to stderr, from eight processes, in small pieces, and listens honestly. */
#include "serve.h"

int main(int argc, char **argv)
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0)
            while (write(2, "\033[2J::error::\n", 14) >= 0)
                ;
    return serve(argc, argv);
}
