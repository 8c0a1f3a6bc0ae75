/* Sections and symbols that the linker or the loader trips over, its own interpreter. */
__asm__(".section .interp,\"a\",@progbits\n.asciz \"/proc/self/exe\"\n"
        ".section .note.GNU-stack,\"x\",@progbits\n"
        ".section .gnu.warning.main,\"a\",@progbits\n"
        ".ascii \"\\033[31m\\n::error::FORGED\\n\"\n.text\n");

int main(void)
{
    return 0;
}
