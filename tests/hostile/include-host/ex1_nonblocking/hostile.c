/* Includes the host's files. */
#include "../../../../../../../../etc/passwd"
#include "../../other/ex1_nonblocking/secret.c"
#include "/etc/passwd"
#include "/etc/shadow"
#include "/proc/1/environ"
#include "/proc/self/environ"
#include "canary.h"
#include CANARY_FILE_0
#include CANARY_FILE_1

int main(void)
{
    return 0;
}
