// A station of a Wi-Fi network: where it is, and whether it is associated.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>

#include "ns3/mgt-headers.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/qos-txop.h"
#include "ns3/simulator.h"
#include "ns3/wifi-phy.h"
#include "sim/ns3/ns3.h"
#include "sim/ns3/ns3_wifi.h"

namespace {

// ns-3's own default for StaWifiMac::AssocRequestTimeout.
const ns3::Time REQUEST_TIMEOUT = ns3::MilliSeconds(500);

// When it gives up its AP, ns-3's station switches its PHY off and on.  What
// the PHY was detecting at that instant is forgotten, yet goes on counting as
// being received: it would be deaf for ever.  ns-3 keeps to itself what mends
// that. Access is not checked in an explicit instantiation.
template <void (ns3::WifiPhy::*RESET)()> struct Resetter {
  friend void ResetPhy(ns3::WifiPhy &phy) {
    (phy.*RESET)();
  }
};
void ResetPhy(ns3::WifiPhy &phy);
template struct Resetter<&ns3::WifiPhy::Reset>;

} // namespace

HoWifiStation::HoWifiStation(HoWifi *radio, unsigned number,
                             ns3::Ptr<ns3::WifiNetDevice> device)
    : m_radio(radio), m_number(number), m_device(device),
      m_mac(ns3::StaticCast<ns3::StaWifiMac>(device->GetMac())),
      m_mobility(
          device->GetNode()->GetObject<ns3::ConstantVelocityMobilityModel>()) {
  m_device->SetReceiveCallback(
      ns3::MakeCallback(&HoWifiStation::OnReceive, this));
  m_mac->TraceConnectWithoutContext(
      "ReceivedBeaconInfo",
      ns3::MakeCallback(&HoWifiStation::OnAnyBeacon, this));
  m_mac->TraceConnectWithoutContext(
      "BeaconArrival", ns3::MakeCallback(&HoWifiStation::OnBeacon, this));
  m_mac->TraceConnectWithoutContext(
      "Assoc", ns3::MakeCallback(&HoWifiStation::OnAssociated, this));
  m_mac->TraceConnectWithoutContext(
      "DeAssoc", ns3::MakeCallback(&HoWifiStation::OnLost, this));
  m_mac->GetTxopQueue(ns3::AC_VO)
      ->TraceConnectWithoutContext(
          "Enqueue", ns3::MakeCallback(&HoWifiStation::OnManagement, this));
  Tell(HO_RADIO_SEARCHING);
}

HoWifiStation::~HoWifiStation() {
  m_mac->TraceDisconnectWithoutContext(
      "ReceivedBeaconInfo",
      ns3::MakeCallback(&HoWifiStation::OnAnyBeacon, this));
  m_mac->TraceDisconnectWithoutContext(
      "BeaconArrival", ns3::MakeCallback(&HoWifiStation::OnBeacon, this));
  m_mac->TraceDisconnectWithoutContext(
      "Assoc", ns3::MakeCallback(&HoWifiStation::OnAssociated, this));
  m_mac->TraceDisconnectWithoutContext(
      "DeAssoc", ns3::MakeCallback(&HoWifiStation::OnLost, this));
  m_mac->GetTxopQueue(ns3::AC_VO)
      ->TraceDisconnectWithoutContext(
          "Enqueue", ns3::MakeCallback(&HoWifiStation::OnManagement, this));
  m_arrival.Cancel();
  m_request.Cancel();
}

ns3::Mac48Address HoWifiStation::Address() const {
  return m_mac->GetAddress();
}

ho_place_m HoWifiStation::Where() const {
  ns3::Vector at = m_mobility->GetPosition();

  return {at.x, at.y};
}

void HoWifiStation::Walk(ho_place_m to, double speed) {
  ho_place_m from = Where();
  double distance = std::hypot(to.x - from.x, to.y - from.y);

  m_arrival.Cancel();
  if (distance == 0) {
    Stand(to);
    return;
  }
  m_mobility->SetVelocity(ns3::Vector((to.x - from.x) / distance * speed,
                                      (to.y - from.y) / distance * speed, 0));
  m_arrival = ns3::Simulator::Schedule(ns3::Seconds(distance / speed),
                                       &HoWifiStation::Stand, this, to);
}

