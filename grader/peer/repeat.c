#include "peer/script_parts.h"

int repeat_begin(Repeat *repeat, int line, const Word *word, Fault *fault)
{
    if (repeat->left)
        return fault_set(fault, "repeat stands within another one");
    if (!word || !word_number(word, 1, SCRIPT_STEPS, &repeat->left))
        return fault_set(fault, "repeat wants how often, 1 to %d", SCRIPT_STEPS);
    repeat->first = NULL;
    repeat->line = line;
    return 0;
}

int repeat_end(Repeat *repeat, Fault *fault)
{
    if (!repeat->left)
        return fault_set(fault, "end stands without a repeat before it");
    repeat->back = --repeat->left > 0;
    return 0;
}

const char *repeat_next(Repeat *repeat, const char *behind, int *line)
{
    if (repeat->left && !repeat->first)
        repeat->first = behind;
    if (!repeat->back)
        return behind;
    repeat->back = false;
    *line = repeat->line;
    return repeat->first;
}
