/* The signals that whoever runs a grid waits for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_GRID_SIGNALS_H
#define HO_MEASURE_GRID_SIGNALS_H

#include <stdint.h>

/* SIGCHLD, SIGINT, SIGTERM and SIGHUP are blocked around all that must not be
 * cut short, and waited for. */
void ho_grid_signals_block(void);
void ho_grid_signals_restore(void);

/* ho_grid_signals_child makes a child process die of no Ctrl-C, which reaches
 * every process of the terminal, but when its parent decides so; what else was
 * blocked is restored. */
void ho_grid_signals_child(void);

/* ho_grid_signals_wait waits until the real time |due_ns|, or until a process
 * has ended.  Returns SIGINT, SIGTERM or SIGHUP if one came, or 0. */
int ho_grid_signals_wait(uint64_t due_ns);

#endif
