/* Goal: silence is a finding where a path works, and only there. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base.h"
#include "search/delivery.h"
#include "search/oracle.h"

#define TEXT                                                                   \
  HEAD HOME CELL WORK                                                          \
      "timeline:\n"                                                            \
      "  - 0s: block home udp\n  - 0s: unblock home udp\n"                     \
      "  - 0s: pause\n  - 0s: resume\n  - 0s: fault server stay\n"             \
      "  - 0s: set home loss 20%\n  - 0s: rotate\n"                            \
      "  - 0s: restart server\n  - 0s: set home down 1700kbps\n"               \
      "  - 0s: set home loss 0%\n  - 0s: set home up 100kbps\n"

enum {
  BLOCK,
  UNBLOCK,
  PAUSE,
  RESUME,
  FAULT,
  SET_LOSS,
  ROTATE,
  RESTART,
  SET_DOWN,
  SET_NO_LOSS,
  SET_UP
};

typedef struct {
  ho_scenario *scenario;
  ho_delivery *delivery;
} rig;

static const ho_tuple first = {.client = {.port = 1}}, second = {{.port = 2}};

static void tell(rig *r, ho_event event, ho_time t) {
  event.t = t;
  ho_delivery_event(r->delivery, &event);
}

#define TELL(r, ms, name, ...)                                                 \
  tell(                                                                        \
      r,                                                                       \
      (ho_event){.kind = HO_EV_##name, .u.name = (ho_ev_##name){__VA_ARGS__}}, \
      (ho_time)(ms)*HO_MSEC)

static void arrive(rig *r, int ms, int net, const ho_tuple *from) {
  TELL(r, ms, datagram_received, .endpoint = HO_SERVER, .net = net,
       .proto = HO_PROTO_UDP, .tuple = *from);
}

/* A datagram of |connection| leaves the client, and arrives 10 ms later. */
static void greeting(rig *r, int ms, uint64_t connection,
                     const ho_tuple *from) {
  uint64_t packet = 100 + (uint64_t)ms;

  TELL(r, ms - 10, quic_sent, .endpoint = HO_CLIENT, .connection = connection,
       .packet = packet);
  TELL(r, ms, datagram_received, .endpoint = HO_SERVER, .net = 0,
       .proto = HO_PROTO_UDP, .packet = packet, .tuple = *from);
}

static void deliver(rig *r, int ms) {
  TELL(r, ms, delivered, .bytes = 1);
}

static void act(rig *r, int ms, uint64_t entry) {
  TELL(r, ms, action, .entry = entry);
}

/* Connected, a request waits, and bytes have come until 1 s. */
static bool confirmed = true;

static rig begin(const char *more) {
  char text[2000];
  rig r;

  snprintf(text, sizeof(text), "%s%s", TEXT, more);
  r.scenario = load_base(text);
  r.delivery = ho_delivery_new(r.scenario, 4 * HO_SEC);
  TELL(&r, 0, connection_started, .connection = 0);
  arrive(&r, 10, 0, &first);
  TELL(&r, 20, handshake_done, .connection = 0, .endpoint = HO_CLIENT);
  TELL(&r, 30, handshake_done, .connection = 0, .endpoint = HO_SERVER);
  TELL(&r, 30, datagram_sent, .endpoint = HO_SERVER, .proto = HO_PROTO_UDP,
       .packet = 7, .tuple = first);
  TELL(&r, 30, request_issued, .request = 0);
  if (confirmed) {
    TELL(&r, 35, datagram_received, .endpoint = HO_CLIENT,
         .proto = HO_PROTO_UDP, .packet = 7, .tuple = first);
  }
  arrive(&r, 40, 0, &first);
  deliver(&r, 1000);
  return r;
}

static void end(rig *r) {
  ho_delivery_del(r->delivery);
  ho_scenario_del(r->scenario);
}

