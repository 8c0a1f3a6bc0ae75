/* Includes one secret that everybody may read. */
#include "canary.h"
#include CANARY_FILE_1

int main(void)
{
    return 0;
}
