/* IPv4, IPv6, UDP and TCP headers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/ip.h"

#include <assert.h>
#include <string.h>

#include "sim/base/diag.h"
#include "sim/net/checksum.h"

enum {
  V4_LEN = 20,
  V6_LEN = 40,
  UDP_LEN = 8,
  TCP_LEN = 20,
  HOPS = 64,
  V4_CHECKSUM = 10, /* offsets in the respective header */
  UDP_CHECKSUM = 6,
  TCP_CHECKSUM = 16,
};

static uint16_t get16(const uint8_t *p) {
  return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, size_t value) {
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value) {
  put16(p, value >> 16);
  put16(p + 2, value);
}

/* sum_pseudo is the pseudo-header (RFC 768; RFC 9293, 3.1; RFC 8200, 8.1) of
 * the packet at |data|.  Both families' lengths add up alike. */
static uint64_t sum_pseudo(const uint8_t *data, uint8_t family, uint8_t proto,
                           size_t l4_len) {
  uint8_t rest[6] = {0, proto};

  put32(rest + 2, (uint32_t)l4_len);
  return ho_sum_small(rest, sizeof(rest)) + (family == 4
                                                 ? ho_sum_small(data + 12, 8)
                                                 : ho_sum_small(data + 8, 32));
}

/* parse_v4 and parse_v6 read the IP header alone. */
static int parse_v4(ho_ip *ip, const uint8_t *data, size_t len) {
  if (len < V4_LEN) {
    return HO_ERR_INPUT;
  }
  ip->family = 4;
  ip->ecn = data[1] & 3;
  ip->l4 = (size_t)(data[0] & 15) * 4;
  ip->total = get16(data + 2);
  if (ip->l4 < V4_LEN || ip->total > len || ip->l4 > ip->total) {
    return HO_ERR_INPUT;
  }
  if (get16(data + 6) & 0x3fff) { /* more fragments, or not the first */
    return HO_ERR_INPUT;
  }
  ip->ttl = data[8];
  ip->proto = data[9];
  ip->src.addr.family = ip->dst.addr.family = 4;
  memcpy(ip->src.addr.bytes, data + 12, 4);
  memcpy(ip->dst.addr.bytes, data + 16, 4);
  return 0;
}

/* is_extension tells RFC 8200's extension headers and those added since; 59 is
 * "no next header". */
static bool is_extension(uint8_t next) {
  switch (next) {
  case 0:
  case 43:
  case 44:
  case 50:
  case 51:
  case 59:
  case 60:
  case 135:
  case 139:
  case 140:
  case 253:
  case 254:
    return true;
  default:
    return false;
  }
}

static int parse_v6(ho_ip *ip, const uint8_t *data, size_t len) {
  if (len < V6_LEN) {
    return HO_ERR_INPUT;
  }
  ip->family = 6;
  ip->ecn = data[1] >> 4 & 3;
  ip->l4 = V6_LEN;
  ip->total = V6_LEN + (size_t)get16(data + 4);
  ip->proto = data[6];
  ip->ttl = data[7];
  if (ip->total > len || is_extension(ip->proto)) {
    return HO_ERR_INPUT;
  }
  ip->src.addr.family = ip->dst.addr.family = 6;
  memcpy(ip->src.addr.bytes, data + 8, 16);
  memcpy(ip->dst.addr.bytes, data + 24, 16);
  return 0;
}

static int parse_udp(ho_ip *ip, const uint8_t *l4, size_t len) {
  if (len < UDP_LEN || get16(l4 + 4) != len) {
    return HO_ERR_INPUT;
  }
  ip->payload = ip->l4 + UDP_LEN;
  return 0;
}

static int parse_tcp(ho_ip *ip, const uint8_t *l4, size_t len) {
  size_t header;

  if (len < TCP_LEN) {
    return HO_ERR_INPUT;
  }
  header = (size_t)(l4[12] >> 4) * 4;
  if (header < TCP_LEN || header > len) {
    return HO_ERR_INPUT;
  }
  ip->payload = ip->l4 + header;
  ip->tcp_seq = get32(l4 + 4);
  ip->tcp_ack = get32(l4 + 8);
  ip->tcp_flags = l4[13];
  return 0;
}

int ho_ip_parse(ho_ip *ip, const uint8_t *data, size_t len) {
  int version = len ? data[0] >> 4 : 0, err = HO_ERR_INPUT;
  const uint8_t *l4;

  memset(ip, 0, sizeof(*ip));
  if (version == 4) {
    err = parse_v4(ip, data, len);
  } else if (version == 6) {
    err = parse_v6(ip, data, len);
  }
  if (err) {
    return err;
  }
  l4 = data + ip->l4;
  ip->payload = ip->l4;
  if (ip->proto == HO_PROTO_UDP) {
    err = parse_udp(ip, l4, ip->total - ip->l4);
  } else if (ip->proto == HO_PROTO_TCP) {
    err = parse_tcp(ip, l4, ip->total - ip->l4);
  } else {
    return 0;
  }
  if (err) {
    return err;
  }
  ip->src.port = get16(l4);
  ip->dst.port = get16(l4 + 2);
  return 0;
}