/* Time goes on until |ms|, and there is a stall or not. */
static void expect(rig *r, int ms, bool stalled) {
  TELL(r, ms, run_ended, .reason = "stop");
  ck_assert_int_eq(ho_delivery_stall(r->delivery) != NULL, stalled);
  end(r);
}

START_TEST(silence) {
  rig r = begin("");
  const ho_stall *stall;

  TELL(&r, 5001, recovery, .cwnd = 1);
  stall = ho_delivery_stall(r.delivery);
  ck_assert_ptr_nonnull(stall);
  ck_assert_uint_eq(stall->since, HO_SEC);
  ck_assert_uint_eq(stall->t, 5 * HO_SEC);
  ck_assert_int_eq(stall->who, HO_SERVER);
  ck_assert_str_eq(stall->what, "silent");
  end(&r);
}
END_TEST

START_TEST(not_yet) {
  rig r = begin("");

  deliver(&r, 5000);
  expect(&r, 9000, false);
}
END_TEST

START_TEST(nothing_due) {
  rig r = begin("");

  TELL(&r, 2000, request_done, .request = 0);
  expect(&r, 20000, false);
}
END_TEST

START_TEST(who) {
  static const struct {
    int client_ms, server_ms;
    const ho_tuple *to;
    ho_side who;
    const char *what;
  } cases[] = {
      {4900, 4900, &first, HO_SERVER, "nothing-new"},
      {4900, 4900, &second, HO_SERVER, "elsewhere"},
      {1900, 4900, &first, HO_CLIENT, "silent"},
      {4900, 1900, &first, HO_SERVER, "silent"},
      /* at doubling intervals */
      {2100, 4900, &second, HO_SERVER, "elsewhere"},
      {4900, 2100, &second, HO_SERVER, "elsewhere"},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    rig r = begin("");
    const ho_stall *stall;
    int early = cases[i].client_ms < cases[i].server_ms;
    for (int n = 0; n < 2; n++) {
      bool server = n == early;
      TELL(&r, server ? cases[i].server_ms : cases[i].client_ms, datagram_sent,
           .endpoint = server ? HO_SERVER : HO_CLIENT, .proto = HO_PROTO_UDP,
           .tuple = *cases[i].to);
    }
    TELL(&r, 6000, run_ended, .reason = "stop");
    stall = ho_delivery_stall(r.delivery);
    ck_assert_ptr_nonnull(stall);
    ck_assert_int_eq(stall->who, cases[i].who);
    ck_assert_str_eq(stall->what, cases[i].what);
    end(&r);
  }
}
END_TEST

/* After a rebind nobody knows where the client is, until it sends. */
START_TEST(rebind) {
  rig r = begin("");

  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  expect(&r, 19000, false);
  r = begin("");
  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  arrive(&r, 2000, 0, &second);
  expect(&r, 8001, true); /* 4 s, and 2 s for the second without a path */
  r = begin("");
  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  arrive(&r, 2000, 0, &second);
  expect(&r, 8000, false);
}
END_TEST

/* What passed the NAT before that forgot is late, and shows nothing; with the
 * same port again it does. */
START_TEST(late) {
  rig r = begin("");

  TELL(&r, 1500, nat_unmapped, .net = 0, .outside = first.client,
       .reason = "flush");
  arrive(&r, 1510, 0, &first);
  expect(&r, 19000, false);
  r = begin("");
  TELL(&r, 1500, nat_unmapped, .net = 0, .outside = first.client,
       .reason = "flush");
  TELL(&r, 1600, nat_mapped, .net = 0, .outside = first.client);
  arrive(&r, 1610, 0, &first);
  expect(&r, 19000, true);
}
END_TEST

