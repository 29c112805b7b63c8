/* Prints what networks carry beside what they should: a table for
 * docs/calibration.md. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/theory.h"
#include "sim/base/alloc.h"
#include "stack/calibrate.h"

enum { ECHOES = 50, IP_BYTES = 1500, SEED = 1 };

/* One line of the table. */
typedef struct {
  const char *what, *where, *network;
  double down, up; /* bit/s in theory; 0: there is none */
  ho_time span;
} row;

typedef struct {
  uint64_t bps[2];
  ho_time rtts[ECHOES];
} measured;

static ho_scenario *load(const char *network) {
  char *text = ho_format("name: calibrate\nstop: 1s\nnetworks:\n  n: %s\n"
                         "workload: {type: idle}\n",
                         network);
  ho_source source = {"calibrate.yaml", text, strlen(text)};
  ho_scenario *s = NULL;
  ho_diag diag = {0};

  if (ho_scenario_load(&source, NULL, 0, SEED, &s, &diag) != 0) {
    ho_diag_print(&diag, stderr);
    exit(2);
  }
  ho_diag_free(&diag);
  free(text);
  return s;
}

static void rates(const ho_scenario *s, const row *r, measured *m) {
  ho_calibrate(s, 0, (ho_position){0, 0}, SEED, r->span, &m->bps[0],
               &m->bps[1]);
}

static void echoes(const ho_scenario *s, const row *r, measured *m) {
  (void)r;
  ho_calibrate_rtt(s, 0, (ho_position){0, 0}, SEED, m->rtts, ECHOES);
}

/* A process simulates but once. */
static void alone(void (*body)(const ho_scenario *s, const row *r, measured *m),
                  const row *r, measured *m) {
  int ends[2], status;
  pid_t pid;

  if (pipe(ends) != 0 || (pid = fork()) < 0) {
    perror("calibrate");
    exit(1);
  }
  if (pid == 0) {
    body(load(r->network), r, m);
    _exit(write(ends[1], m, sizeof(*m)) == (ssize_t)sizeof(*m) ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], m, sizeof(*m)) != (ssize_t)sizeof(*m) ||
      waitpid(pid, &status, 0) != pid || status != 0) {
    fprintf(stderr, "calibrate: '%s' at %s failed\n", r->what, r->where);
    exit(1);
  }
  close(ends[0]);
}

static int by_time(const void *a, const void *b) {
  ho_time x = *(const ho_time *)a, y = *(const ho_time *)b;

  return x < y ? -1 : x > y;
}

static void print_rate(double theory, uint64_t bps) {
  if (theory > 0) {
    printf(" %.2f | %.2f | %.1f %% |", theory / 1e6, (double)bps / 1e6,
           100 * (double)bps / theory);
  } else {
    printf(" | %.2f | |", (double)bps / 1e6);
  }
}

/* A recording's mean, over as many whole periods. */
static void add_theory(row *r) {
  ho_scenario *s = load(r->network);
  const ho_net_config *net = &s->nets[0];

  if (net->type == HO_NET_TRACE) {
    r->down = (double)net->trace_down.mean_bps;
    r->up = (double)net->trace_up.mean_bps;
    r->span = net->trace_down.period;
  } else if (net->type == HO_NET_WIRED) {
    r->down = (double)net->wired.down_bps;
    r->up = (double)net->wired.up_bps;
  }
  ho_scenario_del(s);
}

static void print_row(row *r) {
  measured m = {0};
  ho_time first;

  add_theory(r);
  alone(rates, r, &m);
  alone(echoes, r, &m);
  first = m.rtts[0];
  qsort(m.rtts + 1, ECHOES - 1, sizeof(m.rtts[0]), by_time);
  printf("| %s | %s |", r->what, r->where);
  print_rate(r->down, m.bps[0]);
  print_rate(r->up, m.bps[1]);
  printf(" %.2f | %.2f | %.2f |\n", (double)first / 1e6,
         (double)m.rtts[1 + (ECHOES - 1) / 2] / 1e6,
         (double)m.rtts[ECHOES - 1] / 1e6);
}

static row wifi(const char *what, const char *where, const char *network,
                ho_theory_phy phy) {
  double rate = ho_theory_wifi(phy, IP_BYTES);

  return (row){what, where, network, rate, rate, HO_SEC};
}

static row lte(const char *what, const char *network, unsigned down,
               unsigned up) {
  return (row){what,
               "100 m",
               network,
               ho_theory_lte(down, IP_BYTES),
               ho_theory_lte(up, IP_BYTES),
               HO_SEC};
}

#define WIFI(standard, distance)                                               \
  "{type: wifi, standard: " standard ", distance: " distance "}"
#define LTE(bandwidth) "{type: lte, bandwidth: " bandwidth ", distance: 100m}"
#define TRACE(down, up)                                                        \
  "{type: trace, down: scenarios/traces/" down ", up: scenarios/traces/" up    \
  ", delay: 20ms}"

static void print_rows(void) {
  row rows[] = {
      {"wired, 100 and 20 Mbit/s, 10 ms", "",
       "{type: wired, down: 100Mbps, up: 20Mbps, delay: 10ms}", 0, 0, HO_SEC},
      wifi("802.11n 20 MHz", "5 m", WIFI("802.11n", "5m"), ho_theory_n20(7)),
      wifi("802.11n 20 MHz", "22 m", WIFI("802.11n", "22m"), ho_theory_n20(7)),
      wifi("802.11ac 80 MHz", "5 m", WIFI("802.11ac", "5m"), ho_theory_ac80(9)),
      wifi("802.11ac 80 MHz", "22 m", WIFI("802.11ac", "22m"),
           ho_theory_ac80(7)),
      wifi("802.11ax 80 MHz", "5 m", WIFI("802.11ax", "5m"),
           ho_theory_ax80(11)),
      wifi("802.11ax 80 MHz", "22 m", WIFI("802.11ax", "22m"),
           ho_theory_ax80(7)),
      lte("LTE 5 MHz", LTE("5MHz"), 24, 25),
      lte("LTE 10 MHz", LTE("10MHz"), 48, 50),
      lte("LTE 20 MHz", LTE("20MHz"), 100, 100),
      {"mahimahi's drive", "",
       TRACE("drive-down.mahimahi", "drive-up.mahimahi"), 0, 0, 0},
      {"CSV's drive", "", TRACE("drive.csv", "drive-up.csv"), 0, 0, 0},
  };

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    print_row(&rows[i]);
  }
}

/* Wi-Fi's are as fast as their backhaul where that is the slower; for the
 * others theory has only an upper bound. */
static void print_presets(void) {
  size_t count;
  const ho_listed *presets = ho_list_presets(&count);

  for (size_t i = 0; i < count && presets[i].text; i++) {
    char *what = ho_format("`%s`", presets[i].name);
    char *network = ho_format("{type: preset, name: %s}", presets[i].name);

    print_row(&(row){what, "", network, 0, 0, HO_SEC});
    free(what);
    free(network);
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("| network | place | down: theory | measured | ratio | up: theory | "
       "measured | ratio | RTT: first | median | longest |");
  puts("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  print_rows();
  print_presets();
  return 0;
}
