/* libFuzzer: any bytes as dtruss's text. An ordered Trace, the same however the text is cut. */
#include <stdlib.h>

#include "trace/dtruss.h"

#include "../unit/trace_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Buf run(const uint8_t *data, size_t size, size_t piece)
{
    Trace *trace = trace_new(dtruss_blind);
    DtrussParser *parser = dtruss_parser_new(trace, 1);
    for (size_t at = 0; at < size; at += piece)
        dtruss_parser_feed(parser, (const char *)data + at, size - at < piece ? size - at : piece);
    dtruss_parser_end(parser);
    for (size_t i = 1; i < trace_len(trace); i++)
        if (trace_at(trace, i)->start_ns < trace_at(trace, i - 1)->start_ns)
            abort();
    Buf out;
    buf_init(&out, DUMP_MOST);
    trace_dump(&out, trace);
    dtruss_parser_free(parser);
    trace_free(trace);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    Buf whole = run(data, size, size), pieces = run(data, size, 1 + data[0] / 4);
    if (whole.len != pieces.len || memcmp(whole.data, pieces.data, whole.len) != 0)
        abort();
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