START_TEST(networks) {
  rig r = begin("");

  TELL(&r, 1500, network_down, .net = 0);
  arrive(&r, 1600, 0, &first); /* it was on its way */
  expect(&r, 19000, false);
  r = begin("");
  TELL(&r, 1500, network_down, .net = 0);
  arrive(&r, 1600, 1, &second);
  expect(&r, 19000, true);
  r = begin("");
  act(&r, 1500, BLOCK);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, false);
  r = begin("");
  act(&r, 1500, BLOCK);
  act(&r, 1700, UNBLOCK);
  arrive(&r, 1800, 0, &first);
  expect(&r, 19000, true);
  r = begin("");
  act(&r, 1500, SET_LOSS);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, false);
}
END_TEST

/* What is enough for three is too little for four. */
START_TEST(shared) {
  static const char *const clients[] = {"clients: 3\n", "clients: 4\n"};
  rig r = begin(clients[_i]);

  act(&r, 1500, SET_DOWN);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, _i == 0);
}
END_TEST

/* One good thing does not make up for another. */
START_TEST(lossy_or_slow) {
  static const uint64_t sets[][2] = {
      {SET_LOSS, SET_DOWN}, {SET_UP, SET_NO_LOSS}, {SET_LOSS, SET_NO_LOSS}};
  rig r = begin("");

  act(&r, 1500, sets[_i][0]);
  act(&r, 1500, sets[_i][1]);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, _i == 2);
}
END_TEST

START_TEST(actions) {
  rig r = begin("");

  act(&r, 1500, FAULT); /* is what is to be found */
  expect(&r, 5100, true);
  r = begin("");
  act(&r, 1500, PAUSE);
  expect(&r, 19000, false);
  r = begin("");
  act(&r, 1500, PAUSE);
  act(&r, 4000, RESUME);
  expect(&r, 7900, false);
  r = begin("");
  act(&r, 1500, PAUSE);
  act(&r, 4000, RESUME);
  expect(&r, 8100, true);
}
END_TEST

/* Rules and attackers are trouble for as long as they do something; what a
 * link loses by its nature is none. */
START_TEST(packets) {
  rig r = begin("");

  TELL(&r, 4000, meddled, .what = "rule-drop");
  expect(&r, 19000, false);
  r = begin("");
  TELL(&r, 4000, packet_dropped, .reason = "rule");
  expect(&r, 19000, false);
  r = begin("");
  TELL(&r, 4000, packet_dropped, .reason = "loss");
  expect(&r, 5100, true);
}
END_TEST

/* A rule that takes acknowledgements lets bytes arrive, and has the sender wait
 * for longer and longer. */
START_TEST(acknowledgements) {
  rig r = begin("");

  for (int ms = 1100; ms <= 4100; ms += 1500) {
    deliver(&r, ms);
    TELL(&r, ms, meddled, .what = "rule-drop");
    arrive(&r, ms + 100, 0, &first);
  }
  expect(&r, 14199, false); /* 4 s, and 6 s for the 3 s of them */
  r = begin("");
  for (int ms = 1100; ms <= 4100; ms += 1500) {
    deliver(&r, ms);
    TELL(&r, ms, meddled, .what = "rule-drop");
    arrive(&r, ms + 100, 0, &first);
  }
  expect(&r, 14201, true);
  /* Long ago it is no excuse. */
  r = begin("");
  for (int ms = 1100; ms <= 4100; ms += 1500) {
    TELL(&r, ms, meddled, .what = "rule-drop");
    arrive(&r, ms + 100, 0, &first);
  }
  deliver(&r, 12200);
  expect(&r, 16300, true);
  /* And two that are far apart are no row. */
  r = begin("");
  TELL(&r, 1100, meddled, .what = "rule-drop");
  deliver(&r, 4000);
  deliver(&r, 7000);
  TELL(&r, 7000, meddled, .what = "rule-drop");
  arrive(&r, 7010, 0, &first);
  expect(&r, 11100, true);
}
END_TEST

