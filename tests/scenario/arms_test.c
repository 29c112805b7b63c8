/* Tests of arms and expectations: presets, arms of one's own, and what a line
 * of `expect` means. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenario/load.h"
#include "tests/suite.h"

#define MS 1000000ull
#define S  1000000000ull

#define SAME                                                                   \
  .redo = HO_REDO_RANGE, .cc = HO_CC_CUBIC, .initial_window = 10,              \
  .pmtud = true, .cid_length = 8, .keepalive = HO_NEVER,                       \
  .idle_timeout = 30 * S

#define AUTO .head_start = 300 * MS, .patience = 3 * S, .quic_again = 300 * S

static const struct {
  const char *yaml; /* of `arms` */
  ho_arm arm;
} arms[] = {
    {"[quic]",
     {(char *)"quic", HO_TRANSPORT_QUIC, HO_CHANGE_MIGRATE, HO_DETECT_NOTICE, 0,
      HO_NEVER, HO_TLS_FULL, SAME}},
    {"[quic-probe]",
     {(char *)"quic-probe", HO_TRANSPORT_QUIC, HO_CHANGE_PROBE,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL, SAME}},
    {"[quic-passive]",
     {(char *)"quic-passive", HO_TRANSPORT_QUIC, HO_CHANGE_NONE,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL, SAME}},
    {"[quic-reconnect]",
     {(char *)"quic-reconnect", HO_TRANSPORT_QUIC, HO_CHANGE_RECONNECT,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL, SAME}},
    {"[quic-0rtt]",
     {(char *)"quic-0rtt", HO_TRANSPORT_QUIC, HO_CHANGE_RECONNECT,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_0RTT, SAME}},
    {"[tcp-notify]",
     {(char *)"tcp-notify", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL, SAME}},
    {"[tcp-resume]",
     {(char *)"tcp-resume", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_RESUME, SAME}},
    {"[tcp-rst]",
     {(char *)"tcp-rst", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT, HO_DETECT_RST,
      0, 1 * S, HO_TLS_FULL, SAME}},
    {"[tcp-timer]",
     {(char *)"tcp-timer", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT,
      HO_DETECT_TIMER, 5 * S, 1 * S, HO_TLS_FULL, SAME}},
    {"[tcp-hang]",
     {(char *)"tcp-hang", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT, HO_DETECT_HANG,
      0, 1 * S, HO_TLS_FULL, SAME}},
    {"[h3-h2]",
     {(char *)"h3-h2", HO_TRANSPORT_AUTO, HO_CHANGE_MIGRATE, HO_DETECT_NOTICE,
      0, HO_NEVER, HO_TLS_FULL, SAME, AUTO}},
    {"{mine: {transport: auto}}",
     {(char *)"mine", HO_TRANSPORT_AUTO, HO_CHANGE_MIGRATE, HO_DETECT_NOTICE, 0,
      HO_NEVER, HO_TLS_FULL, SAME, AUTO}},
    {"{h3-h2: {on_change: probe, head_start: 0ms, patience: 1s, quic_again: "
     "1min, tls: resume, ping: 2s}}",
     {(char *)"h3-h2", HO_TRANSPORT_AUTO, HO_CHANGE_PROBE, HO_DETECT_NOTICE, 0,
      2 * S, HO_TLS_RESUME, SAME, .head_start = 0, .patience = 1 * S,
      .quic_again = 60 * S}},
    /* A preset's name with another transport is a plain arm of that. */
    {"{h3-h2: {transport: quic}}",
     {(char *)"h3-h2", HO_TRANSPORT_QUIC, HO_CHANGE_MIGRATE, HO_DETECT_NOTICE,
      0, HO_NEVER, HO_TLS_FULL, SAME}},
    /* A custom arm starts from what its transport has. */
    {"{mine: {transport: quic}}",
     {(char *)"mine", HO_TRANSPORT_QUIC, HO_CHANGE_MIGRATE, HO_DETECT_NOTICE, 0,
      HO_NEVER, HO_TLS_FULL, SAME}},
    {"{mine: {transport: tcp}}",
     {(char *)"mine", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT, HO_DETECT_NOTICE,
      0, HO_NEVER, HO_TLS_FULL, SAME}},
    {"{mine: {transport: tcp, detect: 2s}}",
     {(char *)"mine", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT, HO_DETECT_TIMER,
      2 * S, 1 * S, HO_TLS_FULL, SAME}},
    {"{mine: {transport: tcp, ping: 3s, detect: hang}}",
     {(char *)"mine", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT, HO_DETECT_HANG, 0,
      3 * S, HO_TLS_FULL, SAME}},
    {"{mine: {transport: quic, detect: 50ms}}",
     {(char *)"mine", HO_TRANSPORT_QUIC, HO_CHANGE_MIGRATE, HO_DETECT_TIMER,
      50 * MS, HO_NEVER, HO_TLS_FULL, SAME}},
    {"{mine: {transport: quic, on_change: reconnect, tls: resume, redo: "
     "restart, cc: bbr, initial_window: 10, pmtud: off, cid_length: 0, "
     "keepalive: 20s, idle_timeout: 1min}}",
     {(char *)"mine", HO_TRANSPORT_QUIC, HO_CHANGE_RECONNECT, HO_DETECT_NOTICE,
      0, HO_NEVER, HO_TLS_RESUME, HO_REDO_RESTART, HO_CC_BBR, 10, false, 0,
      20 * S, 60 * S}},
    /* Under a preset's name it starts from the preset. */
    {"{tcp-timer: {cc: reno}}",
     {(char *)"tcp-timer", HO_TRANSPORT_TCP, HO_CHANGE_RECONNECT,
      HO_DETECT_TIMER, 5 * S, 1 * S, HO_TLS_FULL, HO_REDO_RANGE, HO_CC_RENO, 10,
      true, 8, HO_NEVER, 30 * S}},
    {"[quic-probe: {pmtud: off}]",
     {(char *)"quic-probe", HO_TRANSPORT_QUIC, HO_CHANGE_PROBE,
      HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL, HO_REDO_RANGE, HO_CC_CUBIC,
      10, false, 8, HO_NEVER, 30 * S}},
};

