/* Makes the compiler quote other files in its messages. */
int main(void)
{
#include "canary.h"
#line 1 "/etc/shadow"
    this is no C;
#line 1 "/etc/passwd"
    nor is this;
#line 1 "../../../../../../../../etc/shadow"
    nor this;
#line 1 CANARY_FILE_0
    nor this;
#line 1 CANARY_FILE_1
    and this not at all;
#line 1 "/proc/self/environ"
    x;
#line 1 "::error file=x,line=1::FORGED\n\033[31mFORGED"
    y;
}
