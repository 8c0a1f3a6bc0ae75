/* Turns the machine off. */
#include "serve.h"

#include <sys/reboot.h>

static void attack(void)
{
    must_fail(reboot(RB_DISABLE_CAD), "reboot");
    must_fail(reboot(RB_POWER_OFF), "power off");
    tried("reboot");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
