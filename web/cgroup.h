/*
 * Our own part of the cgroup tree, where systemd has handed it to us (Delegate=yes): the
 * server steps down into "server" below it, for only a cgroup that holds no processes
 * itself may be divided. The grader then makes one for each submission beside it, and
 * memory is bounded without root.
 */
#ifndef WEB_CGROUP_H
#define WEB_CGROUP_H

#include <stdbool.h>

/* False, and nothing changed: not a service, not handed over, or no cgroup v2. */
bool cgroup_step_down(void);

/* The same with the two given: `list` is the text of /proc/self/cgroup, `root` where v2 is
 * mounted. */
bool cgroup_step_down_in(const char *list, const char *root);

#endif
