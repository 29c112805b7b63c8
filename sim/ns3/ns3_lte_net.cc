// An LTE network of ns-3: eNBs, an EPC and its UEs, before anything moves.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_lte_net.h"

#include <algorithm>
#include <cassert>

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-generator.h"
#include "ns3/ipv6-address-generator.h"
#include "ns3/lte-radio-bearer-info.h"
#include "ns3/lte-rlc.h"
#include "ns3/object-map.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include "sim/ns3/ns3_memo.h"

using namespace ns3;

namespace {

struct Setting {
  const char *name, *value;
};

// Classes that only LTE has: ns-3's defaults are replaced for the process.
const Setting DEFAULTS[] = {
    {"ns3::LteHelper::UseIdealRrc", "true"},
    {"ns3::LteHelper::AnrEnabled", "false"},
    {"ns3::LteEnbRrc::EpsBearerToRlcMapping", "RlcAmAlways"},
    // Every new packet starts the timer anew: at its default of 20 ms a UE that
    // sends and receives every 10 ms waits most of a second for its grants.
    {"ns3::LteRlcAm::ReportBufferStatusTimer", "5ms"},
    // 3GPP TS 36.508, table 4.8.2.1.3.2-1.  A status takes a whole
    // millisecond's transport block in ns-3: with its own 10 ms a transfer,
    // which is acknowledged the other way, lacks a tenth of the rate.
    {"ns3::LteRlcAm::StatusProhibitTimer", "60ms"},
    {"ns3::LteRlcAm::PollRetransmitTimer", "80ms"},
    // The access has its delay elsewhere.  A slower X2 would not lengthen a
    // handover's gap either, only bring forwarded packets out of order.
    {"ns3::PointToPointEpcHelper::S1uLinkDelay", "0ms"},
    {"ns3::NoBackhaulEpcHelper::S5LinkDelay", "0ms"},
    {"ns3::NoBackhaulEpcHelper::X2LinkDelay", "0ms"},
    // Room for the largest packet in its tunnel.
    {"ns3::PointToPointEpcHelper::S1uLinkMtu", "3000"},
    {"ns3::NoBackhaulEpcHelper::S5LinkMtu", "3000"},
};

// The urban macro cell of 3GPP TR 36.942, 4.5.2 (128.1 + 37.6 log10(km) dB at
// 2 GHz), less its antenna's 15 dBi; nearer than 35 m it stays what it is at
// 35 m.
const Setting PATH_LOSS[] = {
    {"ReferenceDistance", "35"},
    {"ReferenceLoss", "58.36"},
    {"Exponent", "3.76"},
};
constexpr const char *PATH_LOSS_MODEL = "ns3::LogDistancePropagationLossModel";
constexpr const char *HANDOVER_ALGORITHM = "ns3::A3RsrpHandoverAlgorithm";

// ns-3 looks cells up by number in all nodes there are, whichever network they
// belong to, so each network's numbers go on where the last one's ended.
std::uint16_t nextCellId = 1;

// The helper numbers its cells from a private counter, and has no call to set
// it.  Access is not checked in an explicit instantiation.
template <std::uint16_t LteHelper::*MEMBER> struct CellCounter {
  friend std::uint16_t &CellCounterOf(LteHelper &helper) {
    return helper.*MEMBER;
  }
};
std::uint16_t &CellCounterOf(LteHelper &helper);
template struct CellCounter<&LteHelper::m_cellIdCounter>;

// Streams of network |index|; Wi-Fi's are below.
std::int64_t FirstStream(unsigned index) {
  return (std::int64_t{1} << 40) + std::int64_t{index} * 10000;
}

// More UEs need more slots for their sounding signals, of which some are held
// by attempts that came to nothing.
unsigned SrsPeriodicity(std::size_t stations) {
  unsigned period = 40;

  while (period < 320 && stations * 10 >= period * 7) {
    period *= 2;
  }
  return period;
}

} // namespace

