// A UE of an LTE network: where it is, and what has become of its link.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_lte_ue.h"

#include "sim/ns3/ns3_air.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ns3/epc-ue-nas.h"
#include "ns3/simulator.h"

#include "sim/base/diag.h"
#include "sim/ns3/ns3.h"

using namespace ns3;

namespace {

// From here nothing is heard, as if the radio were off: 278 dB of path loss.
const Vector NOWHERE(1e7, 0, 0);

// How often a UE that is connected tries whether its bearer carries.  One try
// is enough as a rule.  Where the scheduler serves a UE every 20 ms, more would
// only have each turn spent on acknowledging the last one.
const Time PROBE_INTERVAL = MilliSeconds(150);

// A cell's signal that can just be read: -5 dB, ns-3's own LteUePhy::Qout.
constexpr double SIGNAL_MIN = 0.316;

bool IsConnected(LteUeRrc::State state) {
  return state == LteUeRrc::CONNECTED_NORMALLY ||
         state == LteUeRrc::CONNECTED_HANDOVER ||
         state == LteUeRrc::CONNECTED_REESTABLISHING;
}

} // namespace

HoLteUe::HoLteUe(HoLteNet &net, unsigned number, Upcalls upcalls)
    : m_net(net), m_number(number), m_upcalls(std::move(upcalls)), m_speed(0),
      m_cut(false), m_linked(false), m_handover(0), m_heard(Seconds(-1)) {
  Vector place = Device().mobility->GetPosition();
  m_from = m_to = {place.x, place.y};
  Watch();
  Report(HO_RADIO_SEARCHING, 0);
}

void HoLteUe::Watch() {
  using Imsi = std::uint64_t;
  using Id = std::uint16_t;
  auto rrc = Rrc();

  rrc->TraceConnectWithoutContext(
      "StateTransition",
      Callback<void, Imsi, Id, Id, LteUeRrc::State, LteUeRrc::State>(
          [this](Imsi, Id, Id, LteUeRrc::State, LteUeRrc::State state) {
            OnState(state);
          }));
  rrc->TraceConnectWithoutContext(
      "DrbCreated", Callback<void, Imsi, Id, Id, std::uint8_t>(
                        [this](Imsi, Id, Id, std::uint8_t) {
                          if (!m_linked && !m_probe.IsRunning()) {
                            m_probe =
                                Simulator::ScheduleNow(&HoLteUe::Probe, this);
                          }
                        }));
  rrc->TraceConnectWithoutContext(
      "HandoverStart",
      Callback<void, Imsi, Id, Id, Id>([this](Imsi, Id, Id, Id target) {
        m_handover = m_net.CellOf(target);
        Report(HO_RADIO_HANDOVER_START, m_handover);
      }));
  rrc->TraceConnectWithoutContext(
      "HandoverEndOk", Callback<void, Imsi, Id, Id>([this](Imsi, Id id, Id) {
        m_handover = 0;
        // Not from within RRC: see Report.
        Simulator::ScheduleNow([this] { m_upcalls.handed_over(); });
        Report(HO_RADIO_HANDOVER_DONE, m_net.CellOf(id));
      }));
  rrc->TraceConnectWithoutContext(
      "HandoverEndError",
      Callback<void, Imsi, Id, Id>([this](Imsi, Id, Id) { HandoverFailed(); }));
  // What the UE never hears of.
  for (auto &enb : m_net.enbs) {
    for (const char *name :
         {"HandoverFailureNoPreamble", "HandoverFailureMaxRach",
          "HandoverFailureLeaving", "HandoverFailureJoining"}) {
      enb->GetRrc()->TraceConnectWithoutContext(
          name, Callback<void, Imsi, Id, Id>([this](Imsi imsi, Id, Id) {
            if (imsi == Device().device->GetImsi()) {
              HandoverFailed();
            }
          }));
    }
  }
  // Its period stays one: ns-3 looks for radio link failures as often.
  Device().device->GetPhy()->TraceConnectWithoutContext(
      "ReportCurrentCellRsrpSinr",
      Callback<void, Id, Id, double, double, std::uint8_t>(
          [this](Id cell, Id, double, double sinr, std::uint8_t) {
            OnSignal(cell, sinr);
          }));
}

ho_place_m HoLteUe::Where() const {
  if (m_speed == 0) {
    return m_to;
  }
  double length = std::hypot(m_to.x - m_from.x, m_to.y - m_from.y);
  double gone = (Simulator::Now() - m_start).GetSeconds() * m_speed;
  double part = length > 0 ? std::min(gone / length, 1.0) : 1.0;
  return {m_from.x + (m_to.x - m_from.x) * part,
          m_from.y + (m_to.y - m_from.y) * part};
}

