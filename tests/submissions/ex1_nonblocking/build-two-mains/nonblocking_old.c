#include <stdio.h>

/* first try, does not work yet */
int main(void)
{
    printf("listening on 127.0.0.1:9000\n");
    return 0;
}