void HoLteNet::SizeBearers(Ptr<Object> owner) {
  Callback<void, Ptr<const Packet>> on_full =
      MakeCallback(&HoLteNet::OnFull, this);
  ObjectMapValue bearers;

  owner->GetAttribute("DataRadioBearerMap", bearers);
  for (auto it = bearers.Begin(); it != bearers.End(); ++it) {
    auto rlc = it->second->GetObject<LteDataRadioBearerInfo>()->m_rlc;

    rlc->SetAttribute("MaxTxBufferSize", UintegerValue(m_buffer_bytes));
    rlc->TraceDisconnectWithoutContext("TxDrop", on_full);
    rlc->TraceConnectWithoutContext("TxDrop", on_full);
  }
}

void HoLteNet::OnFull(Ptr<const Packet> pdu) {
  if (full) {
    full(pdu);
  }
}

HoLteNet::HoLteNet(const ho_lte_setup &setup)
    : m_first_id(nextCellId),
      m_buffer_bytes(std::min<std::uint64_t>(setup.buffer_bytes, UINT32_MAX)) {
  assert(setup.cells >= 1 && setup.stations_count <= 320);
  nextCellId = static_cast<std::uint16_t>(nextCellId + setup.cells);
  for (const Setting &setting : DEFAULTS) {
    Config::SetDefault(setting.name, StringValue(setting.value));
  }
  ho::KeepLteAnswers();
  // Every EPC uses the same addresses, in nodes of its own.
  Ipv4AddressGenerator::Reset();
  Ipv6AddressGenerator::Reset();
  m_epc = CreateObject<PointToPointEpcHelper>();
  m_lte = CreateObject<LteHelper>();
  m_lte->SetEpcHelper(m_epc);
  CellCounterOf(*PeekPointer(m_lte)) = m_first_id;
  Configure(setup);
  PlaceCells(setup);
  PlaceUes(setup);
  AssignStreams(setup.index);
  Attach();
}

void HoLteNet::Configure(const ho_lte_setup &setup) {
  m_lte->SetPathlossModelType(TypeId::LookupByName(PATH_LOSS_MODEL));
  for (const Setting &setting : PATH_LOSS) {
    m_lte->SetPathlossModelAttribute(setting.name, StringValue(setting.value));
  }
  m_lte->SetSchedulerType(setup.round_robin ? "ns3::RrFfMacScheduler"
                                            : "ns3::PfFfMacScheduler");
  if (setup.cells > 1 && !setup.scripted) {
    m_lte->SetHandoverAlgorithmType(HANDOVER_ALGORITHM);
  }
  UintegerValue blocks(setup.resource_blocks);
  m_lte->SetEnbDeviceAttribute("DlBandwidth", blocks);
  m_lte->SetEnbDeviceAttribute("UlBandwidth", blocks);
}

void HoLteNet::PlaceCells(const ho_lte_setup &setup) {
  NodeContainer nodes;

  for (unsigned cell = 0; cell < setup.cells; cell++) {
    auto node = CreateObject<Node>();
    auto place = CreateObject<ConstantPositionMobilityModel>();
    place->SetPosition(
        Vector(setup.enb.x + cell * setup.spacing_m, setup.enb.y, 0));
    node->AggregateObject(place);
    nodes.Add(node);
  }
  NetDeviceContainer devices = m_lte->InstallEnbDevice(nodes);
  for (unsigned i = 0; i < setup.cells; i++) {
    auto enb = DynamicCast<LteEnbNetDevice>(devices.Get(i));
    auto rrc = enb->GetRrc();
    rrc->SetAttribute("SrsPeriodicity",
                      UintegerValue(SrsPeriodicity(setup.stations_count)));
    rrc->TraceConnectWithoutContext(
        "NewUeContext",
        Callback<void, std::uint16_t, std::uint16_t>(
            [this, i](std::uint16_t, std::uint16_t rnti) {
              RrcOf(IdOf(i + 1))
                  ->GetUeManager(rnti)
                  ->TraceConnectWithoutContext(
                      "DrbCreated",
                      Callback<void, std::uint64_t, std::uint16_t,
                               std::uint16_t, std::uint8_t>(
                          [this, i](std::uint64_t, std::uint16_t,
                                    std::uint16_t ue,
                                    std::uint8_t) { SizeBuffers(i + 1, ue); }));
            }));
    enbs.push_back(enb);
  }
  m_lte->AddX2Interface(nodes);
}

