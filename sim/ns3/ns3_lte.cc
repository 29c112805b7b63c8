// An LTE network, entered and left at the gateway and at its UEs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_radio.h"

#include <cassert>
#include <map>
#include <memory>
#include <vector>

#include "ns3/ipv4-header.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/simulator.h"

#include "sim/ns3/ns3_air.h"
#include "sim/ns3/ns3_lte_net.h"
#include "sim/ns3/ns3_lte_ue.h"

using namespace ns3;

namespace {

// The EPC classifies packets by their headers and aborts on what it does not
// expect, so it gets a carrier: an IPv4 header of a protocol it looks no
// further into (SCTP), and in it the token.
constexpr std::uint32_t CARRIER_BYTES = 20;
constexpr std::uint32_t PDCP_BYTES = 2;
constexpr std::uint8_t CARRIER_PROTOCOL = 132;
constexpr std::uint32_t UP_BYTES_MAX = 1500; // more would come out in fragments

// Anywhere beyond the gateway.
const Ipv4Address OUTSIDE("8.0.0.1");

// A packet of the smallest size and of no token, which the gateway returns.
Ptr<Packet> NewProbe() {
  std::uint8_t nothing[8] = {};

  return Create<Packet>(nothing, sizeof(nothing));
}

bool IsProbe(Ptr<const Packet> carrier) {
  std::uint8_t bytes[CARRIER_BYTES + 8];

  if (carrier->CopyData(bytes, sizeof(bytes)) != sizeof(bytes)) {
    return false;
  }
  for (std::size_t i = CARRIER_BYTES; i < sizeof(bytes); i++) {
    if (bytes[i] != 0) {
      return false;
    }
  }
  return true;
}

class Lte : public ho_radio {
public:
  explicit Lte(const ho_lte_setup &setup);
  ~Lte() override;

  void Send(unsigned station, bool down, void *packet,
            std::uint32_t bytes) override;
  void Walk(unsigned station, ho_place_m to, double speed) override {
    m_ues[station]->Walk(to, speed);
  }
  ho_place_m Where(unsigned station) override {
    return m_ues[station]->Where();
  }
  void Cut(unsigned station, bool cut) override {
    m_ues[station]->Cut(cut);
  }
  bool IsAssociated(unsigned station) override {
    return m_ues[station]->IsAssociated();
  }
  ho_time Heard(unsigned station) override {
    return m_ues[station]->Heard();
  }
  int Handover(unsigned station, unsigned cell, const char **why) override {
    return m_ues[station]->Handover(cell, why);
  }

private:
  HoLteUe::Upcalls UpcallsOf(unsigned station);
  void Carry(unsigned station, bool down, Ptr<Packet> payload);
  void Forward(unsigned station, bool down);
  bool OnUp(Ptr<const Packet> carrier);
  bool OnDown(unsigned station, Ptr<const Packet> carrier);

  ho_radio_upcalls m_upcalls;
  HoLteNet m_net;
  HoFlights m_flights;
  std::vector<std::unique_ptr<HoLteUe>> m_ues;
  std::map<Ipv4Address, unsigned> m_stations;
};

Lte::Lte(const ho_lte_setup &setup)
    : m_upcalls(setup.upcalls), m_net(setup),
      m_flights(setup.upcalls, setup.stations_count) {
  m_net.full = [this](Ptr<const Packet> pdu) {
    m_flights.Crash(pdu, PDCP_BYTES + CARRIER_BYTES);
  };
  m_net.gateway->SetReceiveCallback(NetDevice::ReceiveCallback(
      [this](Ptr<NetDevice>, Ptr<const Packet> carrier, std::uint16_t,
             const Address &) { return OnUp(carrier); }));
  for (unsigned i = 0; i < setup.stations_count; i++) {
    m_stations[m_net.ues[i].address] = i;
    m_net.ues[i].device->SetReceiveCallback(NetDevice::ReceiveCallback(
        [this, i](Ptr<NetDevice>, Ptr<const Packet> carrier, std::uint16_t,
                  const Address &) { return OnDown(i, carrier); }));
    m_ues.push_back(std::make_unique<HoLteUe>(m_net, i, UpcallsOf(i)));
  }
}

Lte::~Lte() {
  m_net.gateway->SetReceiveCallback(NetDevice::ReceiveCallback());
  for (auto &ue : m_net.ues) {
    ue.device->SetReceiveCallback(NetDevice::ReceiveCallback());
  }
}

HoLteUe::Upcalls Lte::UpcallsOf(unsigned station) {
  HoLteUe::Upcalls upcalls;

  upcalls.changed = [this, station](ho_radio_state state, unsigned cell) {
    m_upcalls.changed(m_upcalls.user, station, state, cell);
  };
  upcalls.probe = [this, station] { Carry(station, false, NewProbe()); };
  upcalls.handed_over = [this, station] {
    Forward(station, false);
    Forward(station, true);
  };
  upcalls.broken = [this, station] {
    m_flights.Clear(station, false);
    m_flights.Clear(station, true);
  };
  return upcalls;
}

// TS 36.300, 10.1.2.3: what the old cell, or the UE, has not got through is
// sent again in the new one, before anything newer.  ns-3 drops what lay in
// RLC.
void Lte::Forward(unsigned station, bool down) {
  m_flights.Renew(
      station, down, [&](void *packet, std::uint32_t payload_bytes) {
        Carry(station, down,
              m_flights.Launch(station, down, packet, payload_bytes));
      });
}

void Lte::Send(unsigned station, bool down, void *packet, std::uint32_t bytes) {
  assert(down || bytes <= UP_BYTES_MAX);
  Ptr<Packet> payload =
      m_flights.Launch(station, down, packet, bytes - CARRIER_BYTES);

  if (m_ues[station]->IsAssociated()) {
    Carry(station, down, payload);
  } else {
    m_flights.Crash(payload);
  }
}

void Lte::Carry(unsigned station, bool down, Ptr<Packet> payload) {
  Ptr<LteUeNetDevice> device = m_net.ues[station].device;
  Ipv4Address address = m_net.ues[station].address;
  Ipv4Header header;

  header.SetSource(down ? OUTSIDE : address);
  header.SetDestination(down ? address : OUTSIDE);
  header.SetProtocol(CARRIER_PROTOCOL);
  header.SetTtl(64);
  header.SetPayloadSize(static_cast<std::uint16_t>(payload->GetSize()));
  payload->AddHeader(header);
  if (down) {
    m_net.gateway->Send(payload, Address(), Ipv4L3Protocol::PROT_NUMBER);
  } else if (!device->Send(payload, Address(), Ipv4L3Protocol::PROT_NUMBER)) {
    m_flights.Crash(payload, CARRIER_BYTES);
  }
}

bool Lte::OnUp(Ptr<const Packet> carrier) {
  Ipv4Header header;

  if (IsProbe(carrier)) {
    carrier->PeekHeader(header);
    Carry(m_stations.at(header.GetSource()), true, NewProbe());
  } else {
    m_flights.Land(carrier, CARRIER_BYTES);
  }
  return true;
}

bool Lte::OnDown(unsigned station, Ptr<const Packet> carrier) {
  if (IsProbe(carrier)) {
    m_ues[station]->ProbeReturned();
  } else {
    m_ues[station]->Hear();
    m_flights.Land(carrier, CARRIER_BYTES);
  }
  return true;
}

} // namespace

ho_radio *ho_lte_new(const ho_lte_setup *setup) {
  return new Lte(*setup);
}
