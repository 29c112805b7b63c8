// A Wi-Fi network as one of ns-3's radios.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_wifi.h"

#include <cassert>

#include "ns3/block-ack-manager.h"
#include "ns3/ht-frame-exchange-manager.h"
#include "ns3/llc-snap-header.h"
#include "ns3/qos-txop.h"
#include "ns3/simulator.h"
#include "ns3/wifi-phy.h"
#include "ns3/wifi-remote-station-manager.h"
#include "sim/base/diag.h"

namespace {

// The payload is nobody's business: a local experimental ethertype.
constexpr std::uint16_t PROTOCOL = 0x88b5;

constexpr std::uint8_t TID = HO_WIFI_TID;

constexpr std::uint32_t BEFORE_TOKEN = ns3::LLC_SNAP_HEADER_LENGTH;

// What ns-3 counts in a queue for each packet: the MAC header, LLC, the FCS.
constexpr std::uint32_t MAC_BYTES = 26 + ns3::LLC_SNAP_HEADER_LENGTH + 4;

// How often to ask whether the AP is between two exchanges.
const ns3::Time POLL = ns3::MicroSeconds(50);

// Longer than any frame is on the air (aPPDUMaxTime is 5.484 ms).
const ns3::Time FRAME_OVER = ns3::MilliSeconds(6);

// How long a station that hears its AP may get nothing through.
const ns3::Time STUCK = ns3::Seconds(1);

constexpr std::size_t MOST_STATIONS = 2007; // association identifiers

template <typename Which>
void DropIf(ns3::Ptr<ns3::WifiNetDevice> from, ns3::Mac48Address to,
            Which which) {
  auto queue = HoWifiQueue(from);
  auto mpdu = queue->PeekByTidAndAddress(TID, to);

  while (mpdu) {
    auto next = queue->PeekByTidAndAddress(TID, to, mpdu);
    if (which(*mpdu)) {
      queue->Remove(mpdu);
    }
    mpdu = next;
  }
}

// An agreement that is still being made holds everything back.
void EndSending(ns3::Ptr<ns3::WifiNetDevice> from, ns3::Mac48Address to) {
  auto blocks = from->GetMac()->GetQosTxop(ns3::AC_BE)->GetBaManager();

  if (blocks->ExistsAgreementInState(
          to, TID, ns3::OriginatorBlockAckAgreement::PENDING)) {
    blocks->NotifyAgreementNoReply(to, TID);
  }
  blocks->DestroyAgreement(to, TID);
}

// The receiver's half: a new agreement would not replace it, and the receiver
// go on waiting for frames that nobody has any more.  Never while such a frame
// is on its way, since ns-3 looks for the agreement at its end.
void EndReceiving(ns3::Ptr<ns3::WifiNetDevice> receiver,
                  ns3::Mac48Address from) {
  ns3::StaticCast<ns3::HtFrameExchangeManager>(
      receiver->GetMac()->GetFrameExchangeManager())
      ->DestroyBlockAckAgreement(from, TID);
}

} // namespace

ho_radio *ho_wifi_new(const ho_wifi_setup *setup) {
  assert(setup->stations_count <= MOST_STATIONS);
  return new HoWifi(*setup);
}

HoWifi::HoWifi(const ho_wifi_setup &setup)
    : m_upcalls(setup.upcalls), m_queue_packets(setup.queue_packets),
      m_queue_bytes(setup.queue_bytes), m_devices(setup),
      m_flights(setup.upcalls, setup.stations_count) {
  Attach(m_devices.ap);
  m_devices.ap->SetReceiveCallback(ns3::MakeCallback(&HoWifi::OnReceive, this));
  for (unsigned i = 0; i < setup.stations_count; i++) {
    Attach(m_devices.stations[i]);
    m_stations.push_back(
        std::make_unique<HoWifiStation>(this, i, m_devices.stations[i]));
    m_lanes.push_back({{m_devices.ap, m_stations[i]->Address()}, {}});
    m_lanes.push_back({{m_devices.stations[i], ApAddress()}, {}});
  }
}

