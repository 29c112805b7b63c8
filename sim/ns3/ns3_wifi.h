// A Wi-Fi network as one of ns-3's radios.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_WIFI_H
#define HO_NS3_NS3_WIFI_H

#include <memory>
#include <vector>

#include "ns3/event-id.h"
#include "ns3/mac48-address.h"
#include "sim/ns3/ns3_air.h"
#include "sim/ns3/ns3_wifi_devices.h"
#include "sim/ns3/ns3_wifi_reorder.h"

class HoWifi;

// A station, and what is known of it at the AP.
class HoWifiStation {
public:
  HoWifiStation(HoWifi *radio, unsigned number,
                ns3::Ptr<ns3::WifiNetDevice> device);
  ~HoWifiStation();
  HoWifiStation(const HoWifiStation &) = delete;
  HoWifiStation &operator=(const HoWifiStation &) = delete;

  void Walk(ho_place_m to, double speed);
  ho_place_m Where() const;
  void Cut(bool cut);
  bool IsCut() const {
    return m_cut;
  }
  bool IsAssociated() const;
  ho_time Heard() const;
  ns3::Ptr<ns3::WifiNetDevice> Device() const {
    return m_device;
  }
  ns3::Mac48Address Address() const;

private:
  // ns-3's traces.
  bool OnReceive(ns3::Ptr<ns3::NetDevice> device,
                 ns3::Ptr<const ns3::Packet> packet, std::uint16_t protocol,
                 const ns3::Address &from);
  void OnAnyBeacon(ns3::StaWifiMac::ApInfo info);
  void OnBeacon(ns3::Time);
  void OnManagement(ns3::Ptr<const ns3::WifiMpdu> mpdu);
  void OnAssociated(ns3::Mac48Address ap);
  void OnLost(ns3::Mac48Address ap);

  void RepeatRequest(ns3::Ptr<ns3::Packet> request, ns3::WifiMacHeader header);
  void Tell(ho_radio_state state);
  void TellNow(ho_radio_state state);
  void Stand(ho_place_m at);

  HoWifi *m_radio;
  unsigned m_number;
  ns3::Ptr<ns3::WifiNetDevice> m_device;
  ns3::Ptr<ns3::StaWifiMac> m_mac;
  ns3::Ptr<ns3::ConstantVelocityMobilityModel> m_mobility;
  ns3::EventId m_arrival; // of a walk
  ns3::EventId m_request; // an association request to be repeated
  ns3::Time m_heard = ns3::Seconds(-1);
  bool m_cut = false;
  bool m_up = false; // the caller has been told that it is associated
};

class HoWifi : public ho_radio {
public:
  explicit HoWifi(const ho_wifi_setup &setup);
  ~HoWifi() override;

  void Send(unsigned station, bool down, void *packet,
            std::uint32_t bytes) override;
  void Walk(unsigned station, ho_place_m to, double speed) override;
  ho_place_m Where(unsigned station) override;
  void Cut(unsigned station, bool cut) override;
  bool IsAssociated(unsigned station) override;
  ho_time Heard(unsigned station) override;
  int Handover(unsigned station, unsigned cell, const char **why) override;

private:
  friend class HoWifiStation;
  struct Lane {
    HoWifiReorder reorder;
    ns3::EventId look;
    ns3::Time reset; // when its window was last begun anew
  };

  void Attach(ns3::Ptr<ns3::WifiNetDevice> device);
  void Detach(ns3::Ptr<ns3::WifiNetDevice> device);
  bool HasRoom(ns3::Ptr<ns3::WifiNetDevice> device, std::uint32_t bytes) const;
  void DropUnsent(ns3::Ptr<ns3::WifiNetDevice> from, ns3::Mac48Address to);
  // The AP counts a station among its own, or not any more.
  void Join(ns3::Mac48Address station);
  void Leave(ns3::Mac48Address station, unsigned number);
  void ResetWindow(unsigned station, bool down);
  void Forget(ns3::Ptr<ns3::WifiNetDevice> station);
  ns3::Mac48Address ApAddress() const;
  void Watch(unsigned station, bool down);
  void Look(unsigned station, bool down);
  bool OnReceive(ns3::Ptr<ns3::NetDevice> device,
                 ns3::Ptr<const ns3::Packet> packet, std::uint16_t protocol,
                 const ns3::Address &from);
  void OnTxDrop(ns3::Ptr<const ns3::Packet> packet);
  void OnDropped(ns3::WifiMacDropReason reason,
                 ns3::Ptr<const ns3::WifiMpdu> mpdu);

  ho_radio_upcalls m_upcalls;
  std::uint32_t m_queue_packets; // 0: limited by bytes
  std::uint64_t m_queue_bytes;
  HoWifiDevices m_devices;
  HoFlights m_flights;
  std::vector<std::unique_ptr<HoWifiStation>> m_stations;
  std::vector<Lane> m_lanes; // each station's up, down
};

#endif
