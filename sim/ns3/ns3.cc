/* A small C API over ns-3: clock and event queue. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3.h"

#include <cassert>

#include "ns3/event-impl.h"
#include "ns3/heap-scheduler.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/ptr.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/version-defines.h"

namespace {

// An event that calls a C function: cheaper than a bound functor, and the only
// kind that the C side needs.
class CallEvent : public ns3::EventImpl {
public:
  CallEvent(ho_fire_fn fn, void *user) : m_fn(fn), m_user(user) {
  }

  // Every packet is an event, so their memory is recycled.
  static void *operator new(size_t size) {
    if (!m_spare) {
      return ::operator new(size);
    }
    Spare *spare = m_spare;
    m_spare = spare->next;
    return spare;
  }
  static void operator delete(void *p) {
    Spare *spare = static_cast<Spare *>(p);
    spare->next = m_spare;
    m_spare = spare;
  }

private:
  struct Spare {
    Spare *next;
  };
  static inline Spare *m_spare = nullptr;

  void Notify() override {
    m_fn(m_user);
  }
  ho_fire_fn m_fn;
  void *m_user;
};

#define HO_STRING2(x) #x
#define HO_STRING(x)  HO_STRING2(x)

// Whether the queue held anything more when the time was up; Stop makes
// IsFinished true in any case, so it is asked before.
bool leftAtEnd;

// Simulator time of the run's time 0.
ns3::Time zero;

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
  ns3::ObjectFactory scheduler;
  scheduler.SetTypeId("ns3::HeapScheduler");
  ns3::Simulator::SetScheduler(scheduler);
  zero = ns3::Time(0);
}

bool ho_ns_warm_up(bool (*ready)(void *user), void *user, ho_time limit) {
  WarmUp w = {ready, user, ns3::NanoSeconds(limit), false};

  ns3::Simulator::ScheduleNow(&AskReady, &w);
  ns3::Simulator::Run();
  zero = ns3::Simulator::Now();
  return w.done;
}

ho_time ho_ns_now(void) {
  return static_cast<ho_time>((ns3::Simulator::Now() - zero).GetNanoSeconds());
}

void ho_ns_at(ho_time at, ho_fire_fn fn, void *user) {
  ho_time now = ho_ns_now();

  assert(at >= now && at <= static_cast<ho_time>(INT64_MAX));
  ns3::Time delay = ns3::NanoSeconds(at - now);
  // Simulator::Schedule takes over the reference that creation made.
  ns3::Simulator::Schedule(
      delay, ns3::Ptr<ns3::EventImpl>(new CallEvent(fn, user), false));
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

const char *ho_ns_version(void) {
  return HO_STRING(NS3_VERSION_MAJOR) "." HO_STRING(NS3_VERSION_MINOR);
}
