/* Goal: whatever happens to UEs, nothing aborts or hangs, and one that stands
 * beside a cell in the end is served.
 *
 * usage: lte_soak [FIRST [COUNT [UES]]]  seeds, each a run in its own process
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/rng.h"
#include "sim/ns3/ns3.h"
#include "tests/ns3/lte_rig.h"

static rig r;

enum { ACTS = 6, LIVELY_S = 12, RECOVERY_S = 7, CALM_S = 1, RUN_LIMIT_S = 300 };

static ho_time at(ho_rng *rng) {
  return ho_rng_below(rng, LIVELY_S * HO_SEC);
}

static void act(ho_rng *rng, unsigned ue, unsigned cells) {
  ho_time t = at(rng);

  switch (ho_rng_below(rng, 4)) {
  case 0:
    /* Around the row of cells, or out of it. */
    rig_walk_at(&r, ue, t, ho_rng_unit(rng) * 6000 - 2500,
                10 + ho_rng_unit(rng) * 1000);
    break;
  case 1:
    rig_cut_at(&r, ue, t, true);
    rig_cut_at(&r, ue, t + ho_rng_below(rng, 5 * HO_SEC), false);
    break;
  default:
    rig_handover_at(&r, ue, t, (unsigned)ho_rng_below(rng, cells + 2), 1);
    break;
  }
}

/* Returns 0, or how many UEs are not served. */
static int run(uint64_t seed, size_t ues) {
  ho_time calm = (LIVELY_S + RECOVERY_S) * HO_SEC;
  ho_time end = calm + CALM_S * HO_SEC;
  unsigned cells;
  ho_rng rng;
  int bad = 0;

  ho_rng_init(&rng, seed, "soak");
  cells = 1 + (unsigned)ho_rng_below(&rng, 3);
  rig_start(&r, seed, 25, cells, ues, ho_rng_unit(&rng) * 500);
  for (unsigned ue = 0; ue < ues; ue++) {
    ho_time pace = (5 + ho_rng_below(&rng, 60)) * HO_MSEC;
    rig_stream(&r, ue, true, 300, 0, end, pace * (ues > 4 ? 4 : 1));
    rig_stream(&r, ue, false, 300, 0, end, pace * (ues > 4 ? 4 : 1));
    for (int i = 0; i < ACTS; i++) {
      act(&rng, ue, cells);
    }
    /* Back in force, whatever is under way. */
    rig_cut_at(&r, ue, (LIVELY_S + 5) * HO_SEC, false);
    rig_walk_at(&r, ue, (LIVELY_S + 1) * HO_SEC, -100, 1e6);
  }
  ho_ns_run(end);
  for (unsigned ue = 0; ue < ues; ue++) {
    if (!ho_radio_is_associated(r.radio, ue) || r.ways[ue][0].last < calm ||
        r.ways[ue][1].last < calm) {
      printf("seed %d: UE %u of %zu is %s, last up %.3f down %.3f\n", (int)seed,
             ue, ues,
             ho_radio_is_associated(r.radio, ue) ? "connected" : "lost",
             (double)r.ways[ue][0].last / HO_SEC,
             (double)r.ways[ue][1].last / HO_SEC);
      for (size_t i = 0; i < r.notes_count[ue]; i++) {
        printf("  %.4f state %d cell %u\n", (double)r.notes[ue][i].t / HO_SEC,
               (int)r.notes[ue][i].state, r.notes[ue][i].cell);
      }
      bad++;
    }
  }
  rig_finish(&r);
  return bad;
}

int main(int argc, char **argv) {
  int first = argc > 1 ? atoi(argv[1]) : 1;
  int count = argc > 2 ? atoi(argv[2]) : 4;
  int ues = argc > 3 ? atoi(argv[3]) : 0;
  int failed = 0;

  for (int seed = first; seed < first + count; seed++) {
    int status;
    pid_t pid;
    size_t n = ues > 0 ? (size_t)ues : seed % 4 == 0 ? 20 : 1;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
      alarm(RUN_LIMIT_S);
      exit(run((uint64_t)seed, n) ? 1 : 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
      printf("seed %d (%zu UEs) failed, status %d\n", seed, n,
             pid < 0 ? -1 : status);
      failed++;
    }
  }
  printf("%d of %d failed\n", failed, count);
  return failed ? 1 : 0;
}
