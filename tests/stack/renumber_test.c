/* Goal: to the endpoint, an ACK says what it would without extra packets. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/renumber.h"

#include <string.h>

#include "sim/base/rng.h"
#include "sim/wire/writer.h"
#include "tests/suite.h"

enum { PACKETS = 400, ROUNDS = 300, EXTRA = -1, NOT_SENT = -2 };

/* The naive model: what each number on the wire is. */
typedef struct {
  fault_numbers numbers;
  int64_t own[2 * PACKETS]; /* the endpoint's number; EXTRA; NOT_SENT */
  bool marked[2 * PACKETS];
  bool received[2 * PACKETS];
  uint64_t next_own, end; /* of the wire's */
} model;

static void send_own(model *m, ho_rng *rng) {
  uint64_t expected, wire;

  m->next_own += ho_rng_below(rng, 20) == 0; /* endpoints skip some, too */
  expected = wire = fault_numbers_out(&m->numbers, m->next_own);
  ck_assert_uint_ge(wire, m->end);
  if (ho_rng_below(rng, 30) == 0) {
    wire += 1 + ho_rng_below(rng, 5); /* and so do faults */
  }
  fault_numbers_used(&m->numbers, expected, wire);
  while (m->end < wire) {
    m->own[m->end++] = NOT_SENT;
  }
  m->own[m->end++] = (int64_t)m->next_own++;
}

static void send_extra(model *m, ho_rng *rng) {
  uint8_t ecn = ho_rng_below(rng, 2) ? 2 : 0;

  ck_assert_uint_eq(fault_numbers_extra(&m->numbers, ecn), m->end);
  m->marked[m->end] = ecn == 2;
  m->own[m->end++] = EXTRA;
}

static void send_some(model *m, ho_rng *rng) {
  uint64_t extras = ho_rng_below(rng, 60);
  uint64_t count = 1 + ho_rng_below(rng, PACKETS - 10);

  for (uint64_t i = 0; i < count && m->end < 2 * PACKETS - 10; i++) {
    if (ho_rng_below(rng, 100) < extras) {
      send_extra(m, rng);
    } else {
      send_own(m, rng);
    }
  }
}

static void lose_some(model *m, ho_rng *rng) {
  uint64_t loss = ho_rng_below(rng, 50);

  for (uint64_t i = 0; i < m->end; i++) {
    m->received[i] |= m->own[i] != NOT_SENT && ho_rng_below(rng, 100) >= loss;
  }
}

/* The ACK of a peer that has |m->received| from |from| on; 0: of nothing. */
static size_t peer_ack(const model *m, uint64_t from, bool ecn, uint64_t ect0,
                       uint8_t *dest, size_t cap) {
  uint64_t first[2 * PACKETS], last[2 * PACKETS];
  ho_writer w = {dest, dest + cap, false};
  size_t count = 0;

  for (uint64_t i = m->end; i-- > from;) {
    if (!m->received[i]) {
      continue;
    }
    if (count > 0 && first[count - 1] == i + 1) {
      first[count - 1] = i;
    } else {
      first[count] = last[count] = i;
      count++;
    }
  }
  if (count == 0) {
    return 0;
  }
  ho_writer_varint(&w, ecn ? HO_FRAME_ACK_ECN : HO_FRAME_ACK);
  ho_writer_varint(&w, last[0]);
  ho_writer_varint(&w, 777);
  ho_writer_varint(&w, count - 1);
  ho_writer_varint(&w, last[0] - first[0]);
  for (size_t i = 1; i < count; i++) {
    ho_writer_varint(&w, first[i - 1] - last[i] - 2);
    ho_writer_varint(&w, last[i] - first[i]);
  }
  if (ecn) {
    ho_writer_varint(&w, ect0);
    ho_writer_varint(&w, 3);
    ho_writer_varint(&w, 5);
  }
  ck_assert(!w.full);
  return (size_t)(w.p - dest);
}

/* |ack| is of exactly the endpoint's packets that came, in ranges with gaps
 * between them (19.3.1 has no other). */
