#include "csv.h"

#include <string.h>

enum { RECORD_MOST = CSV_FIELDS_MOST * CSV_FIELD_BYTES };

void csv_init(Csv *csv, const char *text, size_t len)
{
    *csv = (Csv){.at = text, .end = text + len, .next_line = 1};
    buf_init(&csv->text, RECORD_MOST);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        csv->at += 3;
}

void csv_release(Csv *csv)
{
    buf_release(&csv->text);
}

static bool at_line_end(const Csv *csv)
{
    return csv->at == csv->end || *csv->at == '\n' ||
           (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n');
}

static void skip_line_end(Csv *csv)
{
    if (csv->at < csv->end && *csv->at == '\r')
        csv->at++;
    if (csv->at < csv->end)
        csv->at++;
    csv->next_line++;
}

static int quoted(Csv *csv, Fault *fault)
{
    for (csv->at++; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"') {
            if (csv->at + 1 == csv->end || csv->at[1] != '"')
                break;
            csv->at++;
        }
        csv->next_line += *csv->at == '\n';
        buf_char(&csv->text, *csv->at);
    }
    if (csv->at == csv->end)
        return fault_set(fault, "line %d: a quote is opened and not closed", csv->line);
    csv->at++;
    if (!at_line_end(csv) && *csv->at != ',')
        return fault_set(fault, "line %d: text behind a closing quote", csv->line);
    return 0;
}

static int bare(Csv *csv, Fault *fault)
{
    for (; !at_line_end(csv) && *csv->at != ','; csv->at++) {
        if (*csv->at == '"')
            return fault_set(fault, "line %d: a quote inside a field that is not quoted",
                             csv->line);
        if (*csv->at == '\r')
            return fault_set(fault, "line %d: a carriage return alone", csv->line);
        buf_char(&csv->text, *csv->at);
    }
    return 0;
}

static int field(Csv *csv, size_t offsets[], Fault *fault)
{
    if (csv->n_fields == CSV_FIELDS_MOST)
        return fault_set(fault, "line %d: more than %d columns", csv->line, CSV_FIELDS_MOST);
    size_t start = csv->text.len;
    offsets[csv->n_fields++] = start;
    int status = csv->at < csv->end && *csv->at == '"' ? quoted(csv, fault) : bare(csv, fault);
    if (status)
        return -1;
    if (csv->text.len - start >= CSV_FIELD_BYTES)
        return fault_set(fault, "line %d: a field of more than %d bytes", csv->line,
                         CSV_FIELD_BYTES - 1);
    if (memchr(csv->text.data + start, '\0', csv->text.len - start))
        return fault_set(fault, "line %d: a NUL byte", csv->line);
    buf_char(&csv->text, '\0');
    return 0;
}

int csv_next(Csv *csv, Fault *fault)
{
    while (csv->at < csv->end && at_line_end(csv))
        skip_line_end(csv);
    if (csv->at == csv->end)
        return 0;
    size_t offsets[CSV_FIELDS_MOST];
    csv->line = csv->next_line;
    csv->n_fields = 0;
    buf_clear(&csv->text);
    for (;;) {
        if (field(csv, offsets, fault))
            return -1;
        if (at_line_end(csv))
            break;
        csv->at++;
    }
    if (csv->at < csv->end)
        skip_line_end(csv);
    for (int i = 0; i < csv->n_fields; i++)
        csv->fields[i] = csv->text.data + offsets[i];
    return 1;
}
