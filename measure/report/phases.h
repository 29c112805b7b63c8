/* The phases of a handoff, as pictures show them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_PHASES_H
#define HO_REPORT_PHASES_H

/* ho_phase is one of them, in their order: its column of handoffs.csv, its
 * name, its colour, and when it ends. */
typedef struct {
  const char *column, *name, *colour, *about;
} ho_phase;

enum { HO_PHASES = 7 };

extern const ho_phase ho_phases[HO_PHASES];

#endif
