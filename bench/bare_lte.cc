// Bare ns-3 LTE: what moving a list of packets costs without handoff.
//
// usage: bare_lte LIST                           (for LIST see bench/bare.h)
//
// An EPC, one cell and one UE with the settings of sim/ns3/ns3_lte_net.cc and a
// scenario's defaults (10 MHz, 200 m).  Packets are plain IPv4 packets of the
// given size, sent into the gateway and the UE's device: nobody's names in
// them, no bookkeeping, no trace sinks.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/bare.h"

#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/epc-ue-nas.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/lte-enb-net-device.h"
#include "ns3/lte-enb-rrc.h"
#include "ns3/lte-helper.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/virtual-net-device.h"

using namespace ns3;

namespace {

constexpr std::uint32_t HEADER_BYTES = 20;
constexpr std::uint8_t PROTOCOL = 132; // SCTP: the EPC looks no further
constexpr std::int64_t FIRST_STREAM = std::int64_t{1} << 40;
constexpr double DISTANCE_M = 200;
constexpr unsigned RESOURCE_BLOCKS = 50;
constexpr unsigned BUFFER_BYTES = 1000000;
const Ipv4Address OUTSIDE("8.0.0.1");

const struct {
  const char *name, *value;
} SETTINGS[] = {
    {"ns3::LteHelper::UseIdealRrc", "true"},
    {"ns3::LteHelper::AnrEnabled", "false"},
    {"ns3::LteEnbRrc::EpsBearerToRlcMapping", "RlcAmAlways"},
    {"ns3::LteRlcAm::ReportBufferStatusTimer", "5ms"},
    {"ns3::LteRlcAm::StatusProhibitTimer", "60ms"},
    {"ns3::LteRlcAm::PollRetransmitTimer", "80ms"},
    {"ns3::PointToPointEpcHelper::S1uLinkDelay", "0ms"},
    {"ns3::NoBackhaulEpcHelper::S5LinkDelay", "0ms"},
    {"ns3::NoBackhaulEpcHelper::X2LinkDelay", "0ms"},
    {"ns3::PointToPointEpcHelper::S1uLinkMtu", "3000"},
    {"ns3::NoBackhaulEpcHelper::S5LinkMtu", "3000"},
};

class Bare {
public:
  Bare();
  void Send(bool down, std::uint32_t bytes);
  bool Ready() const {
    return ue->GetRrc()->GetState() == LteUeRrc::CONNECTED_NORMALLY &&
           ue->GetNas()->GetState() == EpcUeNas::ACTIVE;
  }

  Ptr<VirtualNetDevice> gateway;
  Ptr<LteUeNetDevice> ue;

private:
  void MakeCell();
  void MakeUe();

  Ptr<PointToPointEpcHelper> m_epc;
  Ptr<LteHelper> m_lte;
  NetDeviceContainer m_devices;
  NodeContainer m_nodes;
  Ipv4Address m_address;
};

Bare::Bare() {
  for (const auto &setting : SETTINGS) {
    Config::SetDefault(setting.name, StringValue(setting.value));
  }
  // A run of ours sizes each bearer's buffer as it is made.
  Config::SetDefault("ns3::LteRlcAm::MaxTxBufferSize",
                     UintegerValue(BUFFER_BYTES));
  m_epc = CreateObject<PointToPointEpcHelper>();
  m_lte = CreateObject<LteHelper>();
  m_lte->SetEpcHelper(m_epc);
  m_lte->SetPathlossModelType(
      TypeId::LookupByName("ns3::LogDistancePropagationLossModel"));
  m_lte->SetPathlossModelAttribute("ReferenceDistance", StringValue("35"));
  m_lte->SetPathlossModelAttribute("ReferenceLoss", StringValue("58.36"));
  m_lte->SetPathlossModelAttribute("Exponent", StringValue("3.76"));
  m_lte->SetSchedulerType("ns3::RrFfMacScheduler");
  m_lte->SetEnbDeviceAttribute("DlBandwidth", UintegerValue(RESOURCE_BLOCKS));
  m_lte->SetEnbDeviceAttribute("UlBandwidth", UintegerValue(RESOURCE_BLOCKS));
  MakeCell();
  MakeUe();
  std::int64_t used = m_lte->AssignStreams(m_devices, FIRST_STREAM);
  InternetStackHelper().AssignStreams(m_nodes, FIRST_STREAM + used);
  m_lte->Attach(ue);
}

void Bare::MakeCell() {
  auto node = CreateObject<Node>();
  auto place = CreateObject<ConstantPositionMobilityModel>();

  place->SetPosition(Vector(-DISTANCE_M, 0, 0));
  node->AggregateObject(place);
  auto devices = m_lte->InstallEnbDevice(NodeContainer(node));
  DynamicCast<LteEnbNetDevice>(devices.Get(0))
      ->GetRrc()
      ->SetAttribute("SrsPeriodicity", UintegerValue(40));
  m_devices.Add(devices);
  m_nodes.Add(node);
}

void Bare::MakeUe() {
  auto node = CreateObject<Node>();
  auto mobility = CreateObject<ConstantVelocityMobilityModel>();
  InternetStackHelper internet;

  node->AggregateObject(mobility);
  auto devices = m_lte->InstallUeDevice(NodeContainer(node));
  internet.SetIpv6StackInstall(false);
  internet.Install(node);
  m_address = m_epc->AssignUeIpv4Address(devices).GetAddress(0);
  ue = DynamicCast<LteUeNetDevice>(devices.Get(0));
  m_devices.Add(devices);
  m_nodes.Add(node);
  auto pgw = m_epc->GetPgwNode();
  for (unsigned i = 0; i < pgw->GetNDevices() && !gateway; i++) {
    gateway = DynamicCast<VirtualNetDevice>(pgw->GetDevice(i));
  }
}

void Bare::Send(bool down, std::uint32_t bytes) {
  auto packet = Create<Packet>(bytes - HEADER_BYTES);
  Ipv4Header header;

  header.SetSource(down ? OUTSIDE : m_address);
  header.SetDestination(down ? m_address : OUTSIDE);
  header.SetProtocol(PROTOCOL);
  header.SetTtl(64);
  header.SetPayloadSize(static_cast<std::uint16_t>(packet->GetSize()));
  packet->AddHeader(header);
  if (down) {
    gateway->Send(packet, Address(), Ipv4L3Protocol::PROT_NUMBER);
  } else {
    ue->Send(packet, Address(), Ipv4L3Protocol::PROT_NUMBER);
  }
}

} // namespace

int main(int argc, char **argv) {
  bare::Player player(argc, argv);
  Bare lte;
  NetDevice::ReceiveCallback receive([&player](Ptr<NetDevice>,
                                               Ptr<const Packet>, std::uint16_t,
                                               const Address &) {
    player.Received();
    return true;
  });

  lte.gateway->SetReceiveCallback(receive);
  lte.ue->SetReceiveCallback(receive);
  return player.Run(
      [&lte] { return lte.Ready(); },
      [&lte](bool down, std::uint32_t bytes) { lte.Send(down, bytes); });
}
