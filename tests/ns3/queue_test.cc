// ns-3 on the queue of ours: what runs, when, and in which order.  Goals:
//
// * events run by time, those of one time as they were scheduled, however the
//   heap was filled
// * one that is cancelled or removed does not run; a removed one is gone
// * an event is expired from when it runs, is cancelled or is removed
// * events for the end run there, as scheduled, less those cancelled or removed
// * Stop, contexts, delays left, counts: event for event ns-3's own simulator
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_queue.h"

#include <cstdint>
#include <string>
#include <vector>

#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

extern "C" {
#include "tests/suite.h"
}

using ns3::EventId;
using ns3::NanoSeconds;
using ns3::Simulator;

namespace {

std::string ran;

void Run(char name) {
  ran += name;
}

EventId At(std::int64_t ns, char name) {
  return Simulator::Schedule(NanoSeconds(ns), &Run, name);
}

void Begin() {
  ho_ns_start(1);
  ran.clear();
}

START_TEST(by_time_then_as_scheduled) {
  Begin();
  At(20, 'e');
  At(10, 'b');
  At(20, 'f');
  At(0, 'a');
  At(10, 'c');
  ho::QueueAt(
      10, [](void *) { Run('d'); }, nullptr);
  At(20, 'g');
  Simulator::Run();
  ck_assert_str_eq(ran.c_str(), "abcdefg");
  ck_assert_int_eq(ho_ns_clock.now, 20);
  ck_assert_int_eq(Simulator::Now().GetNanoSeconds(), 20);
  Simulator::Destroy();
}
END_TEST

START_TEST(cancelled_does_not_run) {
  Begin();
  EventId a = At(10, 'a'), b = At(10, 'b');

  ck_assert(a.IsRunning());
  Simulator::Cancel(a);
  ck_assert(Simulator::IsExpired(a));
  ck_assert(!Simulator::IsExpired(b));
  Simulator::Run();
  ck_assert_str_eq(ran.c_str(), "b");
  ck_assert_uint_eq(Simulator::GetEventCount(), 2); // it was in the queue
  Simulator::Destroy();
}
END_TEST

START_TEST(removed_is_gone) {
  Begin();
  EventId ids[] = {At(30, 'c'), At(10, 'a'), At(20, 'b'), At(40, 'd')};

  Simulator::Remove(ids[2]);
  ck_assert(Simulator::IsExpired(ids[2]));
  Simulator::Remove(ids[2]); // of what is not there nothing comes
  Simulator::Run();
  ck_assert_str_eq(ran.c_str(), "acd");
  ck_assert_uint_eq(Simulator::GetEventCount(), 3);
  Simulator::Remove(ids[0]);
  Simulator::Destroy();
}
END_TEST

EventId self, later;

void LookAround() {
  ck_assert(Simulator::IsExpired(self));   // it runs
  ck_assert(!Simulator::IsExpired(later)); // same time, behind it
  ck_assert_int_eq(Simulator::GetDelayLeft(later).GetNanoSeconds(), 0);
  Run('s');
}

START_TEST(expired_from_when_it_runs) {
  Begin();
  EventId before = At(5, 'b');

  self = Simulator::Schedule(NanoSeconds(10), &LookAround);
  later = At(10, 'l');
  EventId last = At(25, 'z');
  ck_assert_int_eq(Simulator::GetDelayLeft(last).GetNanoSeconds(), 25);
  ck_assert(!Simulator::IsExpired(before));
  ck_assert(Simulator::IsExpired(EventId()));
  Simulator::Run();
  ck_assert_str_eq(ran.c_str(), "bslz");
  ck_assert(Simulator::IsExpired(before));
  ck_assert(Simulator::IsExpired(later));
  Simulator::Destroy();
}
END_TEST

START_TEST(at_the_end) {
  Begin();
  EventId ids[4];

  for (int i = 0; i < 4; i++) {
    ids[i] = Simulator::ScheduleDestroy(&Run, static_cast<char>('w' + i));
    ck_assert(!Simulator::IsExpired(ids[i]));
  }
  At(10, 'a');
  Simulator::Cancel(ids[1]);
  Simulator::Remove(ids[2]);
  ck_assert(Simulator::IsExpired(ids[1]));
  ck_assert(Simulator::IsExpired(ids[2]));
  ck_assert(!Simulator::IsExpired(ids[3]));
  Simulator::Run();
  ck_assert_str_eq(ran.c_str(), "a");
  ids[1] = ids[2] = EventId();
  Simulator::Destroy();
  ck_assert_str_eq(ran.c_str(), "awz");
}
END_TEST

// A script of its own making, played by an event at a time: what it does next
// follows from what it has done.  Everything it can see goes into |log|.
class Script {
public:
  explicit Script(const char *simulator) {
    ns3::GlobalValue::Bind("SimulatorImplementationType",
                           ns3::StringValue(simulator));
    for (int i = 0; i < 50; i++) {
      Make();
    }
    // Some of the events stop it.
    for (std::uint64_t count = 1; count > 0;) {
      count = Simulator::GetEventCount();
      Simulator::Run();
      Note(Simulator::IsFinished());
      count = Simulator::GetEventCount() - count;
      Note(count);
    }
    Simulator::Destroy();
  }

