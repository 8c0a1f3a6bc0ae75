/*
 * A poller sleeps in the kernel until a descriptor that it watches can be read.
 *
 * One contract, two kernels: poller_epoll.c (Linux), poller_kqueue.c (macOS,
 * the BSDs). Each file is empty for the other kernels' compilers.
 *
 * Every function returns -1 and leaves the reason in errno if it fails.
 */
#ifndef POLLER_H
#define POLLER_H

/* A new poller, which watches nothing yet. It is a descriptor: close(2) ends it. */
int poller_open(void);

/* From now on poller_wait() returns `fd` when it has something to read, and at each wait
 * again until that is read (level-triggered). A close or a reset by the peer counts,
 * too: the read then returns 0, or fails. */
int poller_watch(int poller, int fd);

/*
 * Sleeps, however long, until something watched can be read; returns its
 * descriptor. That is a hint, no promise: a read may still find nothing.
 * A signal does not end the sleep.
 */
int poller_wait(int poller);

#endif
