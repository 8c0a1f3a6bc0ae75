/* Debug information made by hand: garbage in every section that a reader of it walks. */
#include "serve.h"

__asm__(".section .debug_info,\"\",@progbits\n"
        ".long 0xfffffff0\n.value 5\n.byte 1, 8\n.long 0x7fffffff\n.fill 4096, 1, 0xff\n"
        ".section .debug_abbrev,\"\",@progbits\n.fill 4096, 1, 0x81\n"
        ".section .debug_str,\"MS\",@progbits,1\n.fill 64, 1, 0x41\n"
        ".section .debug_aranges,\"\",@progbits\n.fill 512, 1, 0xff\n.text\n");

int main(int argc, char **argv)
{
    char data[10];
    int fd = accept(listen_here(port_of(argc, argv)), NULL, NULL);
    tried("debug information");
    return read(fd, data, sizeof data) > 0;
}
