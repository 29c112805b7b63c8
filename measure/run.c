/* One run, in a process of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/checks/check.h"
#include "measure/cost.h"
#include "measure/csv.h"
#include "measure/failed.h"
#include "measure/link/vantages.h"
#include "measure/meter.h"
#include "measure/milestones.h"
#include "measure/pcap.h"
#include "measure/qlog.h"
#include "measure/report/timeline.h"
#include "sim/base/alloc.h"
#include "sim/wire/null_cipher.h"
#include "stack/entropy.h"
#include "stack/world.h"

/* The application's bytes, from the row that the meter has just written. */
static uint64_t bytes_of(const ho_scenario *scenario, const char *dir) {
  const ho_table *table = ho_table_find("runs.csv");
  char *path = ho_format("%s/runs.csv", dir);
  size_t shift = scenario->point_count; /* these columns are not declared */
  uint64_t bytes = 0;
  ho_csv_file file;

  if (ho_csv_read(&file, path) == 0 && file.count > 0) {
    for (size_t i = 1; i < table->count && i + shift < file.rows[0].count;
         i++) {
      if (!strcmp(table->columns[i].name, "bytes")) {
        bytes = strtoull(file.rows[0].fields[i + shift], NULL, 10);
      }
    }
  }
  ho_csv_file_free(&file);
  free(path);
  return bytes;
}

/* The library times are copied first: what follows is not the run's. */
static int write_cost(const ho_scenario *scenario, size_t arm, uint64_t seed,
                      uint64_t wall_ns, const char *dir) {
  uint64_t library_ns[2][HO_COST_KINDS];
  ho_run_cost cost = {.scenario = scenario,
                      .arm = arm,
                      .seed = seed,
                      .wall_ns = wall_ns,
                      .bytes = bytes_of(scenario, dir),
                      .library_ns = library_ns};

  ho_cost_read(library_ns);
  getrusage(RUSAGE_SELF, &cost.usage);
  return ho_run_cost_write(&cost, dir);
}

/* RFC checks are QUIC's. */
static ho_checks *make_checks(const ho_plan *plan, const ho_scenario *scenario,
                              size_t arm, ho_log *log) {
  bool tcp = scenario->arms[arm].transport == HO_TRANSPORT_TCP;

  return plan->no_checks || tcp ? NULL : ho_checks_new(scenario, arm, log);
}

static int write_checks(const ho_checks *checks, uint64_t seed,
                        const char *dir) {
  char *path = ho_format("%s/checks.csv", dir);
  FILE *out = fopen(path, "w");
  int rv = 0;

  free(path);
  if (!out) {
    return HO_ERR_IO;
  }
  ho_checks_write(checks, seed, out);
  if (fflush(out) != 0 || ferror(out)) {
    rv = HO_ERR_IO;
  }
  if (fclose(out) != 0) {
    rv = HO_ERR_IO;
  }
  return rv;
}

/* The verdicts, into a file of their own and the meter's row. */
static int finish_checks(ho_checks *checks, ho_meter *meter, uint64_t seed,
                         const char *dir) {
  if (!checks) {
    return 0;
  }
  ho_checks_finish(checks, ho_meter_now(meter));
  ho_meter_checks(meter, ho_checks_failed(checks));
  return write_checks(checks, seed, dir);
}

/* Who watches a run's packets. */
typedef struct {
  ho_checks *checks;
  ho_pcap *pcap;
  ho_qlog *qlog;
  ho_vantages *vantages;
  ho_milestones *milestones;
  ho_timeline *timeline;
  ho_sink list[4];
  ho_sinks sinks;
} watchers;

static int watch(watchers *w, const ho_plan *plan, const ho_scenario *scenario,
                 size_t arm, ho_log *log, const char *dir) {
  *w = (watchers){.checks = make_checks(plan, scenario, arm, log),
                  .vantages = ho_vantages_new(scenario)};
  w->sinks.list = w->list;
  if (w->checks) {
    w->list[w->sinks.count++] = ho_checks_sink(w->checks);
  }
  if (w->vantages) {
    w->list[w->sinks.count++] = ho_vantages_sink(w->vantages);
  }
  if (plan->pcap) {
    w->pcap = ho_pcap_new(scenario, dir);
    if (!w->pcap) {
      return HO_ERR_IO;
    }
    w->list[w->sinks.count++] = ho_pcap_sink(w->pcap);
  }
  if (plan->qlog) {
    w->qlog = ho_qlog_new(log, dir);
    w->list[w->sinks.count++] = ho_qlog_sink(w->qlog);
  }
  return 0;
}