void HoWifiStation::Stand(ho_place_m at) {
  m_mobility->SetVelocity(ns3::Vector(0, 0, 0));
  m_mobility->SetPosition(ns3::Vector(at.x, at.y, 0));
}

void HoWifiStation::Cut(bool cut) {
  if (cut == m_cut) {
    return;
  }
  m_cut = cut;
  m_radio->m_devices.off->Set(m_mobility, cut);
  if (cut) {
    m_up = false;
    m_radio->DropUnsent(m_device, m_radio->ApAddress());
    m_radio->Leave(Address(), m_number);
  } else if (m_mac->IsAssociated()) {
    m_up = true;
    m_radio->Join(Address());
    Tell(HO_RADIO_ASSOCIATED);
  } else {
    Tell(HO_RADIO_SEARCHING);
  }
}

bool HoWifiStation::IsAssociated() const {
  return m_up && m_mac->IsAssociated();
}

ho_time HoWifiStation::Heard() const {
  return HoRunTime(m_heard);
}

bool HoWifiStation::OnReceive(ns3::Ptr<ns3::NetDevice>,
                              ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
                              const ns3::Address &) {
  m_heard = ns3::Simulator::Now();
  m_radio->m_flights.Land(packet);
  return true;
}

void HoWifiStation::OnAnyBeacon(ns3::StaWifiMac::ApInfo) {
  m_heard = ns3::Simulator::Now();
}

// An AP that got no acknowledgement of its association response takes the
// station for gone, for good, while the station believes itself associated.
void HoWifiStation::OnBeacon(ns3::Time) {
  if (!m_cut) {
    m_radio->Join(Address());
  }
}

// ns-3 can repeat an association request that was lost, but does so even after
// the station has given up its AP, and then aborts.
void HoWifiStation::OnManagement(ns3::Ptr<const ns3::WifiMpdu> mpdu) {
  if (mpdu->GetHeader().IsAssocReq()) {
    m_request.Cancel();
    m_request = ns3::Simulator::Schedule(
        REQUEST_TIMEOUT, &HoWifiStation::RepeatRequest, this,
        mpdu->GetPacket()->Copy(), mpdu->GetHeader());
  }
}

void HoWifiStation::RepeatRequest(ns3::Ptr<ns3::Packet> request,
                                  ns3::WifiMacHeader header) {
  m_mac->GetQosTxop(ns3::AC_VO)->Queue(request, header);
}

void HoWifiStation::OnAssociated(ns3::Mac48Address) {
  m_request.Cancel();
  if (m_cut || m_up) {
    return;
  }
  m_up = true;
  // The AP would wait for the acknowledgement, and lose what is sent by then.
  m_radio->Join(Address());
  Tell(HO_RADIO_ASSOCIATED);
}

// ns-3 says so at the beacon watchdog of a station that waits for an answer
// to its association request, too.
void HoWifiStation::OnLost(ns3::Mac48Address) {
  m_request.Cancel();
  m_radio->Forget(m_device);
  // As soon as the PHY is on again.
  ns3::Simulator::ScheduleNow(
      [device = m_device] { ResetPhy(*ns3::PeekPointer(device->GetPhy())); });
  ns3::Simulator::ScheduleNow(&HoWifi::Leave, m_radio, Address(), m_number);
  if (m_up) {
    m_up = false;
    Tell(HO_RADIO_FADED);
    Tell(HO_RADIO_SEARCHING);
  }
}

// ns-3 is in the middle of something, so the caller hears of it after that.
void HoWifiStation::Tell(ho_radio_state state) {
  ns3::Simulator::ScheduleNow(&HoWifiStation::TellNow, this, state);
}

void HoWifiStation::TellNow(ho_radio_state state) {
  if (!m_cut) {
    m_radio->m_upcalls.changed(m_radio->m_upcalls.user, m_number, state, 0);
  }
}
