/* libFuzzer: any bytes as a peer script. What parses is walked through, so that
 * the sanitizers see its payloads and expectations made. */
#include "peer/expected.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const Script *script)
{
    char bytes[512];
    for (int i = 0; i < script->n_steps; i++) {
        const Step *step = &script->steps[i];
        Payload payload;
        if (step->verb != VERB_SEND && step->verb != VERB_EXPECT)
            continue;
        payload_init(&payload, step, 4096);
        payload_copy(&payload, 0, bytes, sizeof bytes);
        payload_copy(&payload, payload.total / 2, bytes, sizeof bytes);
        payload_release(&payload);
    }
    if (script->n_clients == 0)
        return;
    Expected expected;
    expected_init(&expected, script, script->n_clients - 1, -1);
    expected_feed(&expected, script->title, 1);
    expected_feed(&expected, "hello\n", 6);
    expected_release(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Script script;
    Fault fault = {{0}};
    if (script_parse(&script, "fuzz", (const char *)data, size, &fault) == 0)
        walk(&script);
    else if (!fault.text[0])
        __builtin_trap(); /* a refusal without a word */
    script_release(&script);
    return 0;
}
