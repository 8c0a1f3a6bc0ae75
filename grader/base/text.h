/*
 * Text from outside (what a submission printed, named or traced) made inert:
 * valid UTF-8, no control sequences, bounded. Every report starts from these;
 * the escapes that a format needs besides (HTML, Markdown, workflow commands)
 * are that format's own.
 */
#ifndef GRADER_BASE_TEXT_H
#define GRADER_BASE_TEXT_H

#include <stdint.h>

#include "base/buf.h"

/* Appends `len` bytes with every control character (C0 but not line end and
 * tab, DEL, C1), bidirectional override and invalid UTF-8 byte written as
 * \xNN or \u{NNNN}; a byte order mark counts among the overrides, and so do
 * U+FFFE and U+FFFF. */
void text_clean(Buf *out, const char *bytes, size_t len);

/* The same on one line, as a C string literal would show it (without the
 * quotes): line end \n, tab \t, NUL \0 (\000 before a digit), backslash \\,
 * quote \". At most `most` columns' worth of input is shown, then "...". */
void text_quote(Buf *out, const char *bytes, size_t len, size_t most);

/* Length in bytes of the valid UTF-8 sequence at `bytes`, 0 if there is none. */
size_t text_utf8(const char *bytes, size_t len);

/* Length in bytes of the white space of any kind (Unicode's White_Space, no line end) at `bytes`; 0: there
 * is none. A CI system passes over all of it before it looks for a command. */
size_t text_blank(const char *bytes, size_t len);

/* What digits alone say, up to 17 of them; else 0. */
int64_t text_number(const char *text);

/* Two lower-case hexadecimal digits for each byte, and a NUL: 2 * len + 1 bytes of `hex`. */
void text_hex(char *hex, const void *bytes, size_t len);

#endif
