/* Goal: a time has the phase that the connection was in then. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base.h"
#include "search/watch.h"

static const ho_tuple first = {.client = {.port = 1}}, second = {{.port = 2}};

static void tell(ho_watch *watch, ho_event event, ho_time t) {
  event.t = t;
  ho_watch_event(watch, &event);
}

#define TELL(ms, name, ...)                                                    \
  tell(                                                                        \
      watch,                                                                   \
      (ho_event){.kind = HO_EV_##name, .u.name = (ho_ev_##name){__VA_ARGS__}}, \
      (ho_time)(ms)*HO_MSEC)

static void is_at(const ho_watch *watch, int ms, const char *want) {
  ck_assert_msg(!strcmp(ho_watch_phase(watch, ms * HO_MSEC), want),
                "at %d ms: %s, not %s", ms, ho_watch_phase(watch, ms * HO_MSEC),
                want);
}

START_TEST(phases) {
  ho_scenario *scenario = load_base(HEAD HOME CELL WORK);
  ho_trial *trial = calloc(1, sizeof(*trial));
  ho_watch *watch = ho_watch_new(scenario, trial);

  TELL(0, connection_started, .connection = 0);
  TELL(10, datagram_received, .endpoint = HO_SERVER, .proto = HO_PROTO_UDP,
       .tuple = first);
  TELL(20, handshake_done, .endpoint = HO_SERVER, .connection = 0);
  TELL(30, datagram_received, .endpoint = HO_SERVER, .proto = HO_PROTO_UDP,
       .tuple = second);
  TELL(40, path_validation, .endpoint = HO_SERVER, .tuple = second,
       .result = "success");
  /* It ends, and another begins at once. */
  TELL(50, connection_started, .connection = 1);
  is_at(watch, 0, "handshake");
  is_at(watch, 19, "handshake");
  is_at(watch, 20, "first-path");
  is_at(watch, 30, "validating");
  is_at(watch, 40, "moved");
  is_at(watch, 50, "moved");
  is_at(watch, 51, "handshake");
  ck_assert_str_eq(trial->phase, "handshake");
  ho_watch_del(watch);
  free(trial);
  ho_scenario_del(scenario);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, phases);
}

int main(void) {
  return suite_run("watch", add);
}
