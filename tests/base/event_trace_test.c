/* Goal: two sequences of events have the same hash exactly if they are the same
 * sequence. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/trace.h"

#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

enum { EVENTS = 12, CHANGES = 22 };

/* Datagrams of both ends, by two paths, and what else there is: CIDs, tokens,
 * texts and endpoints. */
static ho_event event_at(int i) {
  ho_side side = i % 3 == 2 ? HO_SERVER : HO_CLIENT;
  ho_event ev = {.t = 1000000 + (ho_time)(i / 2) * 777, .client = 0};

  switch (i % 6) {
  case 4:
    ev.kind = HO_EV_cid_issued;
    ev.u.cid_issued = (ho_ev_cid_issued){.endpoint = side,
                                         .sequence = (uint64_t)i / 6,
                                         .cid = {4, {1, 2, 3, 4}},
                                         .token = {{9}}};
    break;
  case 5:
    ev.kind = HO_EV_quic_sent;
    ev.u.quic_sent = (ho_ev_quic_sent){.endpoint = side,
                                       .packet = (uint64_t)i,
                                       .type = "1rtt",
                                       .pn = (uint64_t)i * 300,
                                       .dcid = {4, {1, 2, 3, 4}},
                                       .bytes = 1200};
    break;
  default:
    ev.kind = HO_EV_datagram_sent;
    ev.u.datagram_sent = (ho_ev_datagram_sent){
        .packet = (uint64_t)i,
        .endpoint = side,
        .net = i < 6 ? 0 : -1,
        .proto = 17,
        .tuple = {{{4, {192, 0, 2, 9}}, 50000}, {{4, {192, 0, 2, 1}}, 443}},
        .bytes = 1228};
    break;
  }
  return ev;
}

/* Changes one thing of |ev|; returns false where it has no such thing. */
static bool change_datagram(ho_ev_datagram_sent *d, int which) {
  switch (which) {
  case 0:
    d->packet++;
    return true;
  case 1:
    d->endpoint = d->endpoint == HO_CLIENT ? HO_SERVER : HO_CLIENT;
    return true;
  case 2:
    d->net++;
    return true;
  case 3:
    d->proto = 6;
    return true;
  case 4:
    d->tuple.client.port++;
    return true;
  case 5:
    d->tuple.client.addr.bytes[0]++;
    return true;
  case 6:
    d->tuple.server.addr.family = 6;
    return true;
  case 7:
    d->bytes ^= UINT64_C(1) << 63;
    return true;
  default:
    return false;
  }
}

static bool change_cid(ho_ev_cid_issued *c, int which) {
  switch (which) {
  case 8:
    c->connection++;
    return true;
  case 9:
    c->sequence += 256;
    return true;
  case 10:
    c->cid.len = 3;
    return true;
  case 11:
    c->cid.bytes[3]++;
    return true;
  case 12:
    c->token.bytes[15]++;
    return true;
  case 13:
    c->cid.len = 0;
    return true;
  default:
    return false;
  }
}

static bool change_quic(ho_ev_quic_sent *q, int which) {
  switch (which) {
  case 14:
    q->type = "1rt";
    return true;
  case 15:
    q->type = NULL;
    return true;
  case 16:
    q->pn--;
    return true;
  case 17:
    q->eliciting = 1;
    return true;
  case 18:
    q->dcid.bytes[0]++;
    return true;
  default:
    return false;
  }
}

static bool change(ho_event *ev, int which) {
  switch (which) {
  case 19:
    ev->t++;
    return true;
  case 20:
    ev->client = -1;
    return true;
  case 21:
    ev->t ^= UINT64_C(1) << 40;
    return true;
  default:
    break;
  }
  switch (ev->kind) {
  case HO_EV_datagram_sent:
    return change_datagram(&ev->u.datagram_sent, which);
  case HO_EV_cid_issued:
    return change_cid(&ev->u.cid_issued, which);
  default:
    return change_quic(&ev->u.quic_sent, which);
  }
}

/* The hash of all events, with |which| changed in number |at|. */
static bool digest_of(int at, int which, char hex[65]) {
  ho_trace *trace = ho_trace_new();
  bool changed = true;

  for (int i = 0; i < EVENTS; i++) {
    ho_event ev = event_at(i);

    if (i == at) {
      changed = change(&ev, which);
    }
    ho_trace_add(trace, &ev);
  }
  ho_trace_digest(trace, hex);
  ho_trace_del(trace);
  return changed;
}

/* Any change of any event counts, and no two changes come to the same. */
START_TEST(every_field_of_every_event_counts) {
  static char seen[EVENTS * CHANGES + 1][65];
  size_t count = 1;

  digest_of(-1, 0, seen[0]);
  for (int at = 0; at < EVENTS; at++) {
    for (int which = 0; which < CHANGES; which++) {
      if (!digest_of(at, which, seen[count])) {
        continue;
      }
      for (size_t i = 0; i < count; i++) {
        ck_assert_str_ne(seen[i], seen[count]);
      }
      count++;
    }
  }
  ck_assert_uint_eq(count, 1 + 8 * 8 + 2 * 6 + 2 * 5 + 12 * 3);
}
END_TEST

static void digest_in_order(const int *order, size_t count, char hex[65]) {
  ho_trace *trace = ho_trace_new();

  for (size_t i = 0; i < count; i++) {
    ho_event ev = event_at(order[i]);
    ho_trace_add(trace, &ev);
  }
  ho_trace_digest(trace, hex);
  ho_trace_del(trace);
}

START_TEST(order_and_number_count) {
  static const int orders[][4] = {
      {0, 1, 2, 0}, {0, 1, 0, 2}, {1, 0, 2, 0}, {0, 0, 0, 0}, {0, 0, 0, 1}};
  char digests[COUNT(orders) + 1][65];

  digest_in_order(orders[0], 3, digests[COUNT(orders)]);
  for (size_t i = 0; i < COUNT(orders); i++) {
    digest_in_order(orders[i], 4, digests[i]);
    ck_assert_str_ne(digests[i], digests[COUNT(orders)]);
    for (size_t j = 0; j < i; j++) {
      ck_assert_str_ne(digests[i], digests[j]);
    }
  }
}
END_TEST

/* What the same events have hashed to so far, so that nobody changes every
 * trace_sha256 without meaning to. */
START_TEST(the_encoding_stands) {
  char hex[65];

  digest_of(-1, 0, hex);
  ck_assert_str_eq(
      hex, "b82528303dd32fbf443e5502376b8340f984e30521b7aab86db761fb039d6c71");
}
END_TEST

/* More than fits into what is hashed at once. */
START_TEST(long_runs_are_hashed_in_pieces) {
  ho_trace *a = ho_trace_new(), *b = ho_trace_new();
  char x[65], y[65];

  for (int i = 0; i < 20000; i++) {
    ho_event ev = event_at(i);

    ho_trace_add(a, &ev);
    ho_trace_add(b, &ev);
    if (i % 999 == 0) {
      ho_trace_digest(a, x); /* which disturbs nothing */
    }
  }
  ho_trace_digest(a, x);
  ho_trace_digest(b, y);
  ck_assert_str_eq(x, y);
  ho_trace_del(a);
  ho_trace_del(b);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, every_field_of_every_event_counts);
  tcase_add_test(tc, order_and_number_count);
  tcase_add_test(tc, the_encoding_stands);
  tcase_add_test(tc, long_runs_are_hashed_in_pieces);
}

int main(void) {
  return suite_run("event trace", add);
}
