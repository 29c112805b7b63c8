/* One run: the networks of a scenario, a client, a server, and the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_WORLD_H
#define HO_STACK_WORLD_H

#include "sim/base/event.h"
#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"

/* ho_world_run simulates |arm| (an index into scenario->arms) of |scenario|
 * with |seed|, from time 0 until its work is done or its stop.  Everything that
 * happens goes to |log|, every packet and secret to |sinks| (NULL: nobody).
 * ns-3 and GnuTLS keep process-wide state, so a process runs at most one world.
 */
void ho_world_run(const ho_scenario *scenario, size_t arm, uint64_t seed,
                  ho_log *log, const ho_sinks *sinks);

/* ho_world_preload does once, before processes are forked, what every run would
 * repeat: loading libraries and parsing credentials.  It is idempotent. */
void ho_world_preload(void);

/* ho_world_preload_for does so with what only some scenarios need. */
void ho_world_preload_for(const ho_scenario *scenario);

/* ho_world_versions and ho_world_settings report, for the manifest, each
 * library's version and each of its settings that is not its default. */
typedef void (*ho_setting_fn)(void *user, const char *name, const char *value);
void ho_world_versions(ho_setting_fn fn, void *user);
void ho_world_settings(const ho_scenario *scenario, ho_setting_fn fn,
                       void *user);

#endif