/* RFC 9000, 9: such a server may drop what comes from another address. */
START_TEST(migration_disabled) {
  rig r = begin("server: {disable_active_migration: true}\n");

  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  arrive(&r, 2000, 0, &second);
  expect(&r, 19000, false);
  /* A late packet of before does not change that. */
  r = begin("server: {disable_active_migration: true}\n");
  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  arrive(&r, 1510, 0, &first);
  arrive(&r, 2000, 0, &second);
  expect(&r, 19000, false);
  r = begin("server: {disable_active_migration: true}\n");
  expect(&r, 19000, true);
}
END_TEST

/* RFC 9000, 5.1: a server with empty CIDs knows a connection by where it was.
 */
START_TEST(empty_cids) {
  rig r = begin("server: {cid_length: 0}\n");

  TELL(&r, 1500, nat_unmapped, .net = 0, .reason = "rebind");
  arrive(&r, 2000, 0, &second);
  expect(&r, 19000, false);
  r = begin("server: {cid_length: 0}\n");
  expect(&r, 19000, true);
}
END_TEST

/* RFC 9000, 10.1: the server says nothing, and the client cannot know.  Another
 * end it tells, and of another connection it is no matter. */
START_TEST(idle_timeouts) {
  static const struct {
    ho_side of;
    uint64_t connection;
    const char *reason;
    bool stalled;
  } cases[] = {{HO_SERVER, 0, "idle timeout", false},
               {HO_SERVER, 0, "ERR_PROTO", true},
               {HO_SERVER, 1, "idle timeout", true},
               {HO_CLIENT, 0, "idle timeout", true}};

  for (size_t i = 0; i < COUNT(cases); i++) {
    rig r = begin("");
    TELL(&r, 2000, connection_closed, .endpoint = cases[i].of,
         .connection = cases[i].connection, .reason = cases[i].reason);
    expect(&r, 19000, cases[i].stalled);
  }
}
END_TEST

/* From 1.5 s on, and at 1.6 s the server has the client's first datagram. */
static rig greet(const char *more) {
  rig r = begin(more);

  TELL(&r, 1500, connection_started, .connection = 1);
  greeting(&r, 1600, 1, &first);
  return r;
}

/* 4 s from then on, and 0.2 s for the first 0.1 s; what comes to the client is
 * an answer. */
START_TEST(handshakes) {
  rig r = greet("");
  const ho_stall *stall;

  TELL(&r, 5801, run_ended, .reason = "stop");
  stall = ho_delivery_stall(r.delivery);
  ck_assert_ptr_nonnull(stall);
  ck_assert_uint_eq(stall->since, 1600 * HO_MSEC);
  ck_assert_str_eq(stall->what, "handshake");
  end(&r);
  r = greet("");
  expect(&r, 5800, false);
  r = greet("");
  TELL(&r, 3000, datagram_received, .endpoint = HO_CLIENT,
       .proto = HO_PROTO_UDP, .packet = 9, .tuple = first);
  expect(&r, 7200, false);
  /* What is lost is sent again later, whoever lost it. */
  r = greet("");
  TELL(&r, 2000, packet_dropped, .reason = "loss");
  expect(&r, 19000, false);
  r = greet("");
  TELL(&r, 2000, packet_dropped, .reason = "loss");
  greeting(&r, 2500, 1, &first);
  expect(&r, 8500, false);
  r = greet("");
  TELL(&r, 2000, packet_dropped, .reason = "loss");
  greeting(&r, 2500, 1, &first);
  expect(&r, 8501, true);
}
END_TEST

/* RFC 9000, 9 relies on a stable address; and of the other end. */
START_TEST(spoiled_handshakes) {
  for (int i = 0; i < 7; i++) {
    rig r = greet("");
    switch (i) {
    case 0:
      greeting(&r, 1700, 1, &second);
      break;
    case 1:
      TELL(&r, 1700, nat_unmapped, .net = 0, .reason = "rebind");
      greeting(&r, 1800, 1, &first);
      break;
    case 2:
      TELL(&r, 1700, meddled, .what = "forward");
      greeting(&r, 1800, 1, &first);
      break;
    case 3:
      act(&r, 1700, RESTART);
      greeting(&r, 1800, 1, &first);
      break;
    case 4:
      TELL(&r, 1700, connection_closed, .endpoint = HO_CLIENT, .connection = 1,
           .reason = "closed");
      break;
    case 5:
      TELL(&r, 1700, handshake_done, .endpoint = HO_SERVER, .connection = 1);
      break;
    case 6:
      act(&r, 1700, BLOCK);
      greeting(&r, 1800, 1, &first);
      break;
    }
    expect(&r, 19000, false);
  }
}
END_TEST

