// The event queue that ns-3 runs on here.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_queue.h"

#include <algorithm>
#include <cassert>
#include <list>
#include <utility>
#include <vector>

#include "ns3/event-impl.h"
#include "ns3/global-value.h"
#include "ns3/make-event.h"
#include "ns3/simulator-impl.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

using namespace ns3;

struct ho_ns_clock ho_ns_clock;

namespace {

// An event: a call of ours, or one of ns-3's (|fn| is null, |what| its object,
// a reference to which is held).
struct Item {
  std::int64_t at;
  std::uint32_t uid;
  std::uint32_t context;
  ho_fire_fn fn;
  void *what;

  bool Before(const Item &other) const {
    return at != other.at ? at < other.at : uid < other.uid;
  }
};

// A heap in which each item has four below it: half as deep as one with two,
// and what is compared lies together.
class Heap {
public:
  bool Empty() const {
    return m_items.empty();
  }

  void Push(const Item &item) {
    std::size_t i = m_items.size();

    m_items.push_back(item);
    Up(i, item);
  }

  Item Pop() {
    Item first = m_items.front();

    RemoveAt(0);
    return first;
  }

  // Takes out the event with this |uid|; false if it is not there.
  bool Remove(std::uint32_t uid) {
    auto found = std::find_if(m_items.begin(), m_items.end(),
                              [uid](const Item &i) { return i.uid == uid; });

    if (found == m_items.end()) {
      return false;
    }
    RemoveAt(static_cast<std::size_t>(found - m_items.begin()));
    return true;
  }

private:
  static constexpr std::size_t BELOW = 4;

  // Puts |item| at |i| or above.
  void Up(std::size_t i, Item item) {
    while (i > 0 && item.Before(m_items[(i - 1) / BELOW])) {
      m_items[i] = m_items[(i - 1) / BELOW];
      i = (i - 1) / BELOW;
    }
    m_items[i] = item;
  }

  std::size_t Least(std::size_t from, std::size_t size) const {
    std::size_t to = std::min(from + BELOW, size), least = from;

    for (std::size_t i = from + 1; i < to; i++) {
      if (m_items[i].Before(m_items[least])) {
        least = i;
      }
    }
    return least;
  }

  // The last item takes the place of the one at |i|, and finds its own.
  void RemoveAt(std::size_t i) {
    Item last = m_items.back();
    std::size_t size = m_items.size() - 1;

    m_items.pop_back();
    if (i == size) {
      return;
    }
    while (BELOW * i + 1 < size) {
      std::size_t least = Least(BELOW * i + 1, size);
      if (!m_items[least].Before(last)) {
        break;
      }
      m_items[i] = m_items[least];
      i = least;
    }
    Up(i, last);
  }

  std::vector<Item> m_items;
};

class Queue;
Queue *theQueue;

// What DefaultSimulatorImpl does, event for event.
class Queue : public SimulatorImpl {
public:
  static TypeId GetTypeId() {
    static TypeId id =
        TypeId("ho::Queue").SetParent<SimulatorImpl>().AddConstructor<Queue>();
    return id;
  }

  Queue() {
    theQueue = this;
    m_now = 0;
  }
  ~Queue() override {
    theQueue = nullptr;
    m_now = 0;
  }

  std::int64_t NowNs() const {
    return m_now;
  }

  std::uint32_t Add(std::int64_t at, std::uint32_t context, ho_fire_fn fn,
                    void *what) {
    assert(at >= m_now && m_uid != 0);
    m_heap.Push({at, m_uid, context, fn, what});
    return m_uid++;
  }

  void Destroy() override {
    while (!m_destroy.empty()) {
      EventId id = m_destroy.front();
      m_destroy.pop_front();
      if (!id.PeekEventImpl()->IsCancelled()) {
        id.PeekEventImpl()->Invoke();
      }
    }
  }

  bool IsFinished() const override {
    return m_heap.Empty() || m_stop;
  }

  void Stop() override {
    m_stop = true;
  }

  // It returns what has been scheduled in some versions of ns-3, in others
  // nothing.
  using Stopped =
      decltype(std::declval<SimulatorImpl &>().Stop(std::declval<Time>()));
  Stopped Stop(const Time &delay) override {
    return static_cast<Stopped>(
        Schedule(delay, MakeEvent([this]() { m_stop = true; })));
  }

