/* IPv4, IPv6, UDP and TCP headers: parse, build, rewrite (RFC 791, 8200, 768,
 * 9293), with checksums (RFC 1071, 1624).
 *
 * Checksums of IPv4 and UDP are zero on the way, and filled in by ho_ip_fill
 * where bytes leave the simulation: as where a network card does that, nobody
 * within looks at them, and summing every datagram and adjusting the sums in
 * NATs would take 3 % of a run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_IP_H
#define HO_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/addr.h"
#include "sim/net/packet.h"

/* ho_ip is what a parsed IP packet says of itself.  |src| and |dst| are from
 * the packet's own direction; ports are 0 unless UDP or TCP.  |l4| is the
 * offset of the UDP or TCP header, |payload| that of what follows it. */
typedef struct {
  uint8_t family;
  uint8_t proto;
  uint8_t ecn; /* the two ECN bits (RFC 3168) */
  uint8_t ttl;
  ho_endpoint src, dst;
  size_t l4, payload, total;
  /* TCP alone: */
  uint8_t tcp_flags;
  uint32_t tcp_seq, tcp_ack;
} ho_ip;

enum {
  HO_TCP_FIN = 1,
  HO_TCP_SYN = 2,
  HO_TCP_RST = 4,
  HO_TCP_PSH = 8,
  HO_TCP_ACK = 16,
};

/* ho_ip_parse reads |len| bytes of a packet.  Any input is safe.
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Truncated, not IPv4/IPv6, a length that does not fit, a fragment, or an
 *     extension header. */
int ho_ip_parse(ho_ip *ip, const uint8_t *data, size_t len);

/* ho_ip_header_len is the IP header's size in bytes (no options). */
size_t ho_ip_header_len(uint8_t family);

/* ho_ip_write_udp puts IP and UDP headers (with IPv6, a flow label, too) before
 * a payload of |payload_len| bytes that already stands at pkt->data +
 * ho_ip_header_len(family) + 8, and sets |pkt->len|. */
void ho_ip_write_udp(ho_packet *pkt, const ho_endpoint *src,
                     const ho_endpoint *dst, uint8_t ecn, size_t payload_len);

/* ho_ip_write_tcp puts an IP header before a TCP segment (header included, its
 * checksum is filled in) of |segment_len| bytes that already stands at
 * pkt->data + ho_ip_header_len(family), and sets |pkt->len|. */
void ho_ip_write_tcp(ho_packet *pkt, const ho_addr *src, const ho_addr *dst,
                     uint8_t ecn, size_t segment_len);

/* ho_ip_write_rst makes |pkt| the RST that a host answers to the segment |ip|
 * (RFC 9293, 3.10.7.1).  |ip| must not itself be a RST. */
void ho_ip_write_rst(ho_packet *pkt, const ho_ip *ip);

/* ho_ip_set_src and ho_ip_set_dst rewrite an endpoint in place, with TCP's
 * checksum updated (RFC 1624).  |ip| is what ho_ip_parse said of
 * |pkt| and is kept up to date.  The family must not change. */
void ho_ip_set_src(ho_packet *pkt, ho_ip *ip, const ho_endpoint *src);
void ho_ip_set_dst(ho_packet *pkt, ho_ip *ip, const ho_endpoint *dst);

/* ho_ip_set_ecn rewrites the two ECN bits in place, likewise. */
void ho_ip_set_ecn(ho_packet *pkt, ho_ip *ip, uint8_t ecn);

/* ho_ip_fill fills in what |data| lacks of the checksums of IPv4 and UDP. */
void ho_ip_fill(uint8_t *data, size_t len);

/* ho_ip_checksums_ok verifies the IP and the transport checksum. */
bool ho_ip_checksums_ok(const uint8_t *data, size_t len);

#endif
