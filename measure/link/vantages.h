/* Vantage points: which observer gets to see which packets of a run, and what
 * of that becomes flows.csv. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_LINK_VANTAGES_H
#define HO_MEASURE_LINK_VANTAGES_H

#include "measure/meter.h"
#include "measure/observe/observer.h"
#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"

/* ho_vantages are a run's vantage points, those of scenario->observers.  Each
 * has an observer of its own, that knows nothing of the others; beside it
 * stands whose the flows are, which the observer is not told.
 *
 * A tap is at the outer end of each access network, which shows both
 * directions, and at the server's interface. */
typedef struct ho_vantages ho_vantages;

/* ho_vantages_new returns NULL where the scenario has no observers.  |scenario|
 * outlives it. */
ho_vantages *ho_vantages_new(const ho_scenario *scenario);
void ho_vantages_del(ho_vantages *vantages);

ho_sink ho_vantages_sink(ho_vantages *vantages);

/* ho_vantages_finish is for the end of the run. */
void ho_vantages_finish(ho_vantages *vantages);

/* ho_vantages_write writes the rows of flows.csv into the folder |dir|: after
 * ho_vantages_finish, and after ho_meter_finish of |meter|, which knows the
 * handoffs.  |config| is what |meter| was made with.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_vantages_write(const ho_vantages *vantages,
                      const ho_meter_config *config, const ho_meter *meter,
                      const char *dir);

/* ho_vantages_observer is that of one vantage point; NULL if it has none. */
const ho_observer *ho_vantages_observer(const ho_vantages *vantages,
                                        ho_vantage vantage);

/* ho_vantages_client is whose a flow of |vantage|'s is; -1: nobody's. */
int ho_vantages_client(const ho_vantages *vantages, ho_vantage vantage,
                       size_t flow);

#endif
