#ifndef LOOP_H
#define LOOP_H

typedef void Handler(int fd, void *context);

/* Calls `handler` each time that `fd` can be read, until loop_stop(). -1 on failure. */
int loop_add(int fd, Handler *handler, void *context);
int loop_run(void);
void loop_stop(void);

#endif
