/* Includes a device that never ends. */
#include "/dev/stdin"
#include "/dev/urandom"
#include "/dev/zero"

int main(void)
{
    return 0;
}
