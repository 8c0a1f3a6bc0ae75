/*
 * Private to the Linux probe: files of proc(5), and what its files share.
 */
#ifndef GRADER_PROBE_LINUX_H
#define GRADER_PROBE_LINUX_H

#include <dirent.h>

#include "probe.h"

enum { FAMILY_MOST = 64 };

/* Reads a small file of a process whole; returns its length, -1 if it can't be read. */
ssize_t proc_slurp(pid_t pid, const char *file, char *text, size_t size);
DIR *proc_open(pid_t pid, const char *folder); /* NULL: gone */
int proc_next(DIR *dir);                       /* the next entry that is a number; -1: the end */

#endif
