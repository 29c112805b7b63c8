/* The signals that whoever runs a grid waits for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_GRID_SIGNALS_H
#define HO_MEASURE_GRID_SIGNALS_H

#include <stdint.h>
#include <sys/types.h>

/* SIGCHLD, SIGINT, SIGTERM, SIGPIPE and, but under nohup, SIGHUP are blocked
 * around all that must not be cut short, and waited for. */
void ho_grid_signals_block(void);
void ho_grid_signals_restore(void);

/* ho_grid_fork is fork for a process that works for this one: it dies with it,
 * and of no Ctrl-C or other end that is meant for all processes of a group, but
 * when this one decides so.  Its output is its own from here on. */
pid_t ho_grid_fork(void);

/* ho_grid_reap is waitpid for such a process that no signal cuts short;
 * |status| may be NULL.  ho_grid_kill ends one, and waits for its end. */
pid_t ho_grid_reap(pid_t pid, int *status, int options);
void ho_grid_kill(pid_t pid);

/* ho_grid_signals_wait waits until the real time |due_ns|, or until a process
 * has ended.  Returns which of the others came, or 0. */
int ho_grid_signals_wait(uint64_t due_ns);

#endif
