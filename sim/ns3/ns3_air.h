// What ns-3's radios have in common: packets under way, by name.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_AIR_H
#define HO_NS3_NS3_AIR_H

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "sim/ns3/ns3_radio.h"

// A packet under way is found by a token, which is what its ns-3 packet
// carries in place of its bytes.  A direction of a station keeps order, so
// what a later packet has overtaken is lost, unless it comes within a second.
class HoFlights {
public:
  HoFlights(const ho_radio_upcalls &upcalls, std::size_t stations);
  ~HoFlights();
  HoFlights(const HoFlights &) = delete;
  HoFlights &operator=(const HoFlights &) = delete;

  // Makes an ns-3 packet of |bytes| bytes, of which the first |before| are left
  // zero and the next eight hold the token.
  ns3::Ptr<ns3::Packet> Launch(unsigned station, bool down, void *packet,
                               std::uint32_t bytes, std::uint32_t before = 0);

  // Reads the token of |packet| behind |before| bytes and reports the arrival,
  // once; a packet that is not known any more is ignored.
  void Land(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before = 0);

  // The same for a packet that ns-3 says it dropped; reported by an event of
  // this instant, so it may be called from within ho_radio_send.
  void Crash(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before = 0);

  // Loses everything under way of a station and a direction, at once: not from
  // within ho_radio_send.
  void Clear(unsigned station, bool down);
  void ClearAll();

  // Takes everything under way of a station and a direction back, in order,
  // and has |again| launch it anew; what comes of the first time is ignored.
  // What has been overtaken is lost at once.  Not from within ho_radio_send.
  void
  Renew(unsigned station, bool down,
        const std::function<void(void *packet, std::uint32_t bytes)> &again);

  // Whether anything is under way, and for how long there has been something
  // without an arrival.
  bool Any(unsigned station, bool down) const;
  ns3::Time Still(unsigned station, bool down) const;

private:
  struct Flight {
    void *packet;
    std::uint32_t bytes;
    std::uint64_t token;
    std::int64_t overtaken; // simulator time, or -1
    bool over;
  };
  struct Lane {
    std::deque<Flight> flights; // in order of token
    ns3::Time moved;            // there was nothing, or something arrived
    ns3::EventId sweep;
  };

  Lane &LaneOf(unsigned station, bool down);
  static bool Read(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before,
                   std::uint64_t *token);
  Flight *Find(std::uint64_t token);
  void Lose(std::uint64_t token);
  static void Overtake(Lane *lane, std::uint64_t token);
  static void Trim(Lane *lane);
  void WaitForOvertaken(std::size_t lane);
  void Sweep(std::size_t lane);

  ho_radio_upcalls m_upcalls;
  std::vector<Lane> m_lanes;
  std::uint64_t m_next = 1;
};

// Simulator time |heard| as the run's; HO_NEVER if it is negative.  What was
// before time 0 counts as 0.
ho_time HoRunTime(ns3::Time heard);

// What the C API calls.
struct ho_radio {
  virtual ~ho_radio() = default;
  virtual void Send(unsigned station, bool down, void *packet,
                    std::uint32_t bytes) = 0;
  virtual void Walk(unsigned station, ho_place_m to, double speed) = 0;
  virtual ho_place_m Where(unsigned station) = 0;
  virtual void Cut(unsigned station, bool cut) = 0;
  virtual bool IsAssociated(unsigned station) = 0;
  virtual ho_time Heard(unsigned station) = 0;
  virtual int Handover(unsigned station, unsigned cell, const char **why) = 0;
};

#endif
