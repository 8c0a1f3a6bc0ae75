/* Takes files into the program with the assembler. */
#include "canary.h"

__asm__(".data\n.globl stolen\nstolen:\n.incbin \"/etc/shadow\"\n");
__asm__(".incbin \"/etc/passwd\"\n");
__asm__(".incbin \"" CANARY_FILE_0 "\"\n");
__asm__(".incbin \"" CANARY_FILE_1 "\"\n");
__asm__(".include \"" CANARY_FILE_1 "\"\n");

int main(void)
{
    return 0;
}
