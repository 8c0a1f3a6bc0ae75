/*
 * A folder taken away with all that is in it. By descriptors and one name at a time: whoever writes
 * into it step by step makes paths longer than PATH_MAX, which no call that takes a path reaches.
 */
#ifndef WEB_FOLDER_H
#define WEB_FOLDER_H

enum { FOLDER_DEPTH = 64 }; /* one descriptor each */

/* Follows no link and enters no other file system. 0; -1: something of it is left, as what lies
 * deeper than FOLDER_DEPTH. One that is not there: 0. */
int remove_folder(const char *folder);

#endif
