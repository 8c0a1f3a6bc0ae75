#include "observation.h"

#include <stdlib.h>
#include <string.h>

void observation_init(Observation *observation, const char *scenario)
{
    *observation = (Observation){
        .scenario = scenario, .port_asked = -1, .cpu_before_data_ns = -1, .cpu_last_ns = -1};
    capture_init(&observation->out, RUN_OUTPUT_MOST);
    capture_init(&observation->err, RUN_STDERR_MOST);
}

void observation_release(Observation *observation)
{
    capture_release(&observation->out);
    capture_release(&observation->err);
    trace_free(observation->trace);
    for (int i = 0; i < observation->n_steps; i++)
        free(observation->steps[i].message);
    for (int i = 0; i < observation->n_clients; i++) {
        buf_release(&observation->clients[i].sent);
        buf_release(&observation->clients[i].received);
    }
    free(observation->steps);
    free(observation->watches);
    free(observation->clients);
    observation->trace = NULL;
    observation->steps = NULL;
    observation->watches = NULL;
    observation->clients = NULL;
    observation->n_steps = observation->n_watches = observation->n_clients = 0;
}

const PeerStep *observation_step(const Observation *observation, const char *verb, int n)
{
    for (int i = 0; i < observation->n_steps; i++)
        if (strcmp(observation->steps[i].verb, verb) == 0 && --n == 0)
            return &observation->steps[i];
    return NULL;
}

const PeerStep *observation_failed_step(const Observation *observation)
{
    for (int i = 0; i < observation->n_steps; i++)
        if (!observation->steps[i].ok)
            return &observation->steps[i];
    return NULL;
}
