// Bare ns-3 TCP: what moving bytes over one point-to-point hop costs.
//
// usage: bare_tcp BYTES
//
// Two nodes with ns-3's own IP stack, a link of 100 Mbit/s and 10 ms whose
// queue holds as much as a scenario's does by default (the bandwidth-delay
// product), TcpCubic with the settings of sim/ns3/ns3_tcp_stack.cc, BulkSend
// and a sink: neither TLS nor HTTP, and no name, event or check of ours.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/heap-scheduler.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/object-factory.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-socket.h"
#include "ns3/uinteger.h"

using namespace ns3;

namespace {

constexpr std::uint16_t PORT = 443;
constexpr std::uint32_t BUFFER = 6291456;

std::int64_t CpuUs() {
  rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return (std::int64_t{usage.ru_utime.tv_sec} + usage.ru_stime.tv_sec) *
             1000000 +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// Every packet that a node's IP takes in, as datagrams are counted in runs.csv.
void Count(std::uint64_t *packets, Ptr<const Packet>, Ptr<Ipv4>,
           std::uint32_t) {
  ++*packets;
}

void StopAt(Ptr<PacketSink> sink, std::uint64_t bytes, Ptr<const Packet>,
            const Address &) {
  if (sink->GetTotalRx() >= bytes) {
    Simulator::Stop();
  }
}

void Configure() {
  Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                     TypeIdValue(TcpCubic::GetTypeId()));
  Config::SetDefault("ns3::TcpSocketBase::MinRto",
                     TimeValue(MilliSeconds(200)));
  Config::SetDefault("ns3::TcpSocket::DelAckTimeout",
                     TimeValue(MilliSeconds(40)));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(BUFFER));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(BUFFER));
  RngSeedManager::SetSeed(1);
  RngSeedManager::SetRun(1);
}

void UseHeap() {
  ObjectFactory scheduler;

  scheduler.SetTypeId("ns3::HeapScheduler");
  Simulator::SetScheduler(scheduler);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s BYTES\n", argv[0]);
    return 2;
  }
  std::uint64_t bytes = std::strtoull(argv[1], nullptr, 10), packets = 0;
  std::int64_t start_us = CpuUs();
  NodeContainer nodes(2);
  PointToPointHelper link;

  Configure();
  UseHeap();
  link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
  link.SetChannelAttribute("Delay", StringValue("10ms"));
  // 100 Mbit/s x 20 ms.
  link.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize",
                StringValue("250000B"));
  NetDeviceContainer devices = link.Install(nodes);
  InternetStackHelper internet;
  internet.SetIpv6StackInstall(false);
  internet.Install(nodes);
  Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.0");
  Ipv4InterfaceContainer at = addresses.Assign(devices);

  InetSocketAddress to(at.GetAddress(1), PORT);
  BulkSendHelper source("ns3::TcpSocketFactory", to);
  source.SetAttribute("MaxBytes", UintegerValue(bytes));
  source.SetAttribute("SendSize", UintegerValue(16384));
  source.Install(nodes.Get(0));
  PacketSinkHelper sink("ns3::TcpSocketFactory", to);
  Ptr<PacketSink> got =
      DynamicCast<PacketSink>(sink.Install(nodes.Get(1)).Get(0));
  for (std::uint32_t i = 0; i < 2; i++) {
    nodes.Get(i)->GetObject<Ipv4>()->TraceConnectWithoutContext(
        "Rx", MakeBoundCallback(&Count, &packets));
  }

  got->TraceConnectWithoutContext("Rx", MakeBoundCallback(&StopAt, got, bytes));

  Simulator::Stop(Seconds(300));
  Simulator::Run();
  std::printf("cpu_s=%.6f virtual_s=%.6f packets=%" PRIu64 " bytes=%" PRIu64
              "\n",
              static_cast<double>(CpuUs() - start_us) / 1e6,
              Simulator::Now().GetSeconds(), packets, got->GetTotalRx());
  bool whole = got->GetTotalRx() == bytes;
  Simulator::Destroy();
  return whole ? 0 : 1;
}