START_TEST(reads_arms) {
  char *text = ho_format(BASE "arms: %s\n", arms[_i].yaml);
  ho_scenario *sc = must_load(text, 0);
  const ho_arm *arm = &sc->arms[0], *want = &arms[_i].arm;

  ck_assert_uint_eq(sc->arms_count, 1);
  ck_assert_str_eq(arm->name, want->name);
  ck_assert_int_eq(arm->transport, want->transport);
  ck_assert_int_eq(arm->on_change, want->on_change);
  ck_assert_int_eq(arm->detect, want->detect);
  ck_assert_uint_eq(arm->detect_after, want->detect_after);
  ck_assert(arm->ping == want->ping);
  ck_assert_int_eq(arm->tls, want->tls);
  ck_assert_int_eq(arm->redo, want->redo);
  ck_assert_int_eq(arm->cc, want->cc);
  ck_assert_uint_eq(arm->initial_window, want->initial_window);
  ck_assert_int_eq(arm->pmtud, want->pmtud);
  ck_assert_uint_eq(arm->cid_length, want->cid_length);
  ck_assert(arm->keepalive == want->keepalive);
  ck_assert_uint_eq(arm->idle_timeout, want->idle_timeout);
  ck_assert_uint_eq(arm->head_start, want->head_start);
  ck_assert_uint_eq(arm->patience, want->patience);
  ck_assert_uint_eq(arm->quic_again, want->quic_again);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

START_TEST(reads_expectations) {
  ho_scenario *sc =
      must_load(BASE "expect:\n"
                     "  - quic: outcome == migrated\n"
                     "  - quic: interruption < 600ms\n"
                     "  - quic.interruption <= tcp-notify.run.fct\n"
                     "  - quic: p95(cwnd_after) >= 12000B\n"
                     "  - 'quic: run.handshakes != 1'\n"
                     "  - quic.pv_rtts > 1.5\n",
                0);
  const ho_expect *e = sc->expects;

  ck_assert_uint_eq(sc->expects_count, 6);
  ck_assert_str_eq(e[0].text, "quic: outcome == migrated");
  ck_assert_str_eq(e[0].arm, "quic");
  ck_assert_str_eq(e[0].metric, "outcome");
  ck_assert_int_eq(e[0].op, HO_EQ);
  ck_assert_str_eq(e[0].word, "migrated");
  ck_assert_int_eq(e[0].place.line, 8);
  ck_assert_int_eq(e[1].op, HO_LT);
  ck_assert_ptr_null(e[1].word);
  ck_assert_double_eq(e[1].number, 6e8);
  ck_assert_int_eq(e[1].dimension, HO_DIM_TIME);
  ck_assert_str_eq(e[2].text, "quic.interruption <= tcp-notify.run.fct");
  ck_assert_str_eq(e[2].metric, "interruption");
  ck_assert_int_eq(e[2].op, HO_LE);
  ck_assert_str_eq(e[2].other_arm, "tcp-notify");
  ck_assert_str_eq(e[2].other_metric, "run.fct");
  ck_assert_int_eq(e[3].aggregate, HO_AGG_P95);
  ck_assert_str_eq(e[3].metric, "cwnd_after");
  ck_assert_int_eq(e[3].op, HO_GE);
  ck_assert_int_eq(e[3].dimension, HO_DIM_BYTES);
  ck_assert_str_eq(e[4].metric, "run.handshakes");
  ck_assert_int_eq(e[4].op, HO_NE);
  ck_assert_double_eq(e[4].number, 1);
  ck_assert_int_eq(e[4].dimension, HO_DIM_NONE);
  ck_assert_int_eq(e[5].op, HO_GT);
  ck_assert_double_eq(e[5].number, 1.5);
  ho_scenario_del(sc);
}
END_TEST

static bool is_listed(const ho_listed *listed, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(listed[i].name, name) == 0) {
      return listed[i].about[0] != '\0';
    }
  }
  return false;
}

