/* Runs in the rig, told as stories: "1030 notice cell notice; ..." in
 * milliseconds. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_STACK_STORY_H
#define HO_TESTS_STACK_STORY_H

#include "rig.h"

enum { TALE_STEPS = 8 };
enum { HOME, CELL, CAFE };

/* A tale is one client's: it begins at home, is told of changes after 30 ms and
 * asks a question of 100 bytes every second, unless |work| says what else it
 * does.  Every network has a round trip of 20 ms and 9 Mbit/s. */
typedef struct {
  const char *work;   /* keys of the workload */
  const char *arm;    /* further keys: ", on_change: none" */
  unsigned long stop; /* seconds */
  ho_time head_start; /* 0: 300 ms */
  ho_time patience;   /* 0: 3 s */
  ho_time returns;    /* client.return; 0: never */
  unsigned delay;     /* ms, one way; 0: 10 */
  unsigned answered;  /* requests */
  /* Networks, handoffs (kind, from and to, t_loss/t_up), notices, connections
   * at the client, requests that are put on another connection than the one
   * before ("on": from where it stopped), and the end of the work. */
  const char *expected;
  rig_step steps[TALE_STEPS];
} tale;

#define AT(ms, verb, net)                                                      \
  { (ms) * HO_MSEC, RIG_##verb, net }

/* tale_run returns 0 if |t| went as expected; else it has printed both. */
int tale_run(const tale *t, ho_transport_kind transport);

#endif