/* What comes late of another connection is from somewhere else, and shows
 * nothing. */
START_TEST(late_of_another) {
  rig r = greet("");

  arrive(&r, 1650, 0, &second);
  expect(&r, 19000, true);
  r = begin("");
  TELL(&r, 1500, connection_started, .connection = 1);
  arrive(&r, 1600, 0, &first);
  greeting(&r, 1700, 0, &first);
  expect(&r, 19000, false);
}
END_TEST

/* What excused one handshake is no matter for the next. */
START_TEST(next_handshake) {
  rig r = greet("");

  greeting(&r, 1700, 1, &second);
  TELL(&r, 2000, connection_started, .connection = 2);
  greeting(&r, 2100, 2, &second);
  expect(&r, 19000, true);
}
END_TEST

/* A server that has forgotten says so with a reset; where it may not, nobody
 * tells the client. */
START_TEST(restarts) {
  rig r = begin("");

  act(&r, 1500, RESTART);
  arrive(&r, 1600, 0, &first);
  expect(&r, 7000, true);
  r = begin("server: {stateless_reset: false}\n");
  act(&r, 1500, RESTART);
  TELL(&r, 1550, datagram_received, .endpoint = HO_CLIENT,
       .proto = HO_PROTO_UDP, .packet = 7, .tuple = first);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, false);
  r = begin("server: {cid_length: 0}\n"); /* it has no tokens */
  act(&r, 1500, RESTART);
  arrive(&r, 1600, 0, &first);
  expect(&r, 19000, false);
}
END_TEST

/* What says that the handshake is confirmed was lost. */
START_TEST(unconfirmed) {
  rig r;

  confirmed = false;
  r = begin("");
  confirmed = true;
  expect(&r, 19000, false);
}
END_TEST

START_TEST(ends) {
  static const struct {
    const char *reason;
    int64_t error;
    bool forgiven;
  } cases[] = {
      {"closed", 0, true},           {"closed by peer", -230, true},
      {"idle timeout", -238, true},  {"handshake timeout", -236, true},
      {"ERR_DROP_CONN", -232, true}, {"ERR_CONNECTION_ID_LIMIT", -240, false},
      {"ERR_PROTO", -205, false},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    ck_assert_int_eq(ho_oracle_forgives(cases[i].reason, cases[i].error),
                     cases[i].forgiven);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, silence);
  tcase_add_test(tc, not_yet);
  tcase_add_test(tc, nothing_due);
  tcase_add_test(tc, who);
  tcase_add_test(tc, rebind);
  tcase_add_test(tc, late);
  tcase_add_test(tc, networks);
  tcase_add_loop_test(tc, shared, 0, 2);
  tcase_add_loop_test(tc, lossy_or_slow, 0, 3);
  tcase_add_test(tc, actions);
  tcase_add_test(tc, packets);
  tcase_add_test(tc, acknowledgements);
  tcase_add_test(tc, migration_disabled);
  tcase_add_test(tc, empty_cids);
  tcase_add_test(tc, idle_timeouts);
  tcase_add_test(tc, handshakes);
  tcase_add_test(tc, spoiled_handshakes);
  tcase_add_test(tc, late_of_another);
  tcase_add_test(tc, next_handshake);
  tcase_add_test(tc, restarts);
  tcase_add_test(tc, unconfirmed);
  tcase_add_test(tc, ends);
}

int main(void) {
  return suite_run("delivery", add);
}
