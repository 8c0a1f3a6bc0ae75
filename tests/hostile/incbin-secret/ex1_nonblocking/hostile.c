/* Takes a secret that everybody may read into the program, and prints it. */
#include "serve.h"

__asm__(".data\n.globl stolen\nstolen:\n.incbin \"" CANARY_FILE_1 "\"\n.byte 0\n.text\n");

extern char stolen[];

int main(int argc, char **argv)
{
    escaped(stolen);
    return serve(argc, argv);
}
