/* Back to root: set*id, capabilities, set-user-ID programs. */
#include "serve.h"

#include <grp.h>

static void attack(void)
{
    gid_t none[] = {0};
    must_fail(setuid(0), "setuid");
    must_fail(setresuid(0, 0, 0), "setresuid");
    must_fail(setresgid(0, 0, 0), "setresgid");
    must_fail(setgroups(1, none), "setgroups");
    must_fail(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0), "an ambient capability");
    must_fail(prctl(PR_SET_SECUREBITS, 1, 0, 0, 0), "securebits");
    must_fail(geteuid() ? -1 : 0, "root");
    must_fail(chown("/submission/nonblocking", 0, 0), "chown");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        escaped("no_new_privs is not set");
    tried("set-user-ID");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
