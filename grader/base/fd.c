#include "base/fd.h"

#include <unistd.h>

bool fd_copy(int from, int to)
{
    char bytes[65536];
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        for (ssize_t done = 0, put; done < n; done += put)
            if ((put = write(to, bytes + done, (size_t)(n - done))) <= 0)
                return false;
    return n == 0;
}
