#include "exercises/chain.h"

#include <stddef.h>

const ChainPoll *chain_poll(const Chain *chain, unsigned task, int n)
{
    for (int i = 0; i < chain->n_polls; i++)
        if (chain->polls[i].task == task && chain->polls[i].nth == n)
            return &chain->polls[i];
    return NULL;
}

const ChainPoll *chain_ended(const Chain *chain, unsigned task, PollEnd end)
{
    for (int i = 0; i < chain->n_polls; i++) {
        const ChainPoll *poll = &chain->polls[i];
        if (poll->task == task && poll->end == end && poll->believed)
            return poll;
    }
    return NULL;
}

const ChainWake *chain_wake(const Chain *chain, unsigned task)
{
    for (int i = 0; i < chain->n_wakes; i++)
        if (chain->wakes[i].believed && (!task || chain->wakes[i].task == task))
            return &chain->wakes[i];
    return NULL;
}