  EventId Schedule(const Time &delay, EventImpl *event) override {
    std::int64_t at = m_now + delay.GetTimeStep();
    std::uint32_t uid = Add(at, m_context, nullptr, event);

    return EventId(Ptr<EventImpl>(event), static_cast<std::uint64_t>(at),
                   m_context, uid);
  }

  void ScheduleWithContext(std::uint32_t context, const Time &delay,
                           EventImpl *event) override {
    Add(m_now + delay.GetTimeStep(), context, nullptr, event);
  }

  EventId ScheduleNow(EventImpl *event) override {
    return Schedule(Time(0), event);
  }

  EventId ScheduleDestroy(EventImpl *event) override {
    EventId id(Ptr<EventImpl>(event, false), static_cast<std::uint64_t>(m_now),
               0xffffffff, EventId::UID::DESTROY);

    m_destroy.push_back(id);
    m_uid++;
    return id;
  }

  void Remove(const EventId &id) override {
    if (id.GetUid() == EventId::UID::DESTROY) {
      m_destroy.remove(id);
    } else if (!IsExpired(id) && m_heap.Remove(id.GetUid())) {
      id.PeekEventImpl()->Cancel();
      id.PeekEventImpl()->Unref();
    }
  }

  void Cancel(const EventId &id) override {
    if (!IsExpired(id)) {
      id.PeekEventImpl()->Cancel();
    }
  }

  bool IsExpired(const EventId &id) const override {
    if (!id.PeekEventImpl() || id.PeekEventImpl()->IsCancelled()) {
      return true;
    }
    if (id.GetUid() == EventId::UID::DESTROY) {
      return std::find(m_destroy.begin(), m_destroy.end(), id) ==
             m_destroy.end();
    }
    std::int64_t at = static_cast<std::int64_t>(id.GetTs());
    return at < m_now || (at == m_now && id.GetUid() <= m_current);
  }

  void Run() override {
    m_stop = false;
    while (!m_heap.Empty() && !m_stop) {
      Item item = m_heap.Pop();
      m_now = item.at;
      m_context = item.context;
      m_current = item.uid;
      m_count++;
      if (item.fn) {
        item.fn(item.what);
      } else {
        EventImpl *event = static_cast<EventImpl *>(item.what);
        event->Invoke();
        event->Unref();
      }
    }
  }

  Time Now() const override {
    return TimeStep(static_cast<std::uint64_t>(m_now));
  }

  Time GetDelayLeft(const EventId &id) const override {
    return IsExpired(id)
               ? TimeStep(0)
               : TimeStep(id.GetTs() - static_cast<std::uint64_t>(m_now));
  }

  Time GetMaximumSimulationTime() const override {
    return TimeStep(0x7fffffffffffffff);
  }

  void SetScheduler(ObjectFactory) override {
  }

  std::uint32_t GetSystemId() const override {
    return 0;
  }

  std::uint32_t GetContext() const override {
    return m_context;
  }

  std::uint64_t GetEventCount() const override {
    return m_count;
  }

private:
  void DoDispose() override {
    while (!m_heap.Empty()) {
      Item item = m_heap.Pop();
      if (!item.fn) {
        static_cast<EventImpl *>(item.what)->Unref();
      }
    }
    SimulatorImpl::DoDispose();
  }

  Heap m_heap;
  std::list<EventId> m_destroy;
  std::int64_t &m_now = ho_ns_clock.now;
  std::uint64_t m_count = 0;
  std::uint32_t m_uid = EventId::UID::VALID;
  std::uint32_t m_current = EventId::UID::INVALID;
  std::uint32_t m_context = Simulator::NO_CONTEXT;
  bool m_stop = false;
};

NS_OBJECT_ENSURE_REGISTERED(Queue);

Queue *Get() {
  if (!theQueue) {
    Simulator::Now(); // makes it
  }
  return theQueue;
}

} // namespace

#if HO_NS3_MEMO
// ns-3's libraries ask for the time some hundred times a frame.  They find this
// function and not their own, which makes sure each time that there is a queue.
Time Simulator::Now() {
  return theQueue ? Time(theQueue->NowNs()) : GetImplementation()->Now();
}
#endif

void ho::QueueUse() {
  GlobalValue::Bind("SimulatorImplementationType", StringValue("ho::Queue"));
}

void ho::QueueAt(std::int64_t at, ho_fire_fn fn, void *user) {
  Queue *queue = Get();

  queue->Add(at, queue->GetContext(), fn, user);
}
