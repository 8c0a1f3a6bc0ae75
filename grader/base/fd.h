/* What is done with descriptors in more than one place. */
#ifndef GRADER_BASE_FD_H
#define GRADER_BASE_FD_H

#include <stdbool.h>

/* All that is still to be read from `from`. False and errno: not all of it came through. */
bool fd_copy(int from, int to);

#endif
