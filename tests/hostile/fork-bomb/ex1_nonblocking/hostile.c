/* Forks for ever, in every process. */
#include "serve.h"

int main(void)
{
    tried("fork bomb");
    for (;;)
        fork();
}
