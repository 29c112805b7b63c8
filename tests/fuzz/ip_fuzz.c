/* Fuzzes the packet parser, the rewriting of packets, and a NAT: any bytes are
 * refused or handled, and what is translated is translated back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net/ip.h"
#include "sim/net/nat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_ports(const ho_ip *ip) {
  return ip->proto == HO_PROTO_UDP || ip->proto == HO_PROTO_TCP;
}

/* rewrite there and back changes nothing, and right checksums stay right. */
static void try_rewrite(const ho_packet *original) {
  ho_packet pkt = *original;
  ho_endpoint src, dst;
  ho_ip ip, again;
  bool ok;

  ho_ip_fill(pkt.data, pkt.len);
  ok = ho_ip_checksums_ok(pkt.data, pkt.len);

  if (ho_ip_parse(&ip, pkt.data, pkt.len) || !has_ports(&ip)) {
    return;
  }
  assert(ip.l4 < ip.payload && ip.payload <= ip.total && ip.total <= pkt.len);
  src = ip.src;
  dst = ip.dst;
  ho_ip_set_src(&pkt, &ip, &dst);
  ho_ip_set_dst(&pkt, &ip, &src);
  ho_ip_fill(pkt.data, pkt.len);
  assert(!ok || ho_ip_checksums_ok(pkt.data, pkt.len));
  assert(ho_ip_parse(&again, pkt.data, pkt.len) == 0);
  assert(ho_endpoint_eq(&again.src, &dst) && ho_endpoint_eq(&again.dst, &src));
  ho_ip_set_src(&pkt, &ip, &src);
  ho_ip_set_dst(&pkt, &ip, &dst);
  ho_ip_fill(pkt.data, pkt.len);
  assert(!ok || ho_ip_checksums_ok(pkt.data, pkt.len));
}

static void try_rst(ho_pool *pool, const ho_packet *pkt) {
  ho_packet *rst;
  ho_ip ip;

  if (ho_ip_parse(&ip, pkt->data, pkt->len) || ip.proto != HO_PROTO_TCP ||
      (ip.tcp_flags & HO_TCP_RST)) {
    return;
  }
  rst = ho_packet_new(pool);
  ho_ip_write_rst(rst, &ip);
  ho_ip_fill(rst->data, rst->len);
  assert(ho_ip_checksums_ok(rst->data, rst->len));
  ho_packet_del(pool, rst);
}

/* The answer to a translated packet comes back to where that came from. */
static void try_nat(const ho_env *env, const ho_packet *original) {
  ho_nat_setup setup = {.name = "home",
                        .config = {.present = true,
                                   .mapping = HO_NAT_ADDRESS_PORT,
                                   .filtering = HO_NAT_ADDRESS_PORT,
                                   .udp_timeout = 60 * HO_SEC,
                                   .tcp_timeout = 7440 * HO_SEC,
                                   .ports = HO_NAT_PRESERVE,
                                   .pool = 2},
                        .owned = 4};
  ho_packet pkt = *original;
  ho_endpoint inside;
  ho_ip ip, back;
  ho_nat *nat;

  ho_addr_parse(&setup.base,
                pkt.data[0] >> 4 == 6 ? "2001:db8::1" : "203.0.113.1");
  nat = ho_nat_new(env, &setup);
  ho_nat_translate(nat, HO_DOWN, &pkt, 1);
  if (ho_nat_translate(nat, HO_UP, &pkt, 2) == HO_NAT_PASS) {
    assert(ho_ip_parse(&ip, original->data, original->len) == 0);
    inside = ip.src;
    assert(ho_ip_parse(&ip, pkt.data, pkt.len) == 0);
    back = ip;
    ho_ip_set_src(&pkt, &ip, &back.dst);
    ho_ip_set_dst(&pkt, &ip, &back.src);
    assert(ho_nat_translate(nat, HO_DOWN, &pkt, 3) == HO_NAT_PASS);
    assert(ho_ip_parse(&ip, pkt.data, pkt.len) == 0);
    assert(ho_endpoint_eq(&ip.dst, &inside));
    ho_nat_rebind(nat, HO_REBIND_BOTH, NULL, 4);
  }
  ho_nat_del(nat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ho_pool pool;
  static ho_log *log;
  ho_env env;
  ho_packet pkt;
  ho_ip ip;

  if (!log) {
    log = ho_log_new();
  }
  env = (ho_env){log, &pool, 1};
  ho_ip_parse(&ip, data, size); /* in the fuzzer's own buffer: exact bounds */
  ho_ip_checksums_ok(data, size);
  if (size > HO_PACKET_CAP) {
    return 0;
  }
  memset(&pkt, 0, sizeof(pkt));
  pkt.len = (uint32_t)size;
  memcpy(pkt.data, data, size);
  try_rewrite(&pkt);
  try_rst(&pool, &pkt);
  try_nat(&env, &pkt);
  return 0;
}