START_TEST(lists_what_it_reads) {
  size_t n;
  const ho_listed *listed = ho_list_arms(&n);

  ck_assert_uint_eq(n, 11);
  ck_assert(is_listed(listed, n, "quic-probe"));
  ck_assert(is_listed(listed, n, "h3-h2"));
  listed = ho_list_actions(&n);
  ck_assert_uint_eq(n, 23);
  ck_assert(is_listed(listed, n, "unblock NET [udp|tcp|all]"));
  ck_assert(is_listed(listed, n, "rebind NET port|address|both"));
  listed = ho_list_presets(&n);
  ck_assert_uint_eq(n, 17);
  ck_assert(is_listed(listed, n, "satellite-geo"));
  ck_assert(is_listed(listed, n, "full-cone"));
  ck_assert_str_eq(ho_work_name(HO_WORK_ECHO), "echo");
  ck_assert_str_eq(ho_work_name(HO_WORK_STREAM), "stream");
  ck_assert_str_eq(ho_action_name(HO_ACT_REKEY), "rekey");
  ck_assert_str_eq(ho_action_name(HO_ACT_RESTART), "restart");
  ck_assert_str_eq(ho_cc_name(HO_CC_BBR), "bbr");
  ck_assert_str_eq(ho_tls_mode_name(HO_TLS_0RTT), "0rtt");
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, reads_arms, 0, COUNT(arms));
  tcase_add_test(tc, reads_expectations);
  tcase_add_test(tc, lists_what_it_reads);
}

int main(void) {
  return suite_run("arms", add);
}
