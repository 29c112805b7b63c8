/* Goal: every field of an event counts in the hash and shows in its text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/event.h"

#include <string.h>

#include "tests/suite.h"

static const char *const nets[] = {"home", "cell"};

static const ho_event base = {
    .kind = HO_EV_datagram_sent,
    .t = 1500000000,
    .client = 0,
    .u.datagram_sent = {
        .packet = 7,
        .endpoint = HO_CLIENT,
        .net = 1,
        .proto = 17,
        .tuple = {{{4, {192, 0, 2, 9}}, 50000}, {{4, {192, 0, 2, 1}}, 443}},
        .bytes = 1228}};

START_TEST(text) {
  char buf[512];

  ck_assert_str_eq(ho_event_name(base.kind), "datagram_sent");
  ck_assert_str_eq(ho_event_detail(buf, sizeof(buf), &base, nets, 2),
                   "packet=7 endpoint=client net=cell proto=17 "
                   "tuple=192.0.2.9:50000>192.0.2.1:443 bytes=1228");
}
END_TEST

static void digest_of(const ho_event *ev, char hex[65]) {
  ho_log *log = ho_log_new();

  ho_log_emit(log, ev);
  ho_log_digest(log, hex);
  ho_log_del(log);
}

static void change(ho_event *ev, int which) {
  ho_ev_datagram_sent *d = &ev->u.datagram_sent;

  switch (which) {
  case 0:
    ev->t++;
    break;
  case 1:
    ev->client = 1;
    break;
  case 2:
    d->packet++;
    break;
  case 3:
    d->endpoint = HO_SERVER;
    break;
  case 4:
    d->net = -1;
    break;
  case 5:
    d->proto = 6;
    break;
  case 6:
    d->tuple.client.port++;
    break;
  case 7:
    d->tuple.server.addr.bytes[3]++;
    break;
  case 8:
    d->bytes++;
    break;
  }
}

START_TEST(every_field_is_hashed) {
  ho_event other = base;
  char a[65], b[65], c[65];

  change(&other, _i);
  digest_of(&base, a);
  digest_of(&base, b);
  digest_of(&other, c);
  ck_assert_str_eq(a, b);
  ck_assert_str_ne(a, c);
}
END_TEST

/* The digest may be asked for at any time and goes on afterwards. */
START_TEST(digest_does_not_disturb) {
  ho_log *asked = ho_log_new(), *left = ho_log_new();
  char a[65], b[65];

  for (int i = 0; i < 1000; i++) {
    ho_log_emit(asked, &base);
    ho_log_emit(left, &base);
    if (i % 100 == 0) {
      ho_log_digest(asked, a);
    }
  }
  ho_log_digest(asked, a);
  ho_log_digest(left, b);
  ck_assert_str_eq(a, b);
  ho_log_del(asked);
  ho_log_del(left);
}
END_TEST

static void count(void *user, const ho_event *ev) {
  (void)ev;
  ++*(int *)user;
}

START_TEST(subscribers_see_each_event) {
  ho_log *log = ho_log_new();
  int a = 0, b = 0;

  ho_log_subscribe(log, count, &a);
  ho_log_emit(log, &base);
  ho_log_subscribe(log, count, &b);
  ho_log_emit(log, &base);
  ck_assert_int_eq(a, 2);
  ck_assert_int_eq(b, 1);
  ho_log_del(log);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, text);
  tcase_add_loop_test(tc, every_field_is_hashed, 0, 9);
  tcase_add_test(tc, digest_does_not_disturb);
  tcase_add_test(tc, subscribers_see_each_event);
}

int main(void) {
  return suite_run("event", add);
}
