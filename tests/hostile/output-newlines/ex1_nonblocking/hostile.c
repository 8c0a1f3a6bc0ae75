/* A million lines that look like its own, and one without an end. */
#include "serve.h"

int main(int argc, char **argv)
{
    for (int i = 0; i < 1000000; i++)
        printf(i % 2 ? "WouldBlock\n" : "cpu_us 1\n");
    for (int i = 0; i < 3000000; i++)
        putchar(i % 256);
    fflush(stdout);
    return serve(argc, argv);
}