// ns-3's devices live on until the end of the simulator.
HoWifi::~HoWifi() {
  Detach(m_devices.ap);
  for (auto device : m_devices.stations) {
    Detach(device);
  }
}

void HoWifi::Attach(ns3::Ptr<ns3::WifiNetDevice> device) {
  auto mac = device->GetMac();

  mac->TraceConnectWithoutContext("MacTxDrop",
                                  ns3::MakeCallback(&HoWifi::OnTxDrop, this));
  mac->TraceConnectWithoutContext("DroppedMpdu",
                                  ns3::MakeCallback(&HoWifi::OnDropped, this));
}

void HoWifi::Detach(ns3::Ptr<ns3::WifiNetDevice> device) {
  auto mac = device->GetMac();

  mac->TraceDisconnectWithoutContext(
      "MacTxDrop", ns3::MakeCallback(&HoWifi::OnTxDrop, this));
  mac->TraceDisconnectWithoutContext(
      "DroppedMpdu", ns3::MakeCallback(&HoWifi::OnDropped, this));
  device->SetReceiveCallback(ns3::NetDevice::ReceiveCallback());
}

void HoWifi::Send(unsigned station, bool down, void *packet,
                  std::uint32_t bytes) {
  const HoWifiStation &at = *m_stations.at(station);
  auto from = down ? m_devices.ap : at.Device();
  auto to = down ? at.Address() : ApAddress();
  auto carrier = m_flights.Launch(station, down, packet, bytes);

  if (at.IsCut() || !HasRoom(from, bytes)) {
    m_flights.Crash(carrier);
  } else {
    from->Send(carrier, to, PROTOCOL);
    Watch(station, down);
  }
}

// Only what is under way can be stuck in a reorder buffer.
void HoWifi::Watch(unsigned station, bool down) {
  ns3::EventId &look = m_lanes[station * 2 + down].look;

  if (!look.IsRunning() && m_flights.Any(station, down)) {
    look =
        ns3::Simulator::Schedule(ns3::MilliSeconds(HoWifiReorder::TIMEOUT_MS),
                                 &HoWifi::Look, this, station, down);
  }
}

// A window that is out of step in a way that nobody foresaw is begun anew, as a
// driver does when its watchdog barks.
void HoWifi::Look(unsigned station, bool down) {
  Lane &lane = m_lanes[station * 2 + down];

  lane.reorder.Release();
  ns3::Time now = ns3::Simulator::Now();
  if (m_stations.at(station)->IsAssociated() &&
      m_flights.Still(station, down) > STUCK && now - lane.reset > STUCK) {
    lane.reset = now;
    ResetWindow(station, down);
  }
  Watch(station, down);
}

// ns-3's queue is limited by packets only, and when full says nothing of the
// packet that it refuses.
bool HoWifi::HasRoom(ns3::Ptr<ns3::WifiNetDevice> device,
                     std::uint32_t bytes) const {
  auto queue = HoWifiQueue(device);
  const ns3::QueueBase &base = *queue;
  auto fits = [&] {
    return m_queue_packets
               ? base.GetNPackets() < m_queue_packets
               : base.GetNPackets() == 0 || // however small the queue
                     base.GetNBytes() + bytes + MAC_BYTES <= m_queue_bytes;
  };

  if (!fits()) {
    queue->WipeAllExpiredMpdus();
  }
  return fits();
}

// What has been on the air stays, since the window of block acknowledgements
// counts on it.
void HoWifi::DropUnsent(ns3::Ptr<ns3::WifiNetDevice> from,
                        ns3::Mac48Address to) {
  DropIf(from, to, [](const ns3::WifiMpdu &mpdu) {
    return !mpdu.IsInFlight() && !mpdu.GetHeader().IsRetry();
  });
}

