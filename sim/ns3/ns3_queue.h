// The event queue that ns-3 runs on here: its clock, within reach of C.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_QUEUE_H
#define HO_NS3_QUEUE_H

#include <cstdint>

#include "sim/ns3/ns3.h"

namespace ho {

// QueueUse makes ns-3's simulator, when it is next made, one that runs events
// as ns3::DefaultSimulatorImpl does, in order of time and then of scheduling,
// but without an object, a log message and several virtual calls for each.  It
// has one thread.  ho_ns_end unmakes it.
void QueueUse();

// QueueAt calls |fn|(|user|) when the clock stands at |at|, which is not past.
void QueueAt(std::int64_t at, ho_fire_fn fn, void *user);

} // namespace ho

#endif