void HoLteNet::PlaceUes(const ho_lte_setup &setup) {
  NodeContainer nodes;
  InternetStackHelper internet;

  for (std::size_t i = 0; i < setup.stations_count; i++) {
    auto node = CreateObject<Node>();
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(Vector(setup.stations[i].x, setup.stations[i].y, 0));
    node->AggregateObject(mobility);
    nodes.Add(node);
    ues.push_back({nullptr, mobility, Ipv4Address()});
  }
  NetDeviceContainer devices = m_lte->InstallUeDevice(nodes);
  // The EPC asks the UE's node for the address of its bearers.
  internet.SetIpv6StackInstall(false);
  internet.Install(nodes);
  Ipv4InterfaceContainer addresses = m_epc->AssignUeIpv4Address(devices);
  for (unsigned i = 0; i < devices.GetN(); i++) {
    ues[i].device = DynamicCast<LteUeNetDevice>(devices.Get(i));
    ues[i].address = addresses.GetAddress(i);
    ues[i].device->GetRrc()->TraceConnectWithoutContext(
        "DrbCreated", Callback<void, std::uint64_t, std::uint16_t,
                               std::uint16_t, std::uint8_t>(
                          [this, i](std::uint64_t, std::uint16_t, std::uint16_t,
                                    std::uint8_t) { SizeUeBuffers(i); }));
  }
  Ptr<Node> pgw = m_epc->GetPgwNode();
  for (unsigned i = 0; i < pgw->GetNDevices() && !gateway; i++) {
    gateway = DynamicCast<VirtualNetDevice>(pgw->GetDevice(i));
  }
}

void HoLteNet::AssignStreams(unsigned index) {
  NetDeviceContainer devices;
  NodeContainer nodes;

  for (auto &enb : enbs) {
    devices.Add(enb);
    nodes.Add(enb->GetNode());
  }
  for (auto &ue : ues) {
    devices.Add(ue.device);
    nodes.Add(ue.device->GetNode());
  }
  std::int64_t first = FirstStream(index);
  std::int64_t used = m_lte->AssignStreams(devices, first);
  used += InternetStackHelper().AssignStreams(nodes, first + used);
  assert(used < 10000);
  (void)used;
}

void HoLteNet::Attach() {
  for (auto &ue : ues) {
    m_lte->Attach(ue.device);
  }
}

void HoLteNet::SizeBuffers(unsigned cell, std::uint16_t rnti) {
  SizeBearers(RrcOf(IdOf(cell))->GetUeManager(rnti));
}

void HoLteNet::SizeUeBuffers(unsigned ue) {
  SizeBearers(ues[ue].device->GetRrc());
}

unsigned HoLteNet::CellOf(std::uint16_t id) const {
  return id >= m_first_id && id < m_first_id + enbs.size()
             ? id - m_first_id + 1u
             : 0;
}

std::uint16_t HoLteNet::IdOf(unsigned cell) const {
  return static_cast<std::uint16_t>(m_first_id + cell - 1);
}

Ptr<LteEnbRrc> HoLteNet::RrcOf(std::uint16_t id) const {
  unsigned cell = CellOf(id);

  return cell ? enbs[cell - 1]->GetRrc() : nullptr;
}

void ho_lte_settings(void (*fn)(void *user, const char *name,
                                const char *value),
                     void *user) {
  for (const Setting &setting : DEFAULTS) {
    fn(user, setting.name, setting.value);
  }
  fn(user, "ns3::LteHelper::PathlossModel", PATH_LOSS_MODEL);
  for (const Setting &setting : PATH_LOSS) {
    std::string name =
        std::string("ns3::LteHelper::PathlossModel.") + setting.name;
    fn(user, name.c_str(), setting.value);
  }
  fn(user, "ns3::LteHelper::HandoverAlgorithm", HANDOVER_ALGORITHM);
  fn(user, "ns3::LteEnbRrc::SrsPeriodicity", "40 to 320, by stations");
}
