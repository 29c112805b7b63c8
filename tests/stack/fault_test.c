/* Goal: each fault of an endpoint is on the wire what it is said to be. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faulty.h"
#include "tests/suite.h"

#define MOVES                                                                  \
  "name: t\nstop: 4s\nnetworks:\n"                                             \
  "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 10ms}\n"             \
  "  cell: {type: wired, down: 20Mbps, up: 20Mbps, delay: 25ms}\n"             \
  "client: {notice: 30ms}\nworkload: {type: download, bytes: 50MB}\n"          \
  "arms:\n  a: {transport: quic}\n"                                            \
  "timeline:\n  - 1s: switch cell\n  - 2s: switch home\n  - 3s: switch cell\n"

/* ---- REPEAT_CHALLENGE ---- */

typedef struct {
  ho_side side;
  bool faulty;
} repeat_case;

static const repeat_case repeats[] = {{HO_SERVER, true},
                                      {HO_CLIENT, true},
                                      {HO_SERVER, false},
                                      {HO_CLIENT, false}};

typedef struct {
  const repeat_case *want;
  int challenges, repeated;
  uint64_t data;
} repeat_seen;

static void see_challenge(void *user, const faulty_datagram *dg) {
  repeat_seen *seen = user;
  const ho_frame *f = faulty_frame(dg->wire, HO_FRAME_PATH_CHALLENGE);

  if (dg->at == HO_SENT && dg->from == seen->want->side && f) {
    seen->repeated += seen->challenges > 0 && f->data == seen->data;
    seen->challenges++;
    seen->data = f->data;
  }
}

static void judge_repeat(void *user, const char *digest) {
  const repeat_seen *seen = user;

  (void)digest;
  REQUIRE(seen->challenges >= 2); /* 1.24 asks a path it knows no more */
  REQUIRE(seen->repeated == (seen->want->faulty ? seen->challenges - 1 : 0));
}

START_TEST(challenges_repeat) {
  repeat_seen seen = {.want = &repeats[_i]};
  faulty_setting setting = {.text = MOVES,
                            .side = repeats[_i].side,
                            .fault = HO_FAULT_REPEAT_CHALLENGE,
                            .at = repeats[_i].faulty ? 0 : HO_NEVER,
                            .datagram = see_challenge,
                            .done = judge_repeat,
                            .user = &seen};

  ck_assert_int_eq(faulty_run(&setting), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, challenges_repeat, 0, (int)COUNT(repeats));
}

int main(void) {
  return suite_run("fault", add);
}
