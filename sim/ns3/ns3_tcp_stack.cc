/* What all connections share: ns-3's node, its TCP, and the settings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3_tcp_stack.h"

#include <cassert>

#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing.h"
#include "ns3/simulator.h"

#include "sim/ns3/ns3_tcp_socket.h"

namespace ho {

namespace {

// Every packet has the same route: to the caller.  ns-3 asks for one when a
// connection is opened, to learn its source address, and for each segment.
class Routing : public ns3::Ipv4StaticRouting {
public:
  explicit Routing(ns3::Ptr<ns3::Ipv4Route> route) : m_route(route) {
  }
  ns3::Ptr<ns3::Ipv4Route> RouteOutput(ns3::Ptr<ns3::Packet>,
                                       const ns3::Ipv4Header &,
                                       ns3::Ptr<ns3::NetDevice>,
                                       ns3::Socket::SocketErrno &) override {
    return m_route;
  }

private:
  ns3::Ptr<ns3::Ipv4Route> m_route;
};

std::unique_ptr<Stack> &Instance() {
  static std::unique_ptr<Stack> stack;
  return stack;
}

} // namespace

const std::vector<Setting> SETTINGS = {
    {"MinRto", "200ms", "Linux: TCP_RTO_MIN"},
    {"ConnTimeout", "1s", "Linux: TCP_TIMEOUT_INIT"},
    {"ConnCount", "7", "Linux: a SYN and 6 retries"},
    {"DataRetries", "15", "Linux: tcp_retries2"},
    {"DelAckTimeout", "40ms", "Linux: TCP_DELACK_MIN"},
    {"DelAckCount", "2", "RFC 9293, 3.8.6.3"},
    {"TcpNoDelay", "true", "as HTTP servers set it"},
    {"SndBufSize", "6291456", "as the receive buffer"},
    {"RcvBufSize", "6291456", "Linux: tcp_rmem[2]"},
    {"MaxSegLifetime", "30", "Linux: TIME-WAIT of 60 s"},
    {"Sack", "true", "RFC 2018"},
    {"Timestamp", "true", "RFC 7323"},
    {"WindowScaling", "true", "RFC 7323"},
};

bool Stack::Alive() {
  return Instance() != nullptr;
}

Stack &Stack::Get() {
  if (!Alive()) {
    Instance().reset(new Stack());
  }
  return *Instance();
}

void Stack::Destroy() {
  Instance().reset();
}

Stack::Stack()
    : m_node(ns3::CreateObject<ns3::Node>()),
      m_tcp(ns3::CreateObject<ns3::TcpL4Protocol>()),
      m_route(ns3::Create<ns3::Ipv4Route>()) {
  auto ipv4 = ns3::CreateObject<ns3::Ipv4L3Protocol>();

  ipv4->SetRoutingProtocol(ns3::CreateObject<Routing>(m_route));
  // Set before it joins the node, or it would join IPv4 as well.
  m_tcp->SetDownTarget(ns3::MakeCallback(&Stack::Send, this));
  m_node->AggregateObject(ipv4);
  m_node->AggregateObject(m_tcp);
  ns3::Simulator::ScheduleDestroy(&Stack::Destroy);
}

ns3::Ipv4Address Stack::PeerAddress() {
  return ns3::Ipv4Address(0x0bffffff);
}

uint32_t Stack::Add(Socket *socket) {
  assert(m_sockets.size() < 0xffffff);
  m_sockets.push_back(socket);
  return static_cast<uint32_t>(m_sockets.size() - 1);
}

void Stack::Remove(ns3::Ipv4Address local) {
  m_sockets[local.Get() & 0xffffff] = nullptr;
}

void Stack::RouteFrom(ns3::Ipv4Address local) {
  m_route->SetSource(local);
}

void Stack::Send(ns3::Ptr<ns3::Packet> segment, ns3::Ipv4Address from,
                 ns3::Ipv4Address, uint8_t, ns3::Ptr<ns3::Ipv4Route>) {
  Socket *socket = m_sockets[from.Get() & 0xffffff];

  if (socket) {
    socket->Queue(segment);
  }
}

} // namespace ho
