/* Tests of IP, UDP and TCP headers: what is written is read back, checksums are
 * right by another way of computing them, and no input is unsafe. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/ip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/diag.h"
#include "sim/base/rng.h"
#include "tests/suite.h"

static ho_endpoint endpoint(const char *addr, uint16_t port) {
  ho_endpoint e = {.port = port};

  ck_assert_int_eq(ho_addr_parse(&e.addr, addr), 0);
  return e;
}

/* word_sum adds 16-bit words one by one in network order, as RFC 1071 says it
 * in its first sentence. */
static uint32_t word_sum(uint32_t sum, const uint8_t *p, size_t len) {
  for (size_t i = 0; i < len; i++) {
    sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

/* transport_sum is the sum over pseudo-header and segment; 0xffff if right. */
static uint32_t transport_sum(const uint8_t *data, size_t len) {
  bool v4 = data[0] >> 4 == 4;
  size_t l4 = v4 ? 20 : 40, l4_len = len - l4;
  uint8_t tail[4] = {0, data[v4 ? 9 : 6], (uint8_t)(l4_len >> 8),
                     (uint8_t)l4_len};
  uint32_t sum = word_sum(0, data + (v4 ? 12 : 8), v4 ? 8 : 32);

  sum = word_sum(sum, tail, 4);
  return word_sum(sum, data + l4, l4_len);
}

static void assert_valid(ho_packet *pkt) {
  ho_ip_fill(pkt->data, pkt->len);
  if (pkt->data[0] >> 4 == 4) {
    ck_assert_uint_eq(word_sum(0, pkt->data, 20), 0xffff);
  }
  ck_assert_uint_eq(transport_sum(pkt->data, pkt->len), 0xffff);
  ck_assert(ho_ip_checksums_ok(pkt->data, pkt->len));
}

/* Two packets' addresses, one of each family. */
static const struct {
  const char *src, *dst, *other;
  size_t header;
} families[] = {
    {"192.168.0.1", "192.168.0.199", "203.0.113.7", 20},
    {"2001:db8::1", "2001:db8:ffff::c7", "2001:db8:1:2:3:4:5:6", 40},
};

static void make_udp(ho_packet *pkt, int family, uint8_t ecn, size_t len,
                     ho_rng *rng) {
  ho_endpoint src = endpoint(families[family].src, 40000);
  ho_endpoint dst = endpoint(families[family].dst, 443);

  memset(pkt, 0, sizeof(*pkt));
  ho_rng_bytes(rng, pkt->data + families[family].header + 8, len);
  ho_ip_write_udp(pkt, &src, &dst, ecn, len);
  ho_ip_fill(pkt->data, pkt->len);
}

/* make_tcp has a header of 24 bytes (one option of 4). */
static void make_tcp(ho_packet *pkt, int family, uint8_t flags, uint32_t seq,
                     uint32_t ack, size_t payload) {
  ho_endpoint src = endpoint(families[family].src, 40000);
  ho_endpoint dst = endpoint(families[family].dst, 443);
  uint8_t *tcp = pkt->data + families[family].header;
  const uint8_t header[24] = {40000 >> 8,
                              40000 & 0xff,
                              443 >> 8,
                              443 & 0xff,
                              (uint8_t)(seq >> 24),
                              (uint8_t)(seq >> 16),
                              (uint8_t)(seq >> 8),
                              (uint8_t)seq,
                              (uint8_t)(ack >> 24),
                              (uint8_t)(ack >> 16),
                              (uint8_t)(ack >> 8),
                              (uint8_t)ack,
                              6 << 4,
                              flags,
                              0xff,
                              0xff,
                              0xde,
                              0xad,
                              0,
                              0,
                              2,
                              4,
                              5,
                              180};

  memset(pkt, 0, sizeof(*pkt));
  memcpy(tcp, header, sizeof(header));
  memset(tcp + 24, 0x5a, payload);
  ho_ip_write_tcp(pkt, &src.addr, &dst.addr, 0, 24 + payload);
}

/* The header of a widely published example, and a whole UDP packet summed by
 * hand: 0a00 0001 0a00 0002 0011 000a 1234 0035 000a "hi" = 0x8efa. */
START_TEST(checksums_known) {
  static const uint8_t header[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40,
                                     0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8,
                                     0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  static const uint8_t small[30] = {
      0x45, 0x02, 0x00, 0x1e, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
      0x26, 0xcb, 0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x02,
      0x12, 0x34, 0x00, 0x35, 0x00, 0x0a, 0x71, 0x05, 'h',  'i'};
  ho_endpoint src = endpoint("10.0.0.1", 0x1234);
  ho_endpoint dst = endpoint("10.0.0.2", 53);
  ho_packet pkt = {0};
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  make_udp(&pkt, 0, 0, 0x73 - 28, &rng);
  ck_assert_uint_eq(pkt.len, 0x73);
  ck_assert_mem_eq(pkt.data, header, sizeof(header));
  memcpy(pkt.data + 28, "hi", 2);
  ho_ip_write_udp(&pkt, &src, &dst, 2, 2);
  ho_ip_fill(pkt.data, pkt.len);
  ck_assert_uint_eq(pkt.len, sizeof(small));
  ck_assert_mem_eq(pkt.data, small, sizeof(small));
}
END_TEST

/* UDP of every length, odd ones and empty ones too, in both families. */
START_TEST(udp_roundtrip) {
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (size_t len = 0; len <= 1472; len++) {
    for (int family = 0; family < 2; family++) {
      ho_packet pkt;
      ho_ip ip;

      make_udp(&pkt, family, len % 4, len, &rng);
      ck_assert_uint_eq(pkt.len, families[family].header + 8 + len);
      assert_valid(&pkt);
      ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
      ck_assert_uint_eq(ip.family, family ? 6 : 4);
      ck_assert_uint_eq(ip.proto, HO_PROTO_UDP);
      ck_assert_uint_eq(ip.ecn, len % 4);
      ck_assert_uint_eq(ip.ttl, 64);
      ck_assert_uint_eq(ip.l4, ho_ip_header_len(ip.family));
      ck_assert_uint_eq(ip.payload, families[family].header + 8);
      ck_assert_uint_eq(ip.total, pkt.len);
      ho_endpoint src = endpoint(families[family].src, 40000);
      ho_endpoint dst = endpoint(families[family].dst, 443);
      ck_assert(ho_endpoint_eq(&ip.src, &src));
      ck_assert(ho_endpoint_eq(&ip.dst, &dst));
    }
  }
}
END_TEST

START_TEST(tcp_roundtrip) {
  for (size_t payload = 0; payload <= 1400; payload += 7) {
    for (int family = 0; family < 2; family++) {
      ho_packet pkt;
      ho_ip ip;

      make_tcp(&pkt, family, HO_TCP_ACK | HO_TCP_PSH, 0xfffffff0, 77, payload);
      assert_valid(&pkt);
      ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
      ck_assert_uint_eq(ip.proto, HO_PROTO_TCP);
      ck_assert_uint_eq(ip.tcp_flags, HO_TCP_ACK | HO_TCP_PSH);
      ck_assert_uint_eq(ip.tcp_seq, 0xfffffff0);
      ck_assert_uint_eq(ip.tcp_ack, 77);
      ck_assert_uint_eq(ip.payload, families[family].header + 24);
      ck_assert_uint_eq(ip.src.port, 40000);
      ck_assert_uint_eq(ip.dst.port, 443);
    }
  }
}
END_TEST

/* A rewritten packet is the one that would have been built with the new
 * endpoints, checksums included, whatever the endpoints are. */
START_TEST(rewrite_equals_build) {
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int i = 0; i < 20000; i++) {
    int family = i % 2;
    size_t len = ho_rng_below(&rng, 40), addr = family ? 16 : 4;
    ho_packet pkt, built;
    ho_ip ip;

    make_udp(&pkt, family, 1, len, &rng);
    built = pkt;
    ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
    ho_endpoint src = ip.src, dst = ip.dst;
    ho_rng_bytes(&rng, src.addr.bytes, addr);
    ho_rng_bytes(&rng, dst.addr.bytes, addr);
    /* Words of all ones or zeros are where one's complement is ambiguous. */
    if (i % 5 == 0) {
      memset(src.addr.bytes, i % 10 ? 0xff : 0, addr);
    }
    src.port = i % 7 ? (uint16_t)ho_rng_u64(&rng) : 0xffff;
    dst.port = i % 11 ? (uint16_t)ho_rng_u64(&rng) : 0;
    ho_ip_set_src(&pkt, &ip, &src);
    assert_valid(&pkt);
    ho_ip_set_dst(&pkt, &ip, &dst);
    assert_valid(&pkt);
    ck_assert(ho_endpoint_eq(&ip.src, &src) && ho_endpoint_eq(&ip.dst, &dst));
    ho_ip_write_udp(&built, &src, &dst, 1, len);
    ho_ip_fill(built.data, built.len);
    ck_assert_uint_eq(built.len, pkt.len);
    if (ip.family == 6) {
      /* A flow's label is its host's: a NAT leaves it as it is. */
      ck_assert(memcmp(built.data + 1, pkt.data + 1, 3) != 0);
      memcpy(built.data + 1, pkt.data + 1, 3);
    }
    ck_assert_mem_eq(built.data, pkt.data, pkt.len);
  }
}
END_TEST

START_TEST(rewrite_tcp_and_back) {
  for (int family = 0; family < 2; family++) {
    ho_endpoint other = endpoint(families[family].other, 1024), src;
    ho_packet pkt, before;
    ho_ip ip;

    make_tcp(&pkt, family, HO_TCP_ACK, 1, 2, 333);
    before = pkt;
    ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
    src = ip.src;
    ho_ip_set_src(&pkt, &ip, &other);
    assert_valid(&pkt);
    ck_assert(memcmp(pkt.data, before.data, pkt.len) != 0);
    ho_ip_set_src(&pkt, &ip, &src);
    ck_assert_mem_eq(pkt.data, before.data, pkt.len);
  }
}
END_TEST

/* UDP's 0 means "no checksum": never filled in, and wrong over IPv6 (RFC 768;
 * RFC 8200, 8.1).  Within the simulation it is what is to be filled in. */
START_TEST(udp_checksum_zero) {
  ho_endpoint src = endpoint("192.0.2.1", 1), dst = endpoint("192.0.2.2", 2);
  ho_packet pkt = {0};
  int zeros = 0;
  ho_rng rng;
  ho_ip ip;

  for (uint32_t x = 0; x <= 0xffff; x++) {
    pkt.data[28] = (uint8_t)(x >> 8);
    pkt.data[29] = (uint8_t)x;
    ho_ip_write_udp(&pkt, &src, &dst, 0, 2);
    ck_assert_uint_eq(pkt.data[26] | pkt.data[27], 0);
    ho_ip_fill(pkt.data, pkt.len);
    ck_assert(pkt.data[26] || pkt.data[27]);
    zeros += pkt.data[26] == 0xff && pkt.data[27] == 0xff;
  }
  ck_assert_int_ge(zeros, 1);

  ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
  ho_ip_set_src(&pkt, &ip, &dst);
  ck_assert_uint_eq(pkt.data[10] | pkt.data[11], 0);
  ck_assert_uint_eq(pkt.data[26] | pkt.data[27], 0);
  ho_ip_fill(pkt.data, pkt.len);
  ck_assert(ho_ip_checksums_ok(pkt.data, pkt.len));

  ho_rng_init(&rng, 1, "test");
  make_udp(&pkt, 1, 0, 10, &rng);
  pkt.data[46] = pkt.data[47] = 0;
  ck_assert(!ho_ip_checksums_ok(pkt.data, pkt.len));
}
END_TEST

/* Every flipped bit of a packet is noticed or changes only what no checksum
 * covers (IPv6's first 8 bytes but for the length; RFC 8200, 3).  The version
 * and IPv6's next header are left alone: with others it is another packet. */
START_TEST(corruption_is_noticed) {
  ho_rng rng;

  ho_rng_init(&rng, 1, "test");
  for (int family = 0; family < 2; family++) {
    ho_packet pkt;

    make_udp(&pkt, family, 0, 33, &rng);
    for (uint32_t bit = 4; bit < pkt.len * 8; bit++) {
      bool covered = family == 0 || (bit >= 32 && bit < 48) || bit >= 64;

      if (family == 1 && bit / 8 == 6) {
        continue;
      }
      pkt.data[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
      ck_assert_msg(ho_ip_checksums_ok(pkt.data, pkt.len) == !covered,
                    "family %d, bit %u", family, bit);
      pkt.data[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
  }
}
END_TEST

/* RFC 9293, 3.10.7.1: which sequence number and acknowledgment a RST has. */
START_TEST(rst_answers) {
  static const struct {
    uint8_t flags;
    uint32_t seq, ack;
    size_t payload;
    uint8_t rst_flags;
    uint32_t rst_seq, rst_ack;
  } cases[] = {
      {HO_TCP_SYN, 100, 0, 0, HO_TCP_RST | HO_TCP_ACK, 0, 101},
      {HO_TCP_FIN, 100, 0, 10, HO_TCP_RST | HO_TCP_ACK, 0, 111},
      {HO_TCP_PSH, 0xffffffff, 0, 2, HO_TCP_RST | HO_TCP_ACK, 0, 1},
      {HO_TCP_ACK, 100, 5555, 10, HO_TCP_RST, 5555, 0},
      {HO_TCP_ACK | HO_TCP_SYN, 100, 5555, 0, HO_TCP_RST, 5555, 0},
  };

  for (size_t i = 0; i < COUNT(cases) * 2; i++) {
    size_t c = i / 2;
    ho_packet pkt, rst = {0};
    ho_ip ip, got;

    memset(rst.data, 0xee, sizeof(rst.data));
    make_tcp(&pkt, i % 2, cases[c].flags, cases[c].seq, cases[c].ack,
             cases[c].payload);
    ck_assert_int_eq(ho_ip_parse(&ip, pkt.data, pkt.len), 0);
    ho_ip_write_rst(&rst, &ip);
    assert_valid(&rst);
    ck_assert_int_eq(ho_ip_parse(&got, rst.data, rst.len), 0);
    ck_assert_uint_eq(got.total, got.payload);
    ck_assert(ho_endpoint_eq(&got.src, &ip.dst));
    ck_assert(ho_endpoint_eq(&got.dst, &ip.src));
    ck_assert_uint_eq(got.tcp_flags, cases[c].rst_flags);
    ck_assert_uint_eq(got.tcp_seq, cases[c].rst_seq);
    ck_assert_uint_eq(got.tcp_ack, cases[c].rst_ack);
  }
}
END_TEST

/* Every truncation is refused, in a buffer that ends where the bytes do, so
 * that a sanitizer sees any read beyond. */
START_TEST(truncated) {
  for (int i = 0; i < 4; i++) {
    ho_packet pkt;
    ho_rng rng;
    ho_ip ip;

    ho_rng_init(&rng, 1, "test");
    if (i < 2) {
      make_udp(&pkt, i, 0, 50, &rng);
    } else {
      make_tcp(&pkt, i - 2, HO_TCP_ACK, 1, 2, 50);
    }
    for (uint32_t len = 0; len < pkt.len; len++) {
      uint8_t *copy = malloc(len ? len : 1);

      ck_assert_ptr_nonnull(copy);
      memcpy(copy, pkt.data, len);
      ck_assert_int_eq(ho_ip_parse(&ip, copy, len), HO_ERR_INPUT);
      ck_assert(!ho_ip_checksums_ok(copy, len));
      free(copy);
    }
  }
}
END_TEST

/* One byte changed so that the packet must be refused, or must not. */
START_TEST(malformed) {
  static const struct {
    const char *what;
    int family;
    bool tcp;
    size_t at;
    uint8_t value;
    int result;
  } cases[] = {
      {"unchanged", 0, false, 0, 0x45, 0},
      {"version 5", 0, false, 0, 0x55, HO_ERR_INPUT},
      {"IHL 4", 0, false, 0, 0x44, HO_ERR_INPUT},
      {"options that leave too little", 0, false, 0, 0x4f, HO_ERR_INPUT},
      {"longer than it is", 0, false, 2, 1, HO_ERR_INPUT},
      {"DF", 0, false, 6, 0x40, 0},
      {"more fragments", 0, false, 6, 0x20, HO_ERR_INPUT},
      {"fragment offset", 0, false, 7, 1, HO_ERR_INPUT},
      {"another protocol", 0, false, 9, 1, 0},
      {"UDP length too large", 0, false, 24, 1, HO_ERR_INPUT},
      {"UDP length too small", 0, false, 25, 9, HO_ERR_INPUT},
      {"TCP offset too small", 0, true, 32, 0x40, HO_ERR_INPUT},
      {"TCP offset too large", 0, true, 32, 0xf0, HO_ERR_INPUT},
      {"v6 longer than it is", 1, false, 4, 1, HO_ERR_INPUT},
      {"hop-by-hop", 1, false, 6, 0, HO_ERR_INPUT},
      {"fragment header", 1, false, 6, 44, HO_ERR_INPUT},
      {"destination options", 1, false, 6, 60, HO_ERR_INPUT},
      {"ICMPv6", 1, false, 6, 58, 0},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ho_packet pkt;
    ho_rng rng;
    ho_ip ip;

    ho_rng_init(&rng, 1, "test");
    if (cases[i].tcp) {
      make_tcp(&pkt, cases[i].family, HO_TCP_ACK, 1, 2, 0);
    } else {
      make_udp(&pkt, cases[i].family, 0, 20, &rng);
    }
    pkt.data[cases[i].at] = cases[i].value;
    ck_assert_msg(ho_ip_parse(&ip, pkt.data, pkt.len) == cases[i].result, "%s",
                  cases[i].what);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, checksums_known);
  tcase_add_test(tc, udp_roundtrip);
  tcase_add_test(tc, tcp_roundtrip);
  tcase_add_test(tc, rewrite_equals_build);
  tcase_add_test(tc, rewrite_tcp_and_back);
  tcase_add_test(tc, udp_checksum_zero);
  tcase_add_test(tc, corruption_is_noticed);
  tcase_add_test(tc, rst_answers);
  tcase_add_test(tc, truncated);
  tcase_add_test(tc, malformed);
  tcase_set_timeout(tc, 60);
}

int main(void) {
  return suite_run("ip", add);
}
