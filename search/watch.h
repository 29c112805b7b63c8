/* What a run is doing: its phase, its transitions, its path. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SEARCH_WATCH_H
#define HO_SEARCH_WATCH_H

#include "search/trial.h"
#include "sim/base/event.h"
#include "sim/scenario/scenario.h"

/* ho_watch follows the events of one run, one client's.  It writes |trial|'s
 * phase, coverage and instants as it goes, so that they are there when the run
 * dies. */
typedef struct ho_watch ho_watch;

ho_watch *ho_watch_new(const ho_scenario *scenario, ho_trial *trial);
void ho_watch_del(ho_watch *watch);
void ho_watch_event(ho_watch *watch, const ho_event *event);

/* ho_watch_phase is what the connection was doing at |t|, which may be past:
 * handshake, first-path, validating or moved. */
const char *ho_watch_phase(const ho_watch *watch, ho_time t);

#endif
