/* Includes itself without end. */
#include "hostile.c"
#include __FILE__

int main(void)
{
    return 0;
}