ns3::Mac48Address HoWifi::ApAddress() const {
  return m_devices.ap->GetMac()->GetAddress();
}

void HoWifi::Join(ns3::Mac48Address station) {
  auto manager = m_devices.ap->GetMac()->GetWifiRemoteStationManager();

  if (!manager->IsAssociated(station)) {
    manager->RecordGotAssocTxOk(station);
  }
}

// ns-3's AP never learns that a station is gone: it would go on sending to it,
// and all others would starve.
void HoWifi::Leave(ns3::Mac48Address station, unsigned number) {
  auto manager = m_devices.ap->GetMac()->GetWifiRemoteStationManager();

  manager->RecordDisassociated(station);
  DropUnsent(m_devices.ap, station);
  // Not at once: the caller may have been called by the station's receiver.
  ns3::Simulator::ScheduleNow(&HoWifi::ResetWindow, this, number, true);
  m_flights.Clear(number, false);
  m_flights.Clear(number, true);
}

// As long as frames wait for a block acknowledgement, their sender repeats its
// request for it, before everything else.  The agreement cannot go in the
// middle of an exchange.
void HoWifi::ResetWindow(unsigned station, bool down) {
  auto device = m_stations.at(station)->Device();
  auto from = down ? m_devices.ap : device;
  auto to = down ? device : m_devices.ap;
  auto from_address = from->GetMac()->GetAddress();
  auto to_address = to->GetMac()->GetAddress();

  if (from->GetPhy()->IsStateTx() ||
      from->GetMac()->GetFrameExchangeManager()->GetWifiTxTimer().IsRunning()) {
    ns3::Simulator::Schedule(POLL, &HoWifi::ResetWindow, this, station, down);
    return;
  }
  DropIf(from, to_address, [](const ns3::WifiMpdu &mpdu) {
    return mpdu.IsInFlight() || mpdu.GetHeader().IsRetry();
  });
  EndSending(from, to_address);
  EndReceiving(to, from_address);
}

// The station has flushed its queues without telling its block
// acknowledgements: their window would wait for ever for its oldest frame, or
// everything for the answer to a request that was flushed as well.
void HoWifi::Forget(ns3::Ptr<ns3::WifiNetDevice> station) {
  EndSending(station, ApAddress());
  // Before that the station cannot have found its AP again.
  ns3::Simulator::Schedule(
      FRAME_OVER, &EndReceiving, m_devices.ap,
      ns3::Mac48Address::ConvertFrom(station->GetAddress()));
}

bool HoWifi::OnReceive(ns3::Ptr<ns3::NetDevice>,
                       ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
                       const ns3::Address &) {
  m_flights.Land(packet);
  return true;
}

void HoWifi::OnTxDrop(ns3::Ptr<const ns3::Packet> packet) {
  m_flights.Crash(packet, BEFORE_TOKEN);
}

void HoWifi::OnDropped(ns3::WifiMacDropReason,
                       ns3::Ptr<const ns3::WifiMpdu> mpdu) {
  if (mpdu->GetHeader().HasData()) {
    m_flights.Crash(mpdu->GetPacket(), BEFORE_TOKEN);
  }
}

void HoWifi::Walk(unsigned station, ho_place_m to, double speed) {
  m_stations.at(station)->Walk(to, speed);
}

ho_place_m HoWifi::Where(unsigned station) {
  return m_stations.at(station)->Where();
}

void HoWifi::Cut(unsigned station, bool cut) {
  m_stations.at(station)->Cut(cut);
}

bool HoWifi::IsAssociated(unsigned station) {
  return m_stations.at(station)->IsAssociated();
}

ho_time HoWifi::Heard(unsigned station) {
  return m_stations.at(station)->Heard();
}

int HoWifi::Handover(unsigned, unsigned, const char **why) {
  *why = "Wi-Fi has no handover";
  return HO_ERR_PROTO;
}
