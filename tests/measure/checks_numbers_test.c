/* Goal: which packet numbers a receiver can tell from their bytes on the wire
 * (RFC 9000, 17.1 and A.3), and whose packets are (5.2): nothing else was
 * received. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "flow_rig.h"
#include "tests/suite.h"

typedef struct {
  uint64_t largest, pn;
  unsigned pn_len;
  bool recovers;
} number_case;

static const number_case cases[] = {
    {UINT64_MAX, 0, 1, true},
    {UINT64_MAX, 255, 1, true},
    {UINT64_MAX, 256, 1, false},
    {227, 101, 1, true}, /* 228 is expected, and half of 256 less */
    {227, 100, 1, false},
    {230, 100, 2, true},
    {32866, 100, 2, true},
    {32867, 100, 2, false},
    {255, 384, 1, true}, /* and half of 256 more */
    {255, 385, 1, false},
    {1 << 30, 100, 4, true},
    {99999, 100000, 1, true},
    {99999, 5, 0, true}, /* not known */
};

START_TEST(numbers) {
  const number_case *c = &cases[_i];
  ho_wire_packet p = {.pn = c->pn, .pn_len = c->pn_len};
  rig r;

  p.header.type = HO_WIRE_1RTT;
  rig_init(&r, 0);
  r.flow->ends[HO_CLIENT].largest_received[2] = c->largest;
  ck_assert_msg(ho_flow_recovers(r.flow, HO_CLIENT, &p) == c->recovers,
                "%llu in %u bytes after %llu", (unsigned long long)c->pn,
                c->pn_len, (unsigned long long)c->largest);
  rig_free(&r);
}
END_TEST

typedef struct {
  ho_side from;
  uint16_t port; /* the handshake's is 1000 */
  uint8_t cid_bytes;
  ho_wire_type type;
  bool confirmed, belongs;
} whose_case;

static const whose_case whose[] = {
    {HO_CLIENT, 1000, 0, HO_WIRE_1RTT, true, true},
    {HO_CLIENT, 1001, 0, HO_WIRE_1RTT, true, false},
    {HO_CLIENT, 1001, 1, HO_WIRE_1RTT, true, true},
    {HO_CLIENT, 1001, 0, HO_WIRE_1RTT, false, true}, /* others judge that */
    {HO_CLIENT, 1001, 0, HO_WIRE_HANDSHAKE, true, true},
    {HO_SERVER, 1001, 0, HO_WIRE_1RTT, true, true}, /* clients have sockets */
};

START_TEST(whose_packets) {
  const whose_case *c = &whose[_i];
  ho_wire_packet p = {.header = {.type = c->type}};
  ho_sighting s = {.from = c->from};
  rig r;

  p.header.dcid.len = c->cid_bytes;
  rig_init(&r, 0);
  if (c->confirmed) {
    rig_begin(&r);
  }
  s.tuple = r.tuple;
  s.tuple.client.port = c->port;
  ck_assert_int_eq(ho_flow_belongs(r.flow, &s, &p), c->belongs);
  rig_free(&r);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, whose_packets, 0, COUNT(whose));
  tcase_add_loop_test(tc, numbers, 0, COUNT(cases));
}

int main(void) {
  return suite_run("checks_numbers", add);
}
