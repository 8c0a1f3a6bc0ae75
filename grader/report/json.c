#include "report/escape.h"
#include "report/report.h"
#include "result_json.h"

void report_json(Buf *out, const Result *result, const ReportStyle *style)
{
    (void)style;
    escape_json_take(out, result_json(result), RESULT_JSON_FLAGS | JSON_INDENT(2));
    buf_char(out, '\n');
}
