/* Goal: a client follows its networks as an operating system would: where it
 * begins, when it goes back to a better one, and what it is told of cells. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "runs.h"
#include "story.h"
#include "tests/suite.h"

#define QUIC HO_TRANSPORT_QUIC

static const tale beginnings[] = {
    /* The preferred network is not there: the first that is. */
    {.stop = 2,
     .steps = {AT(0, LOSE, HOME), AT(0, LOSE, CELL)},
     .answered = 2,
     .expected = "0 open 0 quic cafe full; 22 ready 0; 22 use 0"},
    /* What happens before the client is there is no news to it. */
    {.stop = 4,
     .steps = {AT(200, LOSE, HOME), AT(500, SWITCH, CELL), AT(700, GAIN, HOME),
               AT(2500, START, HOME)},
     .answered = 2,
     .expected = "2500 open 0 quic cell full; 2522 ready 0; 2522 use 0"},
    {.stop = 4,
     .returns = HO_SEC,
     .steps = {AT(200, LOSE, HOME), AT(700, GAIN, HOME), AT(800, X2, HOME),
               AT(800, MIGRATE, CELL), AT(2500, START, HOME),
               AT(3000, LOSE, HOME)},
     .answered = 2,
     .expected =
         "2500 open 0 quic home full; 2522 ready 0; 2522 use 0; 3000 default "
         "cell; 3000 radio home>cell 3000/0; 3030 notice cell notice"},
    /* With no network it waits for one. */
    {.stop = 4,
     .steps = {AT(0, LOSE, HOME), AT(0, LOSE, CELL), AT(0, LOSE, CAFE),
               AT(1500, GAIN, CELL), AT(2500, GAIN, HOME)},
     .answered = 4,
     .expected = "1500 default cell; 1500 open 0 quic cell full; 1522 ready 0; "
                 "1522 use 0"},
    /* for ever */
    {.stop = 4,
     .steps = {AT(0, LOSE, HOME), AT(0, LOSE, CELL), AT(0, LOSE, CAFE)},
     .answered = 0,
     .expected = ""},
};

START_TEST(a_client_begins_with_what_there_is) {
  ck_assert_int_eq(tale_run(&beginnings[_i], QUIC), 0);
}
END_TEST

START_TEST(tcp_begins_with_what_there_is) {
  static const tale t = {.stop = 4,
                         .steps = {AT(0, LOSE, HOME), AT(0, LOSE, CELL),
                                   AT(0, LOSE, CAFE), AT(1500, GAIN, CELL),
                                   AT(2500, GAIN, HOME)},
                         .answered = 4,
                         .expected = "1500 default cell; 1500 open 0 tcp cell "
                                     "full; 1541 ready 0; 1541 use 0"};

  ck_assert_int_eq(tale_run(&t, HO_TRANSPORT_TCP), 0);
}
END_TEST

static const tale returns[] = {
    /* Back for a second: the OS goes back, while the other still works. */
    {.stop = 5,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, HOME), AT(2200, GAIN, HOME)},
     .answered = 4,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 3200 default "
         "home; 3200 switch cell>home 3200/2200; 3230 notice home notice"},
    /* A break, and it is counted anew. */
    {.stop = 6,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, HOME), AT(2200, GAIN, HOME), AT(3100, LOSE, HOME),
               AT(3200, GAIN, HOME)},
     .answered = 6,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 4200 default "
         "home; 4200 switch cell>home 4200/3200; 4230 notice home notice"},
    /* never, if it is off, and not to what stands behind */
    {.stop = 6,
     .steps = {AT(1500, LOSE, HOME), AT(2200, GAIN, HOME)},
     .answered = 6,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 1530 notice cell notice"},
    {.stop = 6,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, CELL), AT(2200, GAIN, CELL)},
     .answered = 6,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0"},
    /* What was left though it worked is not gone back to. */
    {.stop = 5,
     .returns = HO_SEC,
     .steps = {AT(1500, SWITCH, CELL)},
     .answered = 5,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 switch home>cell 1500/0; 1530 notice cell notice"},
    {.stop = 6,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, HOME), AT(2200, GAIN, HOME),
               AT(3500, SWITCH, CELL)},
     .answered = 6,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 3200 default "
         "home; 3200 switch cell>home 3200/2200; 3230 notice home notice; 3500 "
         "default cell; 3500 switch home>cell 3500/0; 3530 notice cell notice"},
    /* From better to better, each in its time. */
    {.stop = 6,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, HOME), AT(1600, LOSE, CELL), AT(2000, GAIN, CELL),
               AT(2500, GAIN, HOME)},
     .answered = 6,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 1530 notice cell notice; "
                 "1600 default cafe; 1600 radio cell>cafe 1600/0; 1630 notice "
                 "cafe notice; 3000 default cell; 3000 switch cafe>cell "
                 "3000/2000; 3030 notice cell notice; 3500 default home; 3500 "
                 "switch cell>home 3500/2500; 3530 notice home notice"},
    /* The network in use goes just before: no second switch. */
    {.stop = 5,
     .returns = HO_SEC,
     .steps = {AT(1500, LOSE, HOME), AT(2200, GAIN, HOME),
               AT(3100, LOSE, CELL)},
     .answered = 4,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 3100 default "
         "home; 3100 radio cell>home 3100/2200; 3130 notice home notice"},
};

