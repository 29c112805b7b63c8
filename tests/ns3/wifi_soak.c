/* A Wi-Fi network through random walks and cuts, by seed.
 *
 * usage: wifi_soak [FIRST [COUNT [STEP]]]
 *
 * Runs seeds FIRST, FIRST + STEP ...  Odd ones have one station, even ones 20.
 * Asserts that no packet vanishes and that in the end, back at 5 m, every
 * station is associated and gets packets both ways.  A run that fails, aborts
 * or hangs says which it was. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/rng.h"
#include "tests/ns3/wifi_rig.h"

enum { MANY = 20, LIMIT_S = 300 };

/* A packet each 60 ms; one that is missing holds the next up for 200 ms. */
static const ho_time SERVED = MS(300);

typedef struct {
  ho_rng rng;
  ho_time next[RIG_STATIONS]; /* something happens to the station */
  ho_time restore[RIG_STATIONS];
  ho_time calm; /* nothing happens any more */
} soak;

static ho_time within(soak *s, ho_time lo, ho_time hi) {
  return lo + ho_rng_below(&s->rng, hi - lo);
}

static void disturb(rig *r, soak *s, unsigned i) {
  double x = (double)ho_rng_below(&s->rng, 90), speed;

  s->next[i] = ho_ns_now() + within(s, MS(100), MS(4000));
  switch (ho_rng_below(&s->rng, 3)) {
  case 0:
    ho_radio_cut(r->radio, i, true);
    s->restore[i] = ho_ns_now() + within(s, 1, MS(2500));
    break;
  case 1: /* at once: a door, a lift */
    ho_radio_walk(r->radio, i, (ho_place_m){x, 0}, 1e6);
    break;
  default:
    speed = (double)(1 + ho_rng_below(&s->rng, 40));
    ho_radio_walk(r->radio, i, (ho_place_m){x, 3}, speed);
  }
}

static void step(rig *r) {
  soak *s = r->user;
  ho_time now = ho_ns_now();

  for (unsigned i = 0; i < r->stations; i++) {
    if (now >= s->restore[i]) {
      s->restore[i] = HO_NEVER;
      ho_radio_cut(r->radio, i, false);
    }
    if (now >= s->next[i] && now < s->calm) {
      disturb(r, s, i);
    }
  }
}

static int check_service(rig *r, uint64_t seed) {
  int bad = 0;

  for (unsigned i = 0; i < r->stations; i++) {
    for (int down = 0; down < 2; down++) {
      ho_time ago = ho_ns_now() - r->lanes[i][down].last;
      if (!ho_radio_is_associated(r->radio, i) || ago > SERVED) {
        fprintf(stderr, "seed %ju: station %u %s: %sassociated, %.3f s ago\n",
                (uintmax_t)seed, i, down ? "down" : "up",
                ho_radio_is_associated(r->radio, i) ? "" : "not ",
                (double)ago / 1e9);
        bad = 1;
      }
    }
  }
  return bad;
}

static int run(uint64_t seed) {
  soak s = {.calm = MS(4000)};
  size_t stations = seed % 2 ? 1 : MANY;
  int bad;
  rig *r;

  ho_rng_init(&s.rng, seed, "soak");
  ho_ns_start(seed);
  r = rig_new(stations, 5, NULL);
  r->user = &s;
  r->each_ms = step;
  for (unsigned i = 0; i < stations; i++) {
    bool greedy = stations == 1 && seed % 4 == 1;
    s.next[i] = within(&s, 0, MS(3000));
    s.restore[i] = HO_NEVER;
    /* 0.2 Mbit/s a station and direction, or as much as there is. */
    for (int down = 0; down < 2; down++) {
      r->lanes[i][down].window = greedy ? 400 : 0;
      r->lanes[i][down].every = greedy ? 0 : 60;
    }
    if (ho_rng_below(&s.rng, 4) == 0) {
      ho_radio_cut(r->radio, i, true);
      s.restore[i] = within(&s, 0, MS(3000));
    }
  }
  ho_ns_run(s.calm + MS(2500));
  for (unsigned i = 0; i < stations; i++) {
    ho_radio_walk(r->radio, i, (ho_place_m){5, 0}, 1e6);
  }
  ho_ns_run(s.calm + MS(4500));
  bad = check_service(r, seed);
  rig_end(r);
  ho_ns_end();
  return bad;
}

int main(int argc, char **argv) {
  uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 6;
  uint64_t step = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
  unsigned failed = 0;

  for (uint64_t i = 0; i < count; i++) {
    uint64_t seed = first + i * step;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
      alarm(LIMIT_S);
      _exit(run(seed));
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
      fprintf(stderr, "seed %ju: status %d\n", (uintmax_t)seed, status);
      failed++;
    }
  }
  printf("%ju runs, %u failed\n", (uintmax_t)count, failed);
  return failed ? 1 : 0;
}
