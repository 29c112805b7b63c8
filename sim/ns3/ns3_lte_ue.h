// A UE of an LTE network: where it is, and what has become of its link.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_LTE_UE_H
#define HO_NS3_NS3_LTE_UE_H

#include <cstdint>
#include <functional>

#include "ns3/event-id.h"

#include "sim/ns3/ns3_lte_net.h"
#include "sim/ns3/ns3_radio.h"

// HoLteUe follows one UE.  Its link is up from the first packet that came back
// from the gateway until the UE leaves RRC's connected states.
class HoLteUe {
public:
  struct Upcalls {
    std::function<void(ho_radio_state state, unsigned cell)> changed;
    std::function<void()> probe; // send a packet up that the gateway returns
    std::function<void()> handed_over; // what is under way is forwarded
    std::function<void()> broken;      // what is under way is lost
  };

  HoLteUe(HoLteNet &net, unsigned number, Upcalls upcalls);
  HoLteUe(const HoLteUe &) = delete;
  HoLteUe &operator=(const HoLteUe &) = delete;

  void Walk(ho_place_m to, double speed);
  ho_place_m Where() const;

  void Cut(bool cut);
  bool IsCut() const {
    return m_cut;
  }
  bool IsAssociated() const {
    return m_linked && !m_cut;
  }

  // The probe is back.
  void ProbeReturned();
  // It has got something.
  void Hear();
  ho_time Heard() const;

  int Handover(unsigned cell, const char **why);

  const HoLteNet::Ue &Device() const {
    return m_net.ues[m_number];
  }

private:
  ns3::Ptr<ns3::LteUeRrc> Rrc() const {
    return Device().device->GetRrc();
  }
  void Watch();
  void Follow();
  void Arrive();
  void Probe();
  void Break();
  void Report(ho_radio_state state, unsigned cell);
  void Tell(ho_radio_state state, unsigned cell);
  void HandoverFailed();

  void OnState(ns3::LteUeRrc::State state);
  void OnSignal(std::uint16_t cell, double sinr);

  HoLteNet &m_net;
  const unsigned m_number;
  const Upcalls m_upcalls;

  ho_place_m m_from, m_to; // of the walk
  double m_speed;          // metres a second; 0: it stands at |m_to|
  ns3::Time m_start;
  ns3::EventId m_arrival;

  bool m_cut;
  bool m_linked;
  unsigned m_handover; // to which cell it is on the way, or 0
  ns3::EventId m_probe;
  ns3::Time m_heard; // of the simulator; negative: never
};

#endif
