#include "peer/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/made_up.h"

static void number_it(Payload *payload, const Step *step, int number)
{
    Buf text;
    buf_init(&text, SCRIPT_PAYLOAD);
    for (size_t i = 0; i < step->data_len; i++) {
        if (i + 1 < step->data_len && memcmp(step->data + i, "%d", 2) == 0) {
            buf_printf(&text, "%d", number);
            i++;
        } else {
            buf_char(&text, step->data[i]);
        }
    }
    payload->len = text.len;
    payload->data = buf_take(&text);
}

void payload_init(Payload *payload, const Step *step, int number)
{
    *payload = (Payload){.total = step->times};
    if (!step->data)
        return;
    if (step->numbered) {
        number_it(payload, step, number);
    } else {
        payload->data = x_strndup(step->data, step->data_len);
        payload->len = step->data_len;
    }
    payload->total = payload->len * step->times;
}

void payload_release(Payload *payload)
{
    free(payload->data);
    *payload = (Payload){0};
}

size_t payload_copy(const Payload *payload, uint64_t offset, char *out, size_t len)
{
    if (offset >= payload->total)
        return 0;
    if (len > payload->total - offset)
        len = (size_t)(payload->total - offset);
    if (!payload->data)
        return made_up_copy(offset, out, len);
    for (size_t done = 0; done < len;) {
        size_t from = (size_t)((offset + done) % payload->len), n = payload->len - from;
        if (n > len - done)
            n = len - done;
        memcpy(out + done, payload->data + from, n);
        done += n;
    }
    return len;
}
