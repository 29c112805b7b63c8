/* What all connections share: ns-3's node, its TCP, and the settings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NS3_NS3_TCP_STACK_H
#define HO_NS3_NS3_TCP_STACK_H

#include <memory>
#include <vector>

#include "ns3/ipv4-route.h"
#include "ns3/node.h"
#include "ns3/tcp-l4-protocol.h"

namespace ho {

class Socket;

// Setting is an attribute of ns3::TcpSocketBase, or of its parents, that we
// set; the text is what the manifest shows and what is applied.
struct Setting {
  const char *name, *value, *about;
};
extern const std::vector<Setting> SETTINGS;

// Stack is a node with TCP and nothing below: its segments go to the Socket
// that they come from.  It lives from the first connection to the end of the
// simulation.
class Stack {
public:
  static Stack &Get();
  static bool Alive();
  static ns3::Ipv4Address PeerAddress();

  uint32_t Add(Socket *socket); // returns a number that stands for it
  void Remove(ns3::Ipv4Address local);
  void RouteFrom(ns3::Ipv4Address local);
  ns3::Ptr<ns3::Node> GetNode() const {
    return m_node;
  }
  ns3::Ptr<ns3::TcpL4Protocol> GetTcp() const {
    return m_tcp;
  }

private:
  Stack();
  static void Destroy();
  void Send(ns3::Ptr<ns3::Packet> segment, ns3::Ipv4Address from,
            ns3::Ipv4Address to, uint8_t protocol,
            ns3::Ptr<ns3::Ipv4Route> route);

  ns3::Ptr<ns3::Node> m_node;
  ns3::Ptr<ns3::TcpL4Protocol> m_tcp;
  ns3::Ptr<ns3::Ipv4Route> m_route;
  std::vector<Socket *> m_sockets; // by number
};

} // namespace ho

#endif
