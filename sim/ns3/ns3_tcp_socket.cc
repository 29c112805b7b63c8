/* One connection of ns-3's TCP, opened up. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3_tcp_socket.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/rtt-estimator.h"
#include "ns3/simulator.h"
#include "ns3/tcp-bbr.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-linux-reno.h"
#include "ns3/tcp-prr-recovery.h"
#include "ns3/tcp-tx-buffer.h"
#include "ns3/string.h"

#include "sim/base/diag.h"
#include "sim/ns3/ns3_tcp_stack.h"

namespace ho {

namespace {

constexpr uint32_t FIN_RETRIES = 8;

// ns-3's random streams have numbers; those of TCP start here, one for each
// connection, so that no model's stream depends on how many others there are.
constexpr uint32_t FIRST_STREAM = 1000;

ho_time Nanoseconds(const ns3::Time &time) {
  return static_cast<ho_time>(time.GetNanoSeconds());
}

ns3::Ptr<ns3::TcpCongestionOps> CongestionControl(ho_ns_tcp_cc cc,
                                                  uint32_t number) {
  switch (cc) {
  case HO_NS_TCP_CUBIC:
    return ns3::CreateObject<ns3::TcpCubic>();
  case HO_NS_TCP_RENO:
    return ns3::CreateObject<ns3::TcpLinuxReno>();
  case HO_NS_TCP_BBR: {
    auto bbr = ns3::CreateObject<ns3::TcpBbr>();
    bbr->SetStream(FIRST_STREAM + number);
    return bbr;
  }
  }
  assert(false);
  return nullptr;
}

} // namespace

void Socket::Configure(const ho_ns_tcp_config &config) {
  Stack &stack = Stack::Get();
  uint32_t number = stack.Add(this);

  m_config = config;
  // Any address does, as long as no other connection has it.
  m_local = ns3::Ipv4Address(0x0a000000 + number);
  SetNode(stack.GetNode());
  SetTcp(stack.GetTcp());
  SetRtt(ns3::CreateObject<ns3::RttMeanDeviation>());
  for (const Setting &setting : SETTINGS) {
    SetAttribute(setting.name, ns3::StringValue(setting.value));
  }
  SetSegSize(config.mss);
  SetInitialCwnd(config.initial_window);
  m_tcb->m_pacing = config.pacing;
  SetCongestionControlAlgorithm(CongestionControl(config.cc, number));
  SetRecoveryAlgorithm(ns3::CreateObject<ns3::TcpPrrRecovery>());
  SetConnectCallback(ns3::MakeCallback(&Socket::OnEvent, this),
                     ns3::MakeCallback(&Socket::OnFailed, this));
  SetCloseCallbacks(ns3::MakeCallback(&Socket::OnEvent, this),
                    ns3::MakeCallback(&Socket::OnFailed, this));
}

ns3::Address Socket::Self() const {
  return ns3::InetSocketAddress(m_local, m_config.local_port);
}

ns3::Address Socket::Peer() const {
  return ns3::InetSocketAddress(Stack::PeerAddress(), m_config.remote_port);
}

void Socket::ActiveOpen() {
  Busy busy(this);
  int rv = Bind(Self());

  assert(rv == 0);
  Stack::Get().RouteFrom(m_local);
  rv = Connect(Peer());
  assert(rv == 0);
  (void)rv;
}

// A listening socket would fork; this one takes the connection itself, which
// saves a copy of every object.  ns-3 reads the SYN's options before it asks
// whether to accept; the answer is no, and the second half of its fork runs
// here.
void Socket::PassiveOpen(const uint8_t *segment, size_t len) {
  Busy busy(this);
  auto packet = ns3::Create<ns3::Packet>(segment, static_cast<uint32_t>(len));
  ns3::TcpHeader header;

  SetAcceptCallback(ns3::MakeCallback(&Socket::OnSyn, this),
                    ns3::MakeNullCallback<void, ns3::Ptr<ns3::Socket>,
                                          const ns3::Address &>());
  m_state = LISTEN;
  TakeMss(segment, len);
  packet->PeekHeader(header);
  DoForwardUp(packet->Copy(), Peer(), Self());
  CompleteFork(packet, header, Peer(), Self());
}

// ns-3's TCP has no MSS option (RFC 9293, 3.7.1), so a peer behind a smaller
// MTU would never get a full segment: SYNs get it on their way out, and it is
// read from those that come in.  It counts IP and TCP without options.
namespace {

enum {
  OFFSET = 12,
  FLAGS = 13,
  FIXED = 20,
  SYN = 2,
  END = 0,
  NOP = 1,
  MSS = 2
};
const uint32_t OPTIONS = HO_NS_TCP_HEADER - FIXED;

} // namespace

size_t Socket::AddMss(uint8_t *segment, size_t len, size_t cap) const {
  size_t header = static_cast<size_t>(segment[OFFSET] >> 4) * 4;
  uint32_t mss = m_config.mss + OPTIONS;
  uint8_t option[4] = {MSS, sizeof(option), static_cast<uint8_t>(mss >> 8),
                       static_cast<uint8_t>(mss)};

  assert(len == header && len + sizeof(option) <= cap && header <= 56);
  // In front, for ns-3 ends its own options with an end of the list.
  memmove(segment + FIXED + sizeof(option), segment + FIXED, len - FIXED);
  memcpy(segment + FIXED, option, sizeof(option));
  segment[OFFSET] = static_cast<uint8_t>(segment[OFFSET] + 0x10);
  return len + sizeof(option);
}

void Socket::TakeMss(const uint8_t *segment, size_t len) {
  size_t header, size;

  if (len < FIXED || !(segment[FLAGS] & SYN)) {
    return;
  }
  header = std::min<size_t>(len, static_cast<size_t>(segment[OFFSET] >> 4) * 4);
  for (size_t i = FIXED; i + 1 < header && segment[i] != END; i += size) {
    size = segment[i] == NOP ? 1 : segment[i + 1];
    if (size == 0 || i + size > header) {
      return;
    }
    if (segment[i] == MSS && size == 4) {
      uint32_t mss =
          static_cast<uint32_t>(segment[i + 2]) << 8 | segment[i + 3];

      // No less than IPv4's least reassembly buffer allows (RFC 9293, 3.7.1).
      mss = std::max<uint32_t>(mss, 536) - OPTIONS;
      m_tcb->m_segmentSize = std::min(m_config.mss, mss);
      return;
    }
  }
}

uint32_t Socket::Mss() const {
  return m_tcb->m_segmentSize;
}

bool Socket::OnSyn(ns3::Ptr<ns3::Socket>, const ns3::Address &) {
  return false;
}

void Socket::Kill() {
  CancelAllTimers();
  if (m_dead) {
    return;
  }
  m_dead = true;
  m_closeNotified = true;
  m_out.clear();
  m_state = CLOSED;
  DeallocateEndPoint();
  Stack::Get().Remove(m_local);
}

void Socket::Input(const uint8_t *segment, size_t len) {
  Busy busy(this);

  if (m_dead || m_endPoint == nullptr) {
    return;
  }
  auto packet = ns3::Create<ns3::Packet>(segment, static_cast<uint32_t>(len));
  ns3::TcpHeader header;
  uint32_t header_len = packet->PeekHeader(header);
  if (Reset(header) ||
      !IsValidTcpSegment(header.GetSequenceNumber(), header_len,
                         packet->GetSize() - header_len)) {
    return;
  }
  if (m_state == SYN_SENT) {
    TakeMss(segment, len);
  }
  DoForwardUp(packet, Peer(), Self());
}

// ns-3 obeys a bare RST wherever it lies, and answers one that carries ACK (as
// a kernel's does, RFC 9293, 3.10.7.1) with another RST.  So RSTs are handled
// here, by 3.10.7.3 and 3.10.7.4.
bool Socket::Reset(const ns3::TcpHeader &header) {
  if (!(header.GetFlags() & ns3::TcpHeader::RST)) {
    return false;
  }
  bool ok;
  if (m_state == SYN_SENT) {
    ok = (header.GetFlags() & ns3::TcpHeader::ACK) &&
         header.GetAckNumber() == m_tcb->m_nextTxSequence.Get() + 1;
  } else {
    ok = header.GetSequenceNumber() >= m_tcb->m_rxBuffer->NextRxSequence() &&
         header.GetSequenceNumber() <= m_tcb->m_rxBuffer->MaxRxSequence();
  }
  if (ok) {
    m_end = HO_NS_TCP_RESET;
    Kill();
  }
  return true;
}

size_t Socket::Output(uint8_t *buf, size_t cap) {
  if (m_out.empty()) {
    return 0;
  }
  uint32_t len = m_out.front()->CopyData(buf, static_cast<uint32_t>(cap));
  assert(len == m_out.front()->GetSize());
  m_out.pop_front();
  if (buf[FLAGS] & SYN) {
    return AddMss(buf, len, cap);
  }
  return len;
}

void Socket::Queue(ns3::Ptr<ns3::Packet> segment) {
  if (!m_dead) {
    m_out.push_back(segment);
    Changed();
  }
}

int Socket::Write(const uint8_t *data, size_t len) {
  Busy busy(this);

  if (m_dead || (m_state != ESTABLISHED && m_state != CLOSE_WAIT)) {
    return HO_ERR_PROTO;
  }
  if (GetTxAvailable() < len) {
    return HO_ERR_FULL;
  }
  auto packet = ns3::Create<ns3::Packet>(data, static_cast<uint32_t>(len));
  return Send(packet, 0) < 0 ? HO_ERR_PROTO : 0;
}

void Socket::Flush() {
  Busy busy(this);

  // ns-3 sends written data one ns later; here it leaves now.
  m_sendPendingDataEvent.Cancel();
  if (!m_dead && m_connected) {
    SendPendingData(m_connected);
  }
}

size_t Socket::Read(uint8_t *buf, size_t cap) {
  Busy busy(this);
  // At the end of the stream ns-3 returns an empty packet, or none.
  ns3::Ptr<ns3::Packet> packet = Recv(static_cast<uint32_t>(cap), 0);

  return packet ? packet->CopyData(buf, static_cast<uint32_t>(cap)) : 0;
}

void Socket::CloseGently() {
  Busy busy(this);

  if (m_dead) {
    return;
  }
  if (m_state == SYN_SENT) {
    Kill(); // ns-3 would send a RST; a kernel forgets
  } else {
    Close();
  }
}

// ns-3 repeats a bare FIN for ever, at intervals that do not grow.  RFC 6298,
// 5.5, doubles them, and a kernel gives up in the end (Linux: after
// tcp_orphan_retries, 8).  Any other empty segment, such as an ACK, would undo
// the doubling that a timeout of data has brought.
void Socket::SendEmptyPacket(uint8_t flags) {
  bool idle = m_retxEvent.IsExpired();
  ns3::Time rto = m_rto.Get();

  if ((flags & ns3::TcpHeader::FIN) && m_fins > FIN_RETRIES) {
    m_end = HO_NS_TCP_TIMEOUT;
    Kill();
    Changed();
    return;
  }
  TcpSocketBase::SendEmptyPacket(flags);
  if (!(flags & (ns3::TcpHeader::SYN | ns3::TcpHeader::FIN))) {
    m_rto = rto;
  }
  if ((flags & ns3::TcpHeader::FIN) && idle && !m_retxEvent.IsExpired()) {
    ns3::Time interval = m_rto.Get() * (1 << m_fins);
    m_retxEvent.Cancel();
    m_retxEvent = ns3::Simulator::Schedule(interval, &Socket::SendEmptyPacket,
                                           this, flags);
  }
  m_fins += (flags & ns3::TcpHeader::FIN) ? 1 : 0;
}

size_t Socket::Unsent() const {
  return m_txBuffer->SizeFromSequence(m_tcb->m_highTxMark.Get());
}

ho_ns_tcp_state Socket::State() const {
  if (m_failed) {
    return m_end; // ns-3 may leave the state as it was
  }
  switch (m_state.Get()) {
  case LISTEN:
  case SYN_SENT:
  case SYN_RCVD:
    return HO_NS_TCP_CONNECTING;
  case ESTABLISHED:
  case FIN_WAIT_1:
  case FIN_WAIT_2:
    return HO_NS_TCP_OPEN;
  case CLOSE_WAIT:
  case LAST_ACK:
    return HO_NS_TCP_EOF;
  case CLOSING:
  case TIME_WAIT:
    return HO_NS_TCP_CLOSED;
  case CLOSED:
  case LAST_STATE:
    return m_end;
  }
  return m_end;
}

void Socket::Info(ho_ns_tcp_info *info) const {
  info->cwnd = m_tcb->m_cWnd.Get();
  info->in_flight = m_txBuffer->BytesInFlight();
  info->latest_rtt = Nanoseconds(m_latestRtt);
  info->min_rtt = Nanoseconds(m_leastRtt);
  info->srtt = m_latestRtt.IsZero() ? 0 : Nanoseconds(m_rtt->GetEstimate());
  info->rto = Nanoseconds(m_rto.Get());
}

// ns-3 takes RTT samples from the timestamps option, in whole milliseconds; a
// kernel takes them from its record of when each segment left.  ns-3 has that
// record too and uses it without timestamps.  It also takes the smoothed RTT
// for the minimum of the samples, which BBR's model rests on.
void Socket::EstimateRtt(const ns3::TcpHeader &header) {
  ns3::SequenceNumber32 ack = header.GetAckNumber();
  bool timestamps = m_timestampEnabled;

  if (!m_history.empty() && !m_history.front().retx &&
      ack >= m_history.front().seq + m_history.front().count) {
    m_latestRtt = ns3::Simulator::Now() - m_history.front().time;
    m_leastRtt =
        m_leastRtt.IsZero() ? m_latestRtt : std::min(m_leastRtt, m_latestRtt);
  }
  m_timestampEnabled = false;
  TcpSocketBase::EstimateRtt(header);
  m_timestampEnabled = timestamps;
  if (!m_leastRtt.IsZero()) {
    m_tcb->m_minRtt = m_leastRtt;
  }
}

void Socket::OnFailed(ns3::Ptr<ns3::Socket>) {
  if (!m_dead) {
    m_failed = true;
    m_end = HO_NS_TCP_TIMEOUT;
    Changed();
  }
}

void Socket::OnEvent(ns3::Ptr<ns3::Socket>) {
  Changed();
}

// The caller looks after each of its own calls; only what happens by itself,
// when a timer of ns-3's fires, needs an event to tell.
void Socket::Changed() {
  if (m_depth == 0 && !m_waking) {
    m_waking = true;
    ns3::Simulator::ScheduleNow(&Socket::Wake, ns3::Ptr<Socket>(this));
  }
}

void Socket::Wake() {
  m_waking = false;
  if (m_config.wake) {
    m_config.wake(m_config.user);
  }
}

void Socket::Forget() {
  m_config.wake = nullptr;
  Kill();
}

} // namespace ho
