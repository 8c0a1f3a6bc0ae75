#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(Fault *fault, const char *format, ...)
{
    if (!fault)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    return -1;
}

int fault_errno(Fault *fault, const char *format, ...)
{
    int error = errno;
    if (!fault)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    size_t used = strlen(fault->text);
    snprintf(fault->text + used, sizeof fault->text - used, ": %s", strerror(error));
    return -1;
}
