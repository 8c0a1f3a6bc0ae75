#include "base/budget.h"

bool budget_has(const Budget *budget, size_t bytes)
{
    return budget->used < budget->most && budget->most - budget->used >= bytes;
}

void budget_hold(Budget *budget, size_t *held, size_t now)
{
    budget->used = budget->used - *held + now;
    *held = now;
}
