/* clone with CLONE_UNTRACED, and clone3: a child that the tracer would not see. */
#include "serve.h"

#include <linux/sched.h>

int main(int argc, char **argv)
{
    struct clone_args args = {.flags = CLONE_UNTRACED, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child == 0)
        _exit(0);
    must_fail(child, "clone3");
    child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    must_fail(child, "CLONE_UNTRACED");
    tried("untraced");
    return serve(argc, argv);
}
