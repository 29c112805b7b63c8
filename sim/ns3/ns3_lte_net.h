// An LTE network of ns-3: eNBs, an EPC and its UEs, before anything moves.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_NS3_NS3_LTE_NET_H
#define HO_NS3_NS3_LTE_NET_H

#include <cstdint>
#include <functional>
#include <vector>

#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/lte-enb-net-device.h"
#include "ns3/lte-enb-rrc.h"
#include "ns3/lte-helper.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/lte-ue-phy.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/virtual-net-device.h"

#include "sim/ns3/ns3_radio.h"

// HoLteNet is what the helpers build.  Nothing is scheduled on our behalf but
// the attachment of each UE.
class HoLteNet {
public:
  struct Ue {
    ns3::Ptr<ns3::LteUeNetDevice> device;
    ns3::Ptr<ns3::ConstantVelocityMobilityModel> mobility;
    ns3::Ipv4Address address; // that the EPC knows it by
  };

  explicit HoLteNet(const ho_lte_setup &setup);
  HoLteNet(const HoLteNet &) = delete;
  HoLteNet &operator=(const HoLteNet &) = delete;

  std::vector<Ue> ues;
  std::vector<ns3::Ptr<ns3::LteEnbNetDevice>> enbs;
  ns3::Ptr<ns3::VirtualNetDevice> gateway; // the PGW's side of the internet

  // Called with a PDCP PDU that found RLC's buffer full.
  std::function<void(ns3::Ptr<const ns3::Packet> pdu)> full;

  // Cells by the numbers of our row, from 1; 0 is none of ours.
  unsigned CellOf(std::uint16_t id) const;
  ns3::Ptr<ns3::LteEnbRrc> RrcOf(std::uint16_t id) const;
  std::uint16_t IdOf(unsigned cell) const;

private:
  void Configure(const ho_lte_setup &setup);
  void PlaceCells(const ho_lte_setup &setup);
  void PlaceUes(const ho_lte_setup &setup);
  void AssignStreams(unsigned index);
  void Attach();
  void SizeBearers(ns3::Ptr<ns3::Object> owner);
  void OnFull(ns3::Ptr<const ns3::Packet> pdu);
  void SizeBuffers(unsigned cell, std::uint16_t rnti);
  void SizeUeBuffers(unsigned ue);

  ns3::Ptr<ns3::PointToPointEpcHelper> m_epc;
  ns3::Ptr<ns3::LteHelper> m_lte;
  std::uint16_t m_first_id;
  std::uint64_t m_buffer_bytes;
};

#endif
