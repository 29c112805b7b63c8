// The ns-3 devices of one Wi-Fi network: an AP, its stations, their channel.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_WIFI_DEVICES_H
#define HO_NS3_NS3_WIFI_DEVICES_H

#include <set>
#include <vector>

#include "ns3/ap-wifi-mac.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/sta-wifi-mac.h"
#include "ns3/wifi-mac-queue.h"
#include "ns3/wifi-net-device.h"
#include "sim/ns3/ns3_radio.h"

// Takes a device out of everyone's reach, last in the chain of losses.
class HoWifiSwitch : public ns3::PropagationLossModel {
public:
  void Set(ns3::Ptr<ns3::MobilityModel> device, bool off);

private:
  double DoCalcRxPower(double dbm, ns3::Ptr<ns3::MobilityModel> a,
                       ns3::Ptr<ns3::MobilityModel> b) const override;
  std::int64_t DoAssignStreams(std::int64_t) override;

  std::set<ns3::Ptr<ns3::MobilityModel>> m_off;
};

struct HoWifiDevices {
  explicit HoWifiDevices(const ho_wifi_setup &setup);

  ns3::Ptr<HoWifiSwitch> off;
  ns3::Ptr<ns3::WifiNetDevice> ap;
  std::vector<ns3::Ptr<ns3::WifiNetDevice>> stations;
};

// All our packets are best effort.
ns3::Ptr<ns3::WifiMacQueue> HoWifiQueue(ns3::Ptr<ns3::WifiNetDevice> device);

#endif
