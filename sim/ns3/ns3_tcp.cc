/* ns-3's TCP without ns-3's IP: the C functions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ns3/ns3_tcp.h"

#include <string>

#include "ns3/simulator.h"

#include "sim/ns3/ns3_tcp_socket.h"
#include "sim/ns3/ns3_tcp_stack.h"

struct ho_ns_tcp {
  ns3::Ptr<ho::Socket> socket;
};

namespace {

ho_ns_tcp *New(const ho_ns_tcp_config *config) {
  auto *tcp = new ho_ns_tcp{ns3::CreateObject<ho::Socket>()};

  tcp->socket->Configure(*config);
  return tcp;
}

void Release(ns3::Ptr<ho::Socket>) {
}

} // namespace

ho_ns_tcp *ho_ns_tcp_connect(const ho_ns_tcp_config *config) {
  ho_ns_tcp *tcp = New(config);

  tcp->socket->ActiveOpen();
  return tcp;
}

ho_ns_tcp *ho_ns_tcp_accept(const ho_ns_tcp_config *config,
                            const uint8_t *segment, size_t len) {
  ho_ns_tcp *tcp = New(config);

  tcp->socket->PassiveOpen(segment, len);
  return tcp;
}

void ho_ns_tcp_del(ho_ns_tcp *tcp) {
  if (!tcp) {
    return;
  }
  if (ho::Stack::Alive()) {
    tcp->socket->Forget();
    // Events of this instant may still hold ns-3's bare pointer to the socket,
    // so the last reference goes after them.
    ns3::Simulator::ScheduleNow(&Release, tcp->socket);
  }
  delete tcp;
}

void ho_ns_tcp_input(ho_ns_tcp *tcp, const uint8_t *segment, size_t len) {
  tcp->socket->Input(segment, len);
}

size_t ho_ns_tcp_output(ho_ns_tcp *tcp, uint8_t *buf, size_t cap) {
  return tcp->socket->Output(buf, cap);
}

int ho_ns_tcp_write(ho_ns_tcp *tcp, const uint8_t *data, size_t len) {
  return tcp->socket->Write(data, len);
}

void ho_ns_tcp_flush(ho_ns_tcp *tcp) {
  tcp->socket->Flush();
}

size_t ho_ns_tcp_unsent(const ho_ns_tcp *tcp) {
  return tcp->socket->Unsent();
}

size_t ho_ns_tcp_room(const ho_ns_tcp *tcp) {
  return tcp->socket->GetTxAvailable();
}

size_t ho_ns_tcp_read(ho_ns_tcp *tcp, uint8_t *buf, size_t cap) {
  return tcp->socket->Read(buf, cap);
}

void ho_ns_tcp_close(ho_ns_tcp *tcp) {
  tcp->socket->CloseGently();
}

ho_ns_tcp_state ho_ns_tcp_get_state(const ho_ns_tcp *tcp) {
  return tcp->socket->State();
}

uint32_t ho_ns_tcp_mss(const ho_ns_tcp *tcp) {
  return tcp->socket->Mss();
}

void ho_ns_tcp_get_info(const ho_ns_tcp *tcp, ho_ns_tcp_info *info) {
  tcp->socket->Info(info);
}

void ho_ns_tcp_settings(void (*fn)(void *user, const char *name,
                                   const char *value),
                        void *user) {
  for (const ho::Setting &setting : ho::SETTINGS) {
    std::string name = std::string("ns3::TcpSocketBase::") + setting.name;
    fn(user, name.c_str(), setting.value);
  }
}
