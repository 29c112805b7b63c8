/* ns-3's TCP socket, opened up: what ns3_tcp.cc needs to reach inside. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NS3_NS3_TCP_SOCKET_H
#define HO_NS3_NS3_TCP_SOCKET_H

#include <deque>

#include "ns3/packet.h"
#include "ns3/tcp-header.h"
#include "ns3/tcp-socket-base.h"

#include "sim/ns3/ns3_tcp.h"

namespace ho {

// A connection that keeps its segments until they are asked for.  Members that
// ns-3 calls are overridden; the others are the C functions' other halves.
class Socket : public ns3::TcpSocketBase {
public:
  Socket() = default;
  void Configure(const ho_ns_tcp_config &config);
  void ActiveOpen();
  void PassiveOpen(const uint8_t *segment, size_t len);
  void Kill();   // ends the connection at once
  void Forget(); // also for the caller

  void Input(const uint8_t *segment, size_t len);
  size_t Output(uint8_t *buf, size_t cap);
  int Write(const uint8_t *data, size_t len);
  void Flush();
  size_t Read(uint8_t *buf, size_t cap);
  void CloseGently();

  size_t Unsent() const;
  uint32_t Mss() const;
  ho_ns_tcp_state State() const;
  void Info(ho_ns_tcp_info *info) const;

  // A segment on its way out, from the node's TcpL4Protocol.
  void Queue(ns3::Ptr<ns3::Packet> segment);
  ns3::Ipv4Address Local() const {
    return m_local;
  }

protected:
  void EstimateRtt(const ns3::TcpHeader &header) override;
  void SendEmptyPacket(uint8_t flags) override;

private:
  // While one lives, ns-3 is working for the caller, who looks afterwards.
  class Busy {
  public:
    explicit Busy(Socket *socket) : m_socket(socket) {
      m_socket->m_depth++;
    }
    ~Busy() {
      m_socket->m_depth--;
    }

  private:
    Socket *m_socket;
  };

  void TakeMss(const uint8_t *segment, size_t len);
  size_t AddMss(uint8_t *segment, size_t len, size_t cap) const;
  void Changed();
  void Wake();
  bool Reset(const ns3::TcpHeader &header);
  void OnFailed(ns3::Ptr<ns3::Socket> socket);
  void OnEvent(ns3::Ptr<ns3::Socket> socket);
  bool OnSyn(ns3::Ptr<ns3::Socket> socket, const ns3::Address &from);
  ns3::Address Peer() const;
  ns3::Address Self() const;

  ho_ns_tcp_config m_config{};
  ns3::Ipv4Address m_local; // stands for the connection inside ns-3
  std::deque<ns3::Ptr<ns3::Packet>> m_out;
  ho_ns_tcp_state m_end{HO_NS_TCP_CLOSED}; // how it ended, once CLOSED
  bool m_dead{false};                      // it was killed
  bool m_failed{false};                    // ns-3 gave up
  bool m_waking{false};
  int m_depth{0};
  uint32_t m_fins{0}; // FINs without data that were sent
  ns3::Time m_latestRtt;
  ns3::Time m_leastRtt;
};

} // namespace ho

#endif