size_t ho_ip_header_len(uint8_t family) {
  return family == 4 ? V4_LEN : V6_LEN;
}

/* write_v4 sets Don't Fragment: QUIC requires it (RFC 9000, 14) and Linux's TCP
 * does it.  The ID of such a packet means nothing (RFC 6864, 4.1). */
static void write_v4(uint8_t *data, uint8_t proto, const ho_addr *src,
                     const ho_addr *dst, uint8_t ecn, size_t l4_len) {
  memset(data, 0, V4_LEN);
  data[0] = 0x45;
  data[1] = ecn & 3;
  put16(data + 2, V4_LEN + l4_len);
  data[6] = 0x40;
  data[8] = HOPS;
  data[9] = proto;
  memcpy(data + 12, src->bytes, 4);
  memcpy(data + 16, dst->bytes, 4);
}

static void write_v6(uint8_t *data, uint8_t proto, const ho_addr *src,
                     const ho_addr *dst, uint8_t ecn, size_t l4_len) {
  memset(data, 0, 8);
  data[0] = 0x60;
  data[1] = (uint8_t)((ecn & 3) << 4);
  put16(data + 4, l4_len);
  data[6] = proto;
  data[7] = HOPS;
  memcpy(data + 8, src->bytes, 16);
  memcpy(data + 24, dst->bytes, 16);
}

/* write_ip puts the IP header before |l4_len| bytes and returns where they
 * begin. */
static uint8_t *write_ip(ho_packet *pkt, uint8_t proto, const ho_addr *src,
                         const ho_addr *dst, uint8_t ecn, size_t l4_len) {
  size_t header = ho_ip_header_len(src->family);

  assert(src->family == dst->family);
  assert(src->family == 4 || src->family == 6);
  assert(header + l4_len <= HO_PACKET_CAP);
  if (src->family == 4) {
    write_v4(pkt->data, proto, src, dst, ecn, l4_len);
  } else {
    write_v6(pkt->data, proto, src, dst, ecn, l4_len);
  }
  pkt->len = (uint32_t)(header + l4_len);
  return pkt->data + header;
}

/* A label for each flow (RFC 6437, 3): of the addresses and ports alone, so
 * that nothing ties one path's to another's (RFC 9000, 9.7). */
static void set_label(ho_packet *pkt, const ho_endpoint *src,
                      const ho_endpoint *dst) {
  uint64_t hash = ho_tuple_hash(&(ho_tuple){*src, *dst});

  if (src->addr.family == 6) {
    pkt->data[1] |= (uint8_t)(hash >> 16 & 0xf);
    pkt->data[2] = (uint8_t)(hash >> 8);
    pkt->data[3] = (uint8_t)hash;
  }
}

void ho_ip_write_udp(ho_packet *pkt, const ho_endpoint *src,
                     const ho_endpoint *dst, uint8_t ecn, size_t payload_len) {
  size_t len = UDP_LEN + payload_len;
  uint8_t *udp = write_ip(pkt, HO_PROTO_UDP, &src->addr, &dst->addr, ecn, len);

  set_label(pkt, src, dst);
  put16(udp, src->port);
  put16(udp + 2, dst->port);
  put16(udp + 4, len);
  put16(udp + UDP_CHECKSUM, 0);
}

void ho_ip_fill(uint8_t *data, size_t len) {
  uint8_t *l4;
  ho_ip ip;

  if (ho_ip_parse(&ip, data, len)) {
    return;
  }
  l4 = data + ip.l4;
  len = ip.total - ip.l4;
  if (ip.family == 4 && get16(data + V4_CHECKSUM) == 0) {
    ho_sum_store(data + V4_CHECKSUM, ho_sum_small(data, ip.l4));
  }
  if (ip.proto == HO_PROTO_UDP && get16(l4 + UDP_CHECKSUM) == 0) {
    ho_sum_store_udp(l4 + UDP_CHECKSUM,
                     ho_sum_bytes(l4, len) +
                         sum_pseudo(data, ip.family, HO_PROTO_UDP, len));
  }
}

void ho_ip_write_tcp(ho_packet *pkt, const ho_addr *src, const ho_addr *dst,
                     uint8_t ecn, size_t segment_len) {
  uint8_t *tcp;

  assert(segment_len >= TCP_LEN);
  tcp = write_ip(pkt, HO_PROTO_TCP, src, dst, ecn, segment_len);
  set_label(pkt, &(ho_endpoint){*src, get16(tcp)},
            &(ho_endpoint){*dst, get16(tcp + 2)});
  put16(tcp + TCP_CHECKSUM, 0);
  ho_sum_store(tcp + TCP_CHECKSUM, ho_sum_bytes(tcp, segment_len) +
                                       sum_pseudo(pkt->data, src->family,
                                                  HO_PROTO_TCP, segment_len));
}