START_TEST(the_os_goes_back) {
  ck_assert_int_eq(tale_run(&returns[_i], QUIC), 0);
}
END_TEST

static const tale cells[] = {
    {.stop = 3,
     .steps = {AT(1500, X2, HOME)},
     .answered = 3,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 x2 "
                 "home>home 1460/1500"},
    /* A network that nobody uses has no handoff, nor one that is gone. */
    {.stop = 3,
     .steps = {AT(1500, X2, CELL)},
     .answered = 3,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0"},
    {.stop = 3,
     .steps = {AT(100, LOSE, CELL), AT(100, LOSE, CAFE), AT(1500, LOSE, HOME),
               AT(1600, X2, HOME)},
     .answered = 2,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default none"},
    /* The kind and the time of a loss are told when a network comes. */
    {.stop = 4,
     .steps = {AT(100, LOSE, CELL), AT(100, LOSE, CAFE), AT(1500, LOSE, HOME),
               AT(2600, GAIN, CAFE)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "none; 2600 default cafe; 2600 radio home>cafe 1500/2600; "
                 "2630 notice cafe notice"},
};

START_TEST(a_client_hears_of_its_cells) {
  ck_assert_int_eq(tale_run(&cells[_i], QUIC), 0);
}
END_TEST

/* ---- packet sizes ---- */

typedef struct {
  ho_transport_kind transport;
  uint32_t mtu[2];
  uint32_t largest[2]; /* packet by network, after a switch to the second */
} sizes;

static const sizes interfaces[] = {
    /* TCP's segments are made for the interface. */
    {HO_TRANSPORT_TCP, {1500, 1400}, {1500, 1400}},
    {HO_TRANSPORT_TCP, {1300, 1500}, {1300, 1500}},
    /* QUIC probes for what a path takes, in ngtcp2's steps. */
    {HO_TRANSPORT_QUIC, {1500, 1400}, {1472, 1434}},
    {HO_TRANSPORT_QUIC, {1300, 1500}, {1434, 1472}},
};

static void upload(void *user) {
  static const rig_step step = AT(2000, SWITCH, CELL);
  const sizes *s = user;
  bool wrong = false;
  rig r;

  rig_load(&r,
           "name: t\nstop: 4s\nnetworks:\n"
           "  home: {type: wired, down: 9Mbps, up: 9Mbps, delay: 10ms}\n"
           "  cell: {type: wired, down: 9Mbps, up: 9Mbps, delay: 10ms}\n"
           "client: {notice: 30ms}\n"
           "workload: {type: upload, bytes: 9MB}\n"
           "arms:\n  a: {transport: quic}\n",
           s->transport);
  for (int i = 0; i < 2; i++) {
    r.scenario->nets[i].mtu = s->mtu[i];
  }
  rig_make(&r, 1, NULL, NULL);
  rig_run(&r, &step, 1);
  for (int i = 0; i < 2; i++) {
    if (r.nets[i].largest != s->largest[i]) {
      fprintf(stderr, "network %d: largest packet %u\n", i, r.nets[i].largest);
      wrong = true;
    }
  }
  if (wrong) {
    _Exit(3);
  }
  rig_free(&r);
}

START_TEST(packets_fit_their_interface) {
  ck_assert_int_eq(runs_alone(upload, (void *)&interfaces[_i]), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_client_begins_with_what_there_is, 0,
                      (int)COUNT(beginnings));
  tcase_add_test(tc, tcp_begins_with_what_there_is);
  tcase_add_loop_test(tc, the_os_goes_back, 0, (int)COUNT(returns));
  tcase_add_loop_test(tc, a_client_hears_of_its_cells, 0, (int)COUNT(cells));
  tcase_add_loop_test(tc, packets_fit_their_interface, 0,
                      (int)COUNT(interfaces));
}

int main(void) {
  return suite_run("os", add);
}
