// The release timeout of a Wi-Fi receiver's reorder buffer.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_WIFI_REORDER_H
#define HO_NS3_NS3_WIFI_REORDER_H

#include <cstdint>
#include <optional>

#include "ns3/mac48-address.h"
#include "ns3/wifi-net-device.h"

// All our packets are best effort, of this traffic identifier.
constexpr std::uint8_t HO_WIFI_TID = 0;

// Under block acknowledgement a receiver hands nothing on past a frame that is
// missing.  Linux's mac80211 waits for that frame for 100 ms
// (HT_RX_REORDER_BUF_TIMEOUT, net/mac80211/agg-rx.c); ns-3's receivers wait for
// ever, or until 64 later frames are there, which at a packet each 40 ms takes
// 2.6 s.
class HoWifiReorder {
public:
  static constexpr std::uint64_t TIMEOUT_MS = 100;

  HoWifiReorder(ns3::Ptr<ns3::WifiNetDevice> receiver, ns3::Mac48Address from)
      : m_receiver(receiver), m_from(from) {
  }

  // To be called each TIMEOUT_MS, between two events of ns-3: hands on whatever
  // has been waiting since the last call.
  void Release();

private:
  ns3::Ptr<ns3::WifiNetDevice> m_receiver;
  ns3::Mac48Address m_from;
  std::optional<std::uint16_t> m_waiting; // the newest frame at the last call
};

#endif
