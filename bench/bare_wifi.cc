// Bare ns-3 Wi-Fi: what moving a list of packets costs without handoff.
//
// usage: bare_wifi LIST                          (for LIST see bench/bare.h)
//
// An AP and a station with the settings of sim/ns3/ns3_wifi_devices.cc and a
// scenario's defaults (802.11ac, 80 MHz, 5 m).  Packets are plain ns-3 packets
// of the given size: nobody's names in them, no bookkeeping, no trace sinks.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/bare.h"

#include "ns3/ap-wifi-mac.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/propagation-delay-model.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/queue-size.h"
#include "ns3/sta-wifi-mac.h"
#include "ns3/string.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/wifi-mac-queue.h"
#include "ns3/qos-txop.h"
#include "ns3/wifi-net-device.h"
#include "ns3/yans-wifi-channel.h"
#include "ns3/yans-wifi-helper.h"

using namespace ns3;

namespace {

constexpr std::uint16_t PROTOCOL = 0x88b5;
constexpr double TX_POWER_DBM = 20;
constexpr double DISTANCE_M = 5;
constexpr unsigned QUEUE_PACKETS = 100000;

class Bare {
public:
  Bare();
  void Send(bool down, std::uint32_t bytes);
  bool Ready() const {
    return m_mac->IsAssociated();
  }

  Ptr<WifiNetDevice> ap, station;

private:
  Ptr<WifiNetDevice> Make(const WifiMacHelper &mac, Ptr<MobilityModel> where,
                          double x);

  YansWifiPhyHelper m_phy;
  WifiHelper m_wifi;
  std::int64_t m_stream = 1000000000;
  Ptr<StaWifiMac> m_mac;
  Address m_ap_address, m_station_address;
};

Bare::Bare() {
  auto loss = CreateObject<LogDistancePropagationLossModel>();
  auto channel = CreateObject<YansWifiChannel>();
  WifiMacHelper mac;
  SsidValue ssid(Ssid("handoff"));

  loss->SetPathLossExponent(3);
  channel->SetPropagationLossModel(loss);
  channel->SetPropagationDelayModel(
      CreateObject<ConstantSpeedPropagationDelayModel>());
  m_phy.SetChannel(channel);
  m_phy.Set("ChannelSettings", StringValue("{42, 80, BAND_5GHZ, 0}"));
  m_phy.Set("TxPowerStart", DoubleValue(TX_POWER_DBM));
  m_phy.Set("TxPowerEnd", DoubleValue(TX_POWER_DBM));
  m_wifi.SetStandard(WIFI_STANDARD_80211ac);
  m_wifi.SetRemoteStationManager("ns3::IdealWifiManager");
  mac.SetType("ns3::ApWifiMac", "Ssid", ssid);
  ap = Make(mac, CreateObject<ConstantPositionMobilityModel>(), -DISTANCE_M);
  mac.SetType("ns3::StaWifiMac", "Ssid", ssid, "AssocRequestTimeout",
              TimeValue(Seconds(1e6)), "WaitBeaconTimeout",
              TimeValue(MilliSeconds(120)));
  station = Make(mac, CreateObject<ConstantVelocityMobilityModel>(), 0);
  m_mac = DynamicCast<StaWifiMac>(station->GetMac());
  m_ap_address = ap->GetAddress();
  m_station_address = station->GetAddress();
}

Ptr<WifiNetDevice> Bare::Make(const WifiMacHelper &mac,
                              Ptr<MobilityModel> where, double x) {
  auto node = CreateObject<Node>();

  where->SetPosition(Vector(x, 0, 0));
  node->AggregateObject(where);
  auto devices = m_wifi.Install(m_phy, mac, node);
  auto device = DynamicCast<WifiNetDevice>(devices.Get(0));
  m_wifi.AssignStreams(devices, m_stream);
  m_stream += 100;
  auto queue = device->GetMac()->GetTxopQueue(AC_BE);
  device->GetMac()->SetAttribute("BE_MaxAmpduSize", UintegerValue(1048575));
  device->GetMac()->GetQosTxop(AC_BE)->SetAddBaResponseTimeout(Seconds(1));
  queue->SetMaxSize(QueueSize(QueueSizeUnit::PACKETS, QUEUE_PACKETS));
  queue->SetMaxDelay(Seconds(5));
  return device;
}

void Bare::Send(bool down, std::uint32_t bytes) {
  auto packet = Create<Packet>(bytes);

  if (down) {
    ap->Send(packet, m_station_address, PROTOCOL);
  } else {
    station->Send(packet, m_ap_address, PROTOCOL);
  }
}

} // namespace

int main(int argc, char **argv) {
  bare::Player player(argc, argv);
  Bare wifi;
  NetDevice::ReceiveCallback receive([&player](Ptr<NetDevice>,
                                               Ptr<const Packet>, std::uint16_t,
                                               const Address &) {
    player.Received();
    return true;
  });

  wifi.ap->SetReceiveCallback(receive);
  wifi.station->SetReceiveCallback(receive);
  return player.Run(
      [&wifi] { return wifi.Ready(); },
      [&wifi](bool down, std::uint32_t bytes) { wifi.Send(down, bytes); });
}
