/* Children by vfork that never end: parents wait in the kernel, not to be stopped by most signals. */
#include "serve.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

int main(void)
{
    tried("vfork");
    signal(SIGTERM, SIG_IGN);
    for (;;)
        if (vfork() < 0)
            pause();
}