static void check_ack(const model *m, uint64_t from, const ho_frame *ack) {
  bool want[2 * PACKETS] = {false}, got[2 * PACKETS] = {false};
  uint64_t first = 0, last = 0, before = UINT64_MAX;
  size_t at = 0;

  for (uint64_t i = from; i < m->end; i++) {
    if (m->received[i] && m->own[i] >= 0) {
      want[m->own[i]] = true;
    }
  }
  while (ho_frame_ack_next(ack, &at, &first, &last)) {
    ck_assert_uint_lt(last + 1, before);
    before = first;
    for (uint64_t i = first; i <= last; i++) {
      ck_assert_uint_lt(i, m->next_own);
      got[i] = true;
    }
  }
  for (uint64_t i = 0; i < m->next_own; i++) {
    ck_assert_msg(want[i] == got[i], "packet %llu", (unsigned long long)i);
  }
}

static bool has_own(const model *m, uint64_t from) {
  for (uint64_t i = from; i < m->end; i++) {
    if (m->received[i] && m->own[i] >= 0) {
      return true;
    }
  }
  return false;
}

/* Marked extras stay counted, if the peer has ever named them. */
static uint64_t count_marked(model *m, uint64_t from, bool *named) {
  uint64_t n = 0;

  for (uint64_t i = 0; i < m->end; i++) {
    named[i] |= i >= from && m->marked[i] && m->received[i];
    n += named[i];
  }
  return n;
}

static void acknowledge(model *m, uint64_t from, bool ecn, bool *named) {
  uint64_t marked = ecn ? count_marked(m, from, named) : 0, ect0 = 1000;
  uint8_t before[8192], after[8192];
  size_t n = peer_ack(m, from, ecn, ect0, before, sizeof(before)), k;
  ho_frame ack;

  if (n == 0) {
    return;
  }
  ck_assert_uint_eq(ho_frame_next(&ack, before, n), n);
  k = fault_numbers_ack(&m->numbers, &ack, after, sizeof(after));
  ck_assert_int_eq(k > 0, has_own(m, from));
  if (k == 0) {
    return;
  }
  ck_assert_uint_le(k, n);
  ck_assert_uint_eq(fault_numbers_ack(&m->numbers, &ack, after, k - 1), 0);
  ck_assert_uint_eq(fault_numbers_ack(&m->numbers, &ack, after, k), k);
  ck_assert_uint_eq(ho_frame_next(&ack, after, k), k);
  ck_assert_uint_eq(ack.delay, 777);
  ck_assert_uint_eq(ack.type, ecn ? HO_FRAME_ACK_ECN : HO_FRAME_ACK);
  check_ack(m, from, &ack);
  if (ecn) {
    ck_assert_uint_eq(ack.ect0, ect0 - marked);
    ck_assert_uint_eq(ack.ect1, 3);
    ck_assert_uint_eq(ack.ce, 5);
  }
}

START_TEST(acks_are_as_without_extras) {
  ho_rng rng;

  ho_rng_init(&rng, 1, "renumber");
  for (int i = 0; i < ROUNDS; i++) {
    model m = {.next_own = ho_rng_below(&rng, 3)};
    bool named[2 * PACKETS] = {false};

    m.end = m.numbers.next = m.next_own;
    for (uint64_t k = 0; k < m.end; k++) {
      m.own[k] = NOT_SENT; /* 0-RTT, say */
    }
    for (int burst = 0; burst < 3; burst++) {
      send_some(&m, &rng);
      lose_some(&m, &rng);
      acknowledge(&m, ho_rng_below(&rng, m.end), ho_rng_below(&rng, 2), named);
      acknowledge(&m, 0, ho_rng_below(&rng, 2), named);
    }
    fault_numbers_free(&m.numbers);
  }
}
END_TEST

/* A number that is used again takes nothing from the next ones. */
START_TEST(a_number_may_come_again) {
  fault_numbers n = {0};

  for (uint64_t i = 0; i < 5; i++) {
    fault_numbers_used(&n, i, i);
  }
  ck_assert_uint_eq(fault_numbers_extra(&n, 0), 5);
  ck_assert_uint_eq(fault_numbers_out(&n, 5), 6);
  fault_numbers_used(&n, 6, 2);
  ck_assert_uint_eq(fault_numbers_out(&n, 6), 7);
  ck_assert_uint_eq(fault_numbers_extra(&n, 0), 7);
  fault_numbers_free(&n);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, acks_are_as_without_extras);
  tcase_add_test(tc, a_number_may_come_again);
}

int main(void) {
  return suite_run("renumber", add);
}
