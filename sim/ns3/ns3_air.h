// What ns-3's radios have in common: packets under way, by name.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_AIR_H
#define HO_NS3_NS3_AIR_H

#include <cstdint>
#include <deque>
#include <vector>

#include "ns3/event-id.h"
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

  // The same for a packet that ns-3 says it dropped.
  void Crash(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before = 0);

  // Loses everything under way of a station and a direction.  From within
  // ho_radio_del with |all|.
  void Clear(unsigned station, bool down);
  void ClearAll();

private:
  struct Flight {
    void *packet;
    std::uint64_t token;
    std::int64_t overtaken; // simulator time, or -1
    bool over;
  };
  struct Lane {
    std::deque<Flight> flights; // in order of token
    ns3::EventId sweep;
  };

  Lane &LaneOf(unsigned station, bool down);
  bool Find(ns3::Ptr<const ns3::Packet> packet, std::uint32_t before,
            unsigned *station, bool *down, Flight **flight);
  void Trim(Lane *lane);
  void Sweep(unsigned station, bool down);
  void Lose(unsigned station, bool down, Flight *flight);

  ho_radio_upcalls m_upcalls;
  std::vector<Lane> m_lanes;
  std::uint64_t m_next = 1;
};

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
