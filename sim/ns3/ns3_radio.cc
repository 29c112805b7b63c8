// ns-3's radios: the C functions.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_radio.h"

#include <cassert>

#include "sim/ns3/ns3_air.h"

void ho_radio_del(ho_radio *radio) {
  delete radio;
}

void ho_radio_send(ho_radio *radio, unsigned station, bool down, void *packet,
                   uint32_t bytes) {
  assert(bytes >= 28 && bytes <= 2000);
  radio->Send(station, down, packet, bytes);
}

void ho_radio_walk(ho_radio *radio, unsigned station, ho_place_m to,
                   double speed) {
  assert(speed > 0);
  radio->Walk(station, to, speed);
}

ho_place_m ho_radio_where(ho_radio *radio, unsigned station) {
  return radio->Where(station);
}

void ho_radio_cut(ho_radio *radio, unsigned station, bool cut) {
  radio->Cut(station, cut);
}

bool ho_radio_is_associated(ho_radio *radio, unsigned station) {
  return radio->IsAssociated(station);
}

ho_time ho_radio_heard(ho_radio *radio, unsigned station) {
  return radio->Heard(station);
}

int ho_radio_handover(ho_radio *radio, unsigned station, unsigned cell,
                      const char **why) {
  return radio->Handover(station, cell, why);
}
