/*
 * The kernel's queue, as in exercise 2, for many connections: what is watched
 * has a token, and a wait says which tokens are ready.
 *
 * One contract, two kernels: poller_epoll.c (Linux), poller_kqueue.c (macOS,
 * the BSDs). Each file is empty for the other kernels' compilers.
 *
 * Every function returns -1 and leaves the reason in errno if it fails, and 0 or
 * more if it does not.
 */
#ifndef POLLER_H
#define POLLER_H

/* A new poller, which watches nothing yet. It is a descriptor: close(2) ends it. */
int poller_open(void);

/* From now on `token` is ready when `fd` has something to read, and at each wait again
 * until that is read (level-triggered). A close or a reset by the peer counts, too:
 * the read then returns 0, or fails. */
int poller_watch(int poller, int fd, unsigned token);
int poller_forget(int poller, int fd);

/*
 * Sleeps, however long, until something watched is ready; writes the tokens,
 * at most `most`, and returns how many. 0: a signal ended the sleep.
 */
int poller_wait(int poller, unsigned *tokens, int most);

#endif