void ho_ip_write_rst(ho_packet *pkt, const ho_ip *ip) {
  uint8_t *tcp = pkt->data + ho_ip_header_len(ip->family);
  /* SYN and FIN take a sequence number each (RFC 9293, 3.4). */
  uint32_t seg_len = (uint32_t)(ip->total - ip->payload) +
                     !!(ip->tcp_flags & HO_TCP_SYN) +
                     !!(ip->tcp_flags & HO_TCP_FIN);

  assert(ip->proto == HO_PROTO_TCP && !(ip->tcp_flags & HO_TCP_RST));
  memset(tcp, 0, TCP_LEN);
  put16(tcp, ip->dst.port);
  put16(tcp + 2, ip->src.port);
  tcp[12] = TCP_LEN / 4 << 4;
  if (ip->tcp_flags & HO_TCP_ACK) {
    put32(tcp + 4, ip->tcp_ack);
    tcp[13] = HO_TCP_RST;
  } else {
    put32(tcp + 8, ip->tcp_seq + seg_len);
    tcp[13] = HO_TCP_RST | HO_TCP_ACK;
  }
  ho_ip_write_tcp(pkt, &ip->dst.addr, &ip->src.addr, 0, TCP_LEN);
}

/* sum_endpoint is of what set_endpoint replaces. */
static uint64_t sum_endpoint(const uint8_t *addr, size_t len,
                             const uint8_t *port) {
  return ho_sum_small(addr, len) + ho_sum_small(port, 2);
}

/* TCP's checksum is kept right, those of IPv4 and UDP are to be filled in:
 * HC' = ~(~HC + ~m + m') (RFC 1624, 3, equation 3). */
static void set_endpoint(ho_packet *pkt, const ho_ip *ip, size_t addr_at,
                         size_t port_at, const ho_endpoint *to) {
  uint8_t *addr = pkt->data + addr_at, *l4 = pkt->data + ip->l4;
  bool tcp = ip->proto == HO_PROTO_TCP;
  size_t len = ip->family == 4 ? 4 : 16;
  uint64_t sum = 0;
  uint16_t old;

  assert(to->addr.family == ip->family);
  assert(tcp || ip->proto == HO_PROTO_UDP);
  if (tcp) {
    memcpy(&old, l4 + TCP_CHECKSUM, 2);
    sum = (uint16_t)~old + (len / 2 + 1) * 0xffff -
          sum_endpoint(addr, len, l4 + port_at);
  }
  memcpy(addr, to->addr.bytes, len);
  put16(l4 + port_at, to->port);
  if (ip->family == 4) {
    put16(pkt->data + V4_CHECKSUM, 0);
  }
  if (tcp) {
    sum += sum_endpoint(addr, len, l4 + port_at);
    ho_sum_store(l4 + TCP_CHECKSUM, sum);
  } else {
    put16(l4 + UDP_CHECKSUM, 0);
  }
}

void ho_ip_set_src(ho_packet *pkt, ho_ip *ip, const ho_endpoint *src) {
  set_endpoint(pkt, ip, ip->family == 4 ? 12 : 8, 0, src);
  ip->src = *src;
}

void ho_ip_set_dst(ho_packet *pkt, ho_ip *ip, const ho_endpoint *dst) {
  set_endpoint(pkt, ip, ip->family == 4 ? 16 : 24, 2, dst);
  ip->dst = *dst;
}

/* The traffic class: byte 1 of IPv4, the nibbles around its border of IPv6.
 * Only IPv4's header has a checksum. */
void ho_ip_set_ecn(ho_packet *pkt, ho_ip *ip, uint8_t ecn) {
  uint8_t *p = pkt->data;

  if (ip->family == 4) {
    p[1] = (uint8_t)((p[1] & ~3) | ecn);
    put16(p + V4_CHECKSUM, 0);
  } else {
    p[1] = (uint8_t)((p[1] & 0xcf) | ecn << 4);
  }
  ip->ecn = ecn;
}

bool ho_ip_checksums_ok(const uint8_t *data, size_t len) {
  size_t l4_len;
  ho_ip ip;

  if (ho_ip_parse(&ip, data, len)) {
    return false;
  }
  l4_len = ip.total - ip.l4;
  if (ip.family == 4 && ho_sum_fold(ho_sum_small(data, ip.l4)) != 0xffff) {
    return false;
  }
  if (ip.proto != HO_PROTO_UDP && ip.proto != HO_PROTO_TCP) {
    return true;
  }
  if (ip.proto == HO_PROTO_UDP && get16(data + ip.l4 + UDP_CHECKSUM) == 0) {
    return ip.family == 4; /* over IPv6 it is mandatory (RFC 8200, 8.1) */
  }
  return ho_sum_fold(ho_sum_bytes(data + ip.l4, l4_len) +
                     sum_pseudo(data, ip.family, ip.proto, l4_len)) == 0xffff;
}