/* The captures are closed in any case; returns |rv|, or what that came to. */
static int close_captures(watchers *w, int rv) {
  int err = errno, closed = w->pcap ? ho_pcap_close(w->pcap) : 0;

  if (rv == 0) {
    return closed;
  }
  errno = err;
  return rv;
}

/* Likewise. */
static int close_qlog(watchers *w, int rv) {
  int err = errno, closed = w->qlog ? ho_qlog_close(w->qlog) : 0;

  if (rv == 0) {
    return closed;
  }
  errno = err;
  return rv;
}

/* Likewise. */
static int close_milestones(watchers *w, int rv) {
  int err = errno;
  int closed = w->milestones ? ho_milestones_finish(w->milestones) : 0;

  if (rv == 0) {
    return closed;
  }
  errno = err;
  return rv;
}

/* What observers saw, beside what the meter knows. */
static int finish_vantages(watchers *w, const ho_meter_config *config,
                           const ho_meter *meter, const char *dir) {
  if (!w->vantages) {
    return 0;
  }
  ho_vantages_finish(w->vantages);
  return ho_vantages_write(w->vantages, config, meter, dir);
}

static int simulate(const ho_plan *plan, size_t index,
                    const ho_scenario *scenario, size_t arm, uint64_t seed,
                    const char *dir) {
  const ho_capacity *capacity =
      plan->calibration ? &plan->calibration->points[ho_plan_point(plan, index)]
                        : NULL;
  ho_meter_config config = {.scenario = scenario,
                            .arm = arm,
                            .seed = seed,
                            .events = plan->events,
                            .series = plan->series,
                            .capacity = capacity};
  ho_log *log = ho_log_new();
  ho_meter *meter = ho_meter_new(&config, log, dir);
  uint64_t start_ns = ho_entropy_real_ns(), wall_ns;
  watchers w;
  int err, rv = watch(&w, plan, scenario, arm, log, dir);

  if (rv == 0 && plan->milestones) {
    w.milestones = ho_milestones_new(&config, log, dir);
    rv = w.milestones ? 0 : HO_ERR_IO;
  }
  w.timeline = plan->timeline ? ho_timeline_new(&config, log, dir) : NULL;
  if (rv == 0) {
    ho_world_run(scenario, arm, seed, log, &w.sinks);
    wall_ns = ho_entropy_real_ns() - start_ns;
    rv = finish_checks(w.checks, meter, seed, dir);
    rv = close_captures(&w, rv);
    rv = close_qlog(&w, rv);
    rv = close_milestones(&w, rv);
    rv = rv != 0 ? rv : ho_meter_finish(meter);
    rv = rv != 0 || !w.timeline ? rv : ho_timeline_draw(w.timeline);
    rv = rv != 0 ? rv : finish_vantages(&w, &config, meter, dir);
    rv = rv != 0 ? rv : write_cost(scenario, arm, seed, wall_ns, dir);
    if (rv == 0 && plan->failed_only) {
      rv = ho_failed_settle(plan, index, dir);
    }
  }
  err = errno;
  ho_checks_del(w.checks);
  ho_vantages_del(w.vantages);
  ho_timeline_del(w.timeline);
  ho_meter_del(meter);
  ho_log_del(log);
  errno = err;
  return rv;
}

int ho_run_one(const ho_plan *plan, size_t index, const char *dir) {
  ho_scenario *scenario = NULL;
  ho_diag diag = {0};
  uint64_t seed;
  size_t arm;
  int rv, err;

  ho_plan_run(plan, index, &arm, &seed);
  if (ho_plan_load(plan, ho_plan_point(plan, index), seed, &scenario, &diag) !=
      0) {
    ho_diag_print(&diag, stderr);
    ho_diag_free(&diag);
    return HO_ERR_INPUT;
  }
  ho_null_use(plan->no_crypto);
  rv = simulate(plan, index, scenario, arm, seed, dir);
  err = errno;
  ho_scenario_del(scenario);
  ho_diag_free(&diag);
  errno = err;
  return rv;
}