void HoLteUe::Walk(ho_place_m to, double speed) {
  m_from = Where();
  m_to = to;
  m_start = Simulator::Now();
  m_speed = speed;
  m_arrival.Cancel();
  double length = std::hypot(to.x - m_from.x, to.y - m_from.y);
  m_arrival =
      Simulator::Schedule(Seconds(length / speed), &HoLteUe::Arrive, this);
  Follow();
}

void HoLteUe::Arrive() {
  m_speed = 0;
  Follow();
}

// Has ns-3's node be where the UE is.
void HoLteUe::Follow() {
  auto mobility = Device().mobility;

  if (m_cut) {
    mobility->SetPosition(NOWHERE);
    mobility->SetVelocity(Vector());
    return;
  }
  ho_place_m here = Where();
  mobility->SetPosition(Vector(here.x, here.y, 0));
  double length = std::hypot(m_to.x - here.x, m_to.y - here.y);
  mobility->SetVelocity(m_speed > 0 && length > 0
                            ? Vector((m_to.x - here.x) / length * m_speed,
                                     (m_to.y - here.y) / length * m_speed, 0)
                            : Vector());
}

void HoLteUe::Cut(bool cut) {
  if (m_cut == cut) {
    return;
  }
  m_cut = cut;
  Follow();
  if (cut) {
    m_upcalls.broken();
    return;
  }
  if (m_linked) {
    Report(HO_RADIO_ASSOCIATED, m_net.CellOf(Rrc()->GetCellId()));
  } else {
    Report(HO_RADIO_SEARCHING, 0);
  }
}

void HoLteUe::OnState(LteUeRrc::State state) {
  if (!IsConnected(state)) {
    Break();
  }
}

void HoLteUe::Probe() {
  if (Device().device->GetNas()->GetState() == EpcUeNas::ACTIVE) {
    m_upcalls.probe();
  }
  m_probe = Simulator::Schedule(PROBE_INTERVAL, &HoLteUe::Probe, this);
}

void HoLteUe::ProbeReturned() {
  Hear();
  if (m_linked || !IsConnected(Rrc()->GetState())) {
    return;
  }
  m_probe.Cancel();
  m_linked = true;
  Report(HO_RADIO_ASSOCIATED, m_net.CellOf(Rrc()->GetCellId()));
}

void HoLteUe::Break() {
  m_probe.Cancel();
  HandoverFailed();
  if (!m_linked) {
    return;
  }
  m_linked = false;
  // Not from within the event that brought it: what is lost may be answered.
  Simulator::ScheduleNow([this] { m_upcalls.broken(); });
  Report(HO_RADIO_FADED, 0);
}

void HoLteUe::HandoverFailed() {
  if (m_handover != 0) {
    Report(HO_RADIO_HANDOVER_FAILED, m_handover);
    m_handover = 0;
  }
}

// Upcalls have events of their own: who is told may send or walk at once, which
// RRC, in the middle of a transition, would not bear.
void HoLteUe::Report(ho_radio_state state, unsigned cell) {
  Simulator::ScheduleNow(&HoLteUe::Tell, this, state, cell);
}

void HoLteUe::Tell(ho_radio_state state, unsigned cell) {
  bool stale = (state == HO_RADIO_ASSOCIATED && !IsAssociated()) ||
               (state == HO_RADIO_SEARCHING && (m_cut || m_linked)) ||
               (state == HO_RADIO_FADED && m_cut);

  if (!stale) {
    m_upcalls.changed(state, cell);
  }
}

void HoLteUe::OnSignal(std::uint16_t cell, double sinr) {
  if (sinr >= SIGNAL_MIN && m_net.CellOf(cell) != 0) {
    Hear();
  }
}

void HoLteUe::Hear() {
  if (!m_cut) {
    m_heard = Simulator::Now();
  }
}

ho_time HoLteUe::Heard() const {
  return HoRunTime(m_heard);
}

int HoLteUe::Handover(unsigned cell, const char **why) {
  auto rrc = Rrc();
  std::uint16_t here = rrc->GetCellId();
  auto source = m_net.RrcOf(here);

  if (cell < 1 || cell > m_net.enbs.size()) {
    *why = "there is no such cell";
  } else if (m_handover != 0 ||
             rrc->GetState() == LteUeRrc::CONNECTED_HANDOVER) {
    *why = "a handover is under way";
  } else if (!IsAssociated() || !source ||
             rrc->GetState() != LteUeRrc::CONNECTED_NORMALLY) {
    *why = "it is not connected";
  } else if (m_net.IdOf(cell) == here) {
    *why = "it is in that cell";
  } else if (!source->HasUeManager(rrc->GetRnti()) ||
             source->GetUeManager(rrc->GetRnti())->GetState() !=
                 UeManager::CONNECTED_NORMALLY) {
    *why = "its cell is not done with an earlier procedure";
  } else {
    m_handover = cell;
    source->SendHandoverRequest(rrc->GetRnti(), m_net.IdOf(cell));
    return 0;
  }
  return HO_ERR_PROTO;
}
