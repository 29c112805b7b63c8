// What ns-3's radios have in common: packets under way, by name.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_air.h"

#include <algorithm>
#include <cassert>

#include "ns3/header.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "sim/ns3/ns3.h"

namespace {

// A token names the lane in its low bits, so that it finds its own.
constexpr unsigned LANE_BITS = 16;
constexpr std::int64_t GRACE_NS = 1000000000;

// The only bytes that matter.  All others are zero and take no memory.
class Token : public ns3::Header {
public:
  explicit Token(std::uint64_t value = 0, std::uint32_t before = 0)
      : m_value(value), m_before(before) {
  }
  static ns3::TypeId GetTypeId() {
    static ns3::TypeId tid =
        ns3::TypeId("HoToken").SetParent<ns3::Header>().SetGroupName("Ho");
    return tid;
  }
  ns3::TypeId GetInstanceTypeId() const override {
    return GetTypeId();
  }
  std::uint32_t GetSerializedSize() const override {
    return m_before + 8;
  }
  void Serialize(ns3::Buffer::Iterator i) const override {
    i.WriteU8(0, m_before);
    i.WriteHtonU64(m_value);
  }
  std::uint32_t Deserialize(ns3::Buffer::Iterator i) override {
    i.Next(m_before);
    m_value = i.ReadNtohU64();
    return m_before + 8;
  }
  void Print(std::ostream &out) const override {
    out << m_value;
  }
  std::uint64_t Value() const {
    return m_value;
  }

private:
  std::uint64_t m_value;
  std::uint32_t m_before;
};

std::int64_t NowNs() {
  return ns3::Simulator::Now().GetNanoSeconds();
}

} // namespace

ho_time HoRunTime(ns3::Time heard) {
  if (heard.IsStrictlyNegative()) {
    return HO_NEVER;
  }
  ho_time ago =
      static_cast<ho_time>((ns3::Simulator::Now() - heard).GetNanoSeconds());
  return ho_ns_now() - std::min(ago, ho_ns_now());
}

HoFlights::HoFlights(const ho_radio_upcalls &upcalls, std::size_t stations)
    : m_upcalls(upcalls), m_lanes(stations * 2) {
  assert(m_lanes.size() <= 1u << LANE_BITS);
}

HoFlights::~HoFlights() {
  ClearAll();
}

HoFlights::Lane &HoFlights::LaneOf(unsigned station, bool down) {
  assert(station < m_lanes.size() / 2);
  return m_lanes[station * 2 + (down ? 1 : 0)];
}

ns3::Ptr<ns3::Packet> HoFlights::Launch(unsigned station, bool down,
                                        void *packet, std::uint32_t bytes,
                                        std::uint32_t before) {
  Lane &lane = LaneOf(station, down);
  std::uint64_t token =
      m_next++ << LANE_BITS | static_cast<std::uint64_t>(&lane - &m_lanes[0]);

  assert(bytes >= before + 8);
  if (lane.flights.empty()) {
    lane.moved = ns3::Simulator::Now();
  }
  lane.flights.push_back({packet, bytes, token, -1, false});
  auto carrier = ns3::Create<ns3::Packet>(bytes - before - 8);
  carrier->AddHeader(Token(token, before));
  return carrier;
}

HoFlights::Flight *HoFlights::Find(std::uint64_t token) {
  std::size_t index = token & ((1u << LANE_BITS) - 1);

  if (index >= m_lanes.size()) {
    return nullptr;
  }
  auto &flights = m_lanes[index].flights;
  auto it = std::lower_bound(
      flights.begin(), flights.end(), token,
      [](const Flight &flight, std::uint64_t t) { return flight.token < t; });
  if (it == flights.end() || it->token != token || it->over) {
    return nullptr;
  }
  return &*it;
}

bool HoFlights::Read(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before,
                     std::uint64_t *token) {
  Token header(0, before);

  if (packet->GetSize() < before + 8) {
    return false;
  }
  packet->PeekHeader(header);
  *token = header.Value();
  return true;
}

