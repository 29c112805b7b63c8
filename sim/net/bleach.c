/* A router that clears the ECN bits of what passes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/bleach.h"

#include "sim/net/ip.h"

static void push(ho_element *self, ho_direction dir, ho_packet *pkt) {
  ho_ip ip;

  if (ho_ip_parse(&ip, pkt->data, pkt->len) == 0 && ip.ecn != 0) {
    ho_ip_set_ecn(pkt, &ip, 0);
  }
  ho_element_forward(self, dir, pkt);
}

void ho_bleach_init(ho_element *element) {
  *element = (ho_element){.push = push};
}
