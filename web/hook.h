/*
 * This program as git's hook, in the process tree of a push. The server sets
 * COURSEWEB_DIR and COURSEWEB_PERSON (a number) in its environment.
 *
 *   pre-receive             refuses a push of very many branches: git runs the next one
 *                           three times for each
 *   reference-transaction   `prepared` writes the row of the push before the branch
 *                           moves, or refuses it; `committed` queues it; `aborted`
 *   post-receive            prints the job's lines until it ends, or the pusher leaves
 */
#ifndef WEB_HOOK_H
#define WEB_HOOK_H

int hook_main(const char *name, int argc, char **argv);

#endif