void HoFlights::Land(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before) {
  std::uint64_t token;
  Flight *flight = Read(packet, before, &token) ? Find(token) : nullptr;

  if (!flight) {
    return;
  }
  void *ours = flight->packet;
  std::size_t index = token & ((1u << LANE_BITS) - 1);
  Lane &lane = m_lanes[index];
  flight->over = true;
  lane.moved = ns3::Simulator::Now();
  Overtake(&lane, token);
  Trim(&lane);
  WaitForOvertaken(index);
  m_upcalls.arrived(m_upcalls.user, static_cast<unsigned>(index / 2),
                    index % 2 == 1, ours);
}

// Those before one that has been overtaken have been too, so each is seen once.
void HoFlights::Overtake(Lane *lane, std::uint64_t token) {
  auto it = std::lower_bound(
      lane->flights.begin(), lane->flights.end(), token,
      [](const Flight &flight, std::uint64_t t) { return flight.token < t; });

  while (it != lane->flights.begin() && (--it)->overtaken < 0) {
    it->overtaken = NowNs();
  }
}

void HoFlights::Trim(Lane *lane) {
  while (!lane->flights.empty() && lane->flights.front().over) {
    lane->flights.pop_front();
  }
}

void HoFlights::WaitForOvertaken(std::size_t index) {
  Lane &lane = m_lanes[index];

  if (!lane.flights.empty() && lane.flights.front().overtaken >= 0 &&
      !lane.sweep.IsRunning()) {
    lane.sweep = ns3::Simulator::Schedule(
        ns3::NanoSeconds(lane.flights.front().overtaken + GRACE_NS - NowNs()),
        &HoFlights::Sweep, this, index);
  }
}

void HoFlights::Sweep(std::size_t index) {
  Lane &lane = m_lanes[index];

  // The upcall may launch; a deque's end may grow, and the front is asked anew.
  while (!lane.flights.empty() && lane.flights.front().overtaken >= 0 &&
         lane.flights.front().overtaken + GRACE_NS <= NowNs()) {
    Lose(lane.flights.front().token);
  }
  WaitForOvertaken(index);
}

// Deferred, because a full queue drops from within ho_radio_send.
void HoFlights::Crash(ns3::Ptr<const ns3::Packet> packet,
                      std::uint32_t before) {
  std::uint64_t token;

  if (Read(packet, before, &token) && Find(token)) {
    ns3::Simulator::ScheduleNow(&HoFlights::Lose, this, token);
  }
}

void HoFlights::Lose(std::uint64_t token) {
  Flight *flight = Find(token);

  if (!flight) {
    return;
  }
  void *ours = flight->packet;
  std::size_t index = token & ((1u << LANE_BITS) - 1);
  flight->over = true;
  Trim(&m_lanes[index]);
  m_upcalls.lost(m_upcalls.user, static_cast<unsigned>(index / 2),
                 index % 2 == 1, ours);
}

void HoFlights::Clear(unsigned station, bool down) {
  std::deque<Flight> flights;

  flights.swap(LaneOf(station, down).flights);
  for (const Flight &flight : flights) {
    if (!flight.over) {
      m_upcalls.lost(m_upcalls.user, station, down, flight.packet);
    }
  }
}

void HoFlights::Renew(
    unsigned station, bool down,
    const std::function<void(void *packet, std::uint32_t bytes)> &again) {
  std::deque<Flight> flights;

  flights.swap(LaneOf(station, down).flights);
  for (const Flight &flight : flights) {
    if (!flight.over && flight.overtaken >= 0) {
      m_upcalls.lost(m_upcalls.user, station, down, flight.packet);
    } else if (!flight.over) {
      again(flight.packet, flight.bytes);
    }
  }
}

bool HoFlights::Any(unsigned station, bool down) const {
  return !m_lanes.at(station * 2 + (down ? 1 : 0)).flights.empty();
}

ns3::Time HoFlights::Still(unsigned station, bool down) const {
  const Lane &lane = m_lanes.at(station * 2 + (down ? 1 : 0));

  return lane.flights.empty() ? ns3::Time(0)
                              : ns3::Simulator::Now() - lane.moved;
}

void HoFlights::ClearAll() {
  for (unsigned station = 0; station < m_lanes.size() / 2; station++) {
    Clear(station, false);
    Clear(station, true);
  }
}
