// The ns-3 devices of one Wi-Fi network: an AP, its stations, their channel.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_wifi_devices.h"

#include <cassert>
#include <string>

#include "ns3/boolean.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/propagation-delay-model.h"
#include "ns3/qos-txop.h"
#include "ns3/queue-size.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/yans-wifi-channel.h"
#include "ns3/yans-wifi-helper.h"
#include "sim/ns3/ns3_memo.h"

namespace {

// Of a device that is switched off; the loudest is below what a PHY can sense.
constexpr double OFF_DB = 200;

// ns-3 gives a fixed stream to each number, 64 bits wide; a device uses fewer
// than 100, a network has at most 2007 stations, and TCP's stay below.
constexpr std::int64_t FIRST_STREAM = 1000000000;
constexpr std::int64_t STREAMS_OF_NETWORK = 1000000;
constexpr std::int64_t STREAMS_OF_DEVICE = 100;

// The limit is kept before ns-3's queue, see HoWifi::HasRoom: where that one is
// full, a frame of management throws out the oldest packet without a word, on
// the air or not, and the window of block acknowledgements never passes it.
constexpr unsigned NO_LIMIT_PACKETS = 1000000;

// Linux's mac80211 has no lifetime: a frame waits until it is sent or its
// queue is full.  This is longer than any queue that a scenario is likely to
// ask for takes to drain, and than a STA takes to notice that its AP is gone.
const char *const LIFETIME = "5s";

// mac80211's ADDBA_RESP_INTERVAL.  ns-3's default of 1 ms is over before the
// answer is where several stations contend.  Then frames go out without block
// acknowledgement; then the answer arrives, and the receiver, whose window
// starts at the first of those frames, waits for it.
constexpr int ADDBA_TIMEOUT_S = 1;

// A STA scans for as long as this before it joins the best AP it has heard: at
// least one beacon interval of 102.4 ms.  Each its own, or they would all send
// their requests at once.
constexpr unsigned SCAN_MS = 120;
constexpr unsigned SCAN_STEP_MS = 3;

struct Setting {
  const char *name, *value;
};

const Setting SETTINGS[] = {
    {"ns3::WifiPhy::ChannelSettings",
     "5 GHz: channel 36, 38, 42 or 50 for 20, 40, 80 or 160 MHz"},
    {"ns3::WifiPhy::TxPowerStart", "tx_power, also of the AP"},
    {"ns3::WifiPhy::TxPowerEnd", "tx_power, also of the AP"},
    {"ns3::WifiRemoteStationManager", "ns3::IdealWifiManager"},
    {"ns3::WifiMac::Ssid", "handoff"},
    {"ns3::StaWifiMac::AssocRequestTimeout",
     "1e6 s: ns-3's own retry aborts where the AP is gone; ours is 0.5 s"},
    {"ns3::StaWifiMac::WaitBeaconTimeout", "120 ms + 3 ms x station"},
    {"ns3::WifiMac::BE_MaxAmpduSize",
     "65535, 1048575 or 6500631 for 802.11n, ac or ax"},
    {"ns3::QosTxop::AddBaResponseTimeout", "1 s, of best effort"},
    {"ns3::WifiMacQueue::MaxSize", "queue, of best effort; kept by us"},
    {"ns3::WifiMacQueue::MaxDelay", LIFETIME},
    {"ns3::YansWifiChannel::PropagationLossModel",
     "ns3::LogDistancePropagationLossModel, Exponent 3 (its default)"},
    {"ns3::YansWifiChannel::PropagationDelayModel",
     "ns3::ConstantSpeedPropagationDelayModel"},
    {"ns3::YansWifiChannel", "one for each network: they do not interfere"},
};

ns3::WifiStandard Standard(ho_80211 standard) {
  switch (standard) {
  case HO_80211N:
    return ns3::WIFI_STANDARD_80211n;
  case HO_80211AC:
    return ns3::WIFI_STANDARD_80211ac;
  case HO_80211AX:
    return ns3::WIFI_STANDARD_80211ax;
  }
  assert(false);
  return ns3::WIFI_STANDARD_80211ac;
}

// The longest A-MPDU of each standard.  ns-3's default is 802.11n's for all,
// with which the acknowledgements of a transfer, an exchange of their own for
// every A-MPDU, take a sixth of the air.
unsigned AmpduBytes(ho_80211 standard) {
  switch (standard) {
  case HO_80211N:
    return 65535;
  case HO_80211AC:
    return 1048575;
  case HO_80211AX:
    return 6500631;
  }
  assert(false);
  return 65535;
}

std::string Channel(unsigned width_mhz) {
  switch (width_mhz) {
  case 20:
    return "{36, 20, BAND_5GHZ, 0}";
  case 40:
    return "{38, 40, BAND_5GHZ, 0}";
  case 80:
    return "{42, 80, BAND_5GHZ, 0}";
  default:
    assert(width_mhz == 160);
    return "{50, 160, BAND_5GHZ, 0}";
  }
}

ns3::Ptr<ns3::Node> NodeAt(ns3::Ptr<ns3::MobilityModel> mobility,
                           ho_place_m place) {
  auto node = ns3::CreateObject<ns3::Node>();

  mobility->SetPosition(ns3::Vector(place.x, place.y, 0));
  node->AggregateObject(mobility);
  return node;
}

// One helper for all devices of a network.
class Maker {
public:
  Maker(const ho_wifi_setup &setup, ns3::Ptr<HoWifiSwitch> off)
      : m_setup(setup) {
    auto loss = ns3::CreateObject<ns3::LogDistancePropagationLossModel>();
    auto channel = ns3::CreateObject<ns3::YansWifiChannel>();

    loss->SetPathLossExponent(3);
    loss->SetNext(off);
    channel->SetPropagationLossModel(loss);
    channel->SetPropagationDelayModel(
        ns3::CreateObject<ns3::ConstantSpeedPropagationDelayModel>());
    m_phy.SetChannel(channel);
    m_phy.SetErrorRateModel(ho::WifiErrorRateModel());
    m_phy.Set("ChannelSettings", ns3::StringValue(Channel(setup.width_mhz)));
    m_phy.Set("TxPowerStart", ns3::DoubleValue(setup.tx_power_dbm));
    m_phy.Set("TxPowerEnd", ns3::DoubleValue(setup.tx_power_dbm));
    m_wifi.SetStandard(Standard(setup.standard));
    m_wifi.SetRemoteStationManager("ns3::IdealWifiManager");
  }

