/* A small C API over ns-3: clock and event queue. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3.h"

#include <cassert>
#include <cstdint>

#include "ns3/nstime.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/rng-stream.h"
#include "ns3/simulator.h"
#include "ns3/version-defines.h"
#include "sim/ns3/ns3_queue.h"

namespace {

#define HO_STRING2(x) #x
#define HO_STRING(x)  HO_STRING2(x)

// Whether the queue held anything more when the time was up; Stop makes
// IsFinished true in any case, so it is asked before.
bool leftAtEnd;

struct WarmUp {
  bool (*ready)(void *user);
  void *user;
  ns3::Time end;
  bool done;
};

void AskReady(WarmUp *w) {
  w->done = w->ready(w->user);
  if (w->done || ns3::Simulator::Now() >= w->end) {
    ns3::Simulator::Stop();
    return;
  }
  ns3::Simulator::Schedule(ns3::MilliSeconds(10), &AskReady, w);
}

void StopAtEnd() {
  leftAtEnd = !ns3::Simulator::IsFinished();
  ns3::Simulator::Stop();
}

} // namespace

void ho_ns_start(uint64_t seed) {
  // Every run has its own process, so these process-wide values are the run's.
  ns3::RngSeedManager::SetSeed(1);
  ns3::RngSeedManager::SetRun(seed);
  ho::QueueUse();
  ho_ns_clock.zero = 0;
}

bool ho_ns_warm_up(bool (*ready)(void *user), void *user, ho_time limit) {
  WarmUp w = {ready, user, ns3::NanoSeconds(limit), false};

  ns3::Simulator::ScheduleNow(&AskReady, &w);
  ns3::Simulator::Run();
  ho_ns_clock.zero = ho_ns_clock.now;
  return w.done;
}

void ho_ns_at(ho_time at, ho_fire_fn fn, void *user) {
  assert(at >= ho_ns_now() && at <= static_cast<ho_time>(INT64_MAX));
  ho::QueueAt(static_cast<std::int64_t>(at) + ho_ns_clock.zero, fn, user);
}

bool ho_ns_run(ho_time until) {
  ns3::EventId end;
  leftAtEnd = false;
  if (until != HO_NEVER) {
    // Scheduled late, so events at |until| that are in the queue by now still
    // run; the clock ends up at |until| even if the queue runs empty before.
    end = ns3::Simulator::Schedule(ns3::NanoSeconds(until - ho_ns_now()),
                                   &StopAtEnd);
  }
  ns3::Simulator::Run();
  end.Cancel();
  return leftAtEnd;
}

void ho_ns_stop(void) {
  ns3::Simulator::Stop();
}

void ho_ns_end(void) {
  ns3::Simulator::Destroy();
}

void ho_ns_preload(void) {
  ns3::RngStream(1, 1, 1); // any; the tables are common to all
}

const char *ho_ns_version(void) {
  return HO_STRING(NS3_VERSION_MAJOR) "." HO_STRING(NS3_VERSION_MINOR);
}
