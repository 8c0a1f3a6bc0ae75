/* Calls that no tracer sees: io_uring. */
#include "serve.h"

static void attack(void)
{
    char params[512] = "";
    must_fail(syscall(SYS_io_uring_setup, 8, params), "io_uring_setup");
    must_fail(syscall(SYS_io_uring_enter, 3, 1, 0, 0, NULL, 0), "io_uring_enter");
    must_fail(syscall(SYS_io_uring_register, 3, 0, NULL, 0), "io_uring_register");
    tried("io_uring");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