  std::vector<std::uint64_t> log;

private:
  static constexpr std::size_t EVENTS_MAX = 20000;

  std::uint64_t Draw(std::uint64_t below) {
    m_state = m_state * 6364136223846793005 + 1442695040888963407;
    return (m_state >> 33) % below;
  }

  void Note(std::uint64_t what) {
    log.push_back(what);
  }

  // One of the last, of which some are still to come.
  EventId &Any() {
    std::uint64_t most = m_ids.size() < 60 ? m_ids.size() : 60;

    return m_ids[m_ids.size() - 1 - Draw(most)];
  }

  void Fire(std::uint64_t name) {
    Note(name);
    Note(static_cast<std::uint64_t>(Simulator::Now().GetTimeStep()));
    Note(Simulator::GetContext());
    for (std::uint64_t i = Draw(4); i > 0; i--) {
      Act();
    }
    if (m_made < EVENTS_MAX) {
      Make();
    }
  }

  // Delays of few values, or there would be no ties.
  void Make() {
    ns3::Time delay = NanoSeconds(static_cast<std::int64_t>(Draw(6) * 7));
    std::uint64_t name = m_made++;

    switch (Draw(24)) {
    case 0:
      Simulator::ScheduleWithContext(static_cast<std::uint32_t>(Draw(9)), delay,
                                     &Script::Fire, this, name);
      break;
    case 1:
      m_ids.push_back(Simulator::ScheduleNow(&Script::Fire, this, name));
      break;
    case 2:
      m_ids.push_back(Simulator::ScheduleDestroy(&Script::Note, this, name));
      break;
    default:
      m_ids.push_back(Simulator::Schedule(delay, &Script::Fire, this, name));
    }
    if (!m_ids.empty()) {
      Note(m_ids.back().GetUid());
      Note(m_ids.back().GetTs());
    }
  }

  void Act() {
    EventId &id = Any();

    switch (Draw(40)) {
    case 0:
      Simulator::Stop();
      break;
    case 1:
      Simulator::Stop(NanoSeconds(3));
      break;
    case 2:
    case 3:
    case 4:
      Simulator::Remove(id);
      break;
    case 5:
    case 6:
    case 7:
    case 8:
      Simulator::Cancel(id);
      break;
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
      m_made < EVENTS_MAX ? Make() : Note(0);
      break;
    default:
      Note(Simulator::IsExpired(id));
      if (id.GetUid() != EventId::UID::DESTROY) {
        Note(static_cast<std::uint64_t>(
            Simulator::GetDelayLeft(id).GetTimeStep()));
      }
    }
  }

  std::uint64_t m_state = 1, m_made = 0;
  std::vector<EventId> m_ids;
};

START_TEST(as_the_simulator_of_ns3) {
  Begin();
  Script ours("ho::Queue"), theirs("ns3::DefaultSimulatorImpl");

  ck_assert_uint_gt(theirs.log.size(), 50000);
  for (std::size_t i = 0; i < theirs.log.size() && i < ours.log.size(); i++) {
    ck_assert_msg(ours.log[i] == theirs.log[i], "entry %zu: %llu and not %llu",
                  i, static_cast<unsigned long long>(ours.log[i]),
                  static_cast<unsigned long long>(theirs.log[i]));
  }
  ck_assert_uint_eq(ours.log.size(), theirs.log.size());
}
END_TEST

void Add(TCase *tc) {
  tcase_add_test(tc, by_time_then_as_scheduled);
  tcase_add_test(tc, cancelled_does_not_run);
  tcase_add_test(tc, removed_is_gone);
  tcase_add_test(tc, expired_from_when_it_runs);
  tcase_add_test(tc, at_the_end);
  tcase_add_test(tc, as_the_simulator_of_ns3);
}

} // namespace

int main() {
  return suite_run("queue", Add);
}