  ns3::Ptr<ns3::WifiNetDevice> Make(const ns3::WifiMacHelper &mac,
                                    ns3::Ptr<ns3::Node> node) {
    auto devices = m_wifi.Install(m_phy, mac, node);
    auto device = ns3::StaticCast<ns3::WifiNetDevice>(devices.Get(0));
    auto queue = HoWifiQueue(device);

    m_wifi.AssignStreams(devices, FIRST_STREAM +
                                      m_setup.index * STREAMS_OF_NETWORK +
                                      m_made++ * STREAMS_OF_DEVICE);
    device->GetMac()->SetAttribute(
        "BE_MaxAmpduSize", ns3::UintegerValue(AmpduBytes(m_setup.standard)));
    queue->SetMaxSize(
        ns3::QueueSize(ns3::QueueSizeUnit::PACKETS, NO_LIMIT_PACKETS));
    queue->SetMaxDelay(ns3::Time(LIFETIME));
    device->GetMac()
        ->GetQosTxop(ns3::AC_BE)
        ->SetAddBaResponseTimeout(ns3::Seconds(ADDBA_TIMEOUT_S));
    return device;
  }

private:
  const ho_wifi_setup &m_setup;
  ns3::YansWifiPhyHelper m_phy;
  ns3::WifiHelper m_wifi;
  std::int64_t m_made = 0;
};

} // namespace

void HoWifiSwitch::Set(ns3::Ptr<ns3::MobilityModel> device, bool off) {
  if (off) {
    m_off.insert(device);
  } else {
    m_off.erase(device);
  }
}

double HoWifiSwitch::DoCalcRxPower(double dbm, ns3::Ptr<ns3::MobilityModel> a,
                                   ns3::Ptr<ns3::MobilityModel> b) const {
  bool off = !m_off.empty() && (m_off.count(a) || m_off.count(b));

  return off ? dbm - OFF_DB : dbm;
}

std::int64_t HoWifiSwitch::DoAssignStreams(std::int64_t) {
  return 0;
}

HoWifiDevices::HoWifiDevices(const ho_wifi_setup &setup)
    : off(ns3::CreateObject<HoWifiSwitch>()) {
  Maker maker(setup, off);
  ns3::WifiMacHelper mac;
  ns3::SsidValue ssid(ns3::Ssid("handoff"));
  auto fixed = ns3::CreateObject<ns3::ConstantPositionMobilityModel>();

  mac.SetType("ns3::ApWifiMac", "Ssid", ssid);
  ap = maker.Make(mac, NodeAt(fixed, setup.ap));
  for (unsigned i = 0; i < setup.stations_count; i++) {
    auto moving = ns3::CreateObject<ns3::ConstantVelocityMobilityModel>();

    mac.SetType("ns3::StaWifiMac", "Ssid", ssid, "AssocRequestTimeout",
                ns3::TimeValue(ns3::Seconds(1e6)), "WaitBeaconTimeout",
                ns3::TimeValue(ns3::MilliSeconds(SCAN_MS + i * SCAN_STEP_MS)));
    stations.push_back(maker.Make(mac, NodeAt(moving, setup.stations[i])));
  }
}

ns3::Ptr<ns3::WifiMacQueue> HoWifiQueue(ns3::Ptr<ns3::WifiNetDevice> device) {
  return device->GetMac()->GetTxopQueue(ns3::AC_BE);
}

void ho_wifi_settings(void (*fn)(void *user, const char *name,
                                 const char *value),
                      void *user) {
  for (const Setting &setting : SETTINGS) {
    fn(user, setting.name, setting.value);
  }
}
