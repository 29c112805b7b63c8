/* From a plan to its result folder: run the grid, put its rows together. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/link/linkability.h"
#include "measure/manifest.h"
#include "measure/meter.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"

bool ho_results_wants(const ho_plan *plan, const char *file) {
  if (!strcmp(file, "events.csv")) {
    return plan->events;
  }
  if (!strcmp(file, "checks.csv")) {
    return !plan->no_checks;
  }
  if (!strcmp(file, "flows.csv") || !strcmp(file, "linkability.csv")) {
    return plan->scenario->observers != 0;
  }
  return strcmp(file, "series.csv") != 0 || plan->series;
}

static void write_header(FILE *out, const ho_table *table) {
  for (size_t i = 0; i < table->count; i++) {
    fprintf(out, "%s%s", i > 0 ? "," : "", table->columns[i].name);
  }
  fputc('\n', out);
}

/* Appends |path|, which a run without such rows does not have. */
static int append(FILE *out, const char *path) {
  FILE *in = fopen(path, "r");
  char buf[65536];
  size_t n;
  int rv = 0, err;

  if (!in) {
    return errno == ENOENT ? 0 : HO_ERR_IO;
  }
  while (rv == 0 && (n = fread(buf, 1, sizeof(buf), in)) > 0) {
    rv = fwrite(buf, 1, n, out) == n ? 0 : HO_ERR_IO;
  }
  if (ferror(in)) {
    rv = HO_ERR_IO;
  }
  err = errno;
  fclose(in);
  errno = err;
  return rv;
}

static int append_parts(FILE *out, const ho_plan *plan, const char *work,
                        const char *file) {
  size_t runs = ho_plan_runs(plan);
  int rv = 0;

  for (size_t i = 0; i < runs && rv == 0; i++) {
    char *part = ho_grid_part(work, i);
    char *path = ho_format("%s/%s", part, file);
    rv = append(out, path);
    free(part);
    free(path);
  }
  return rv;
}

/* The place of each client among those that move. */
static uint64_t *places_of(const ho_scenario *scenario) {
  uint64_t *places = ho_alloc_array(scenario->clients, sizeof(*places));
  uint64_t next = 0;
  size_t client = 0;

  for (size_t i = 0; i < scenario->groups_count; i++) {
    const ho_group *group = &scenario->groups[i];
    for (size_t k = 0; k < group->clients && client < scenario->clients; k++) {
      places[client++] = group->moves ? next++ : UINT64_MAX;
    }
  }
  while (client < scenario->clients) {
    places[client++] = next++;
  }
  return places;
}

static int write_linkability(FILE *out, const ho_plan *plan, const char *work) {
  const ho_scenario *scenario = plan->scenario;
  const char **arms = ho_alloc_array(plan->arms_count, sizeof(*arms));
  uint64_t *places = places_of(scenario);
  char *flows = ho_format("%s/flows.csv", work),
       *handoffs = ho_format("%s/handoffs.csv", work);
  ho_linkability what = {.scenario = scenario->name,
                         .arms = arms,
                         .arms_count = plan->arms_count,
                         .observers = scenario->observers,
                         .swap_game = scenario->swap_game,
                         .places = places,
                         .places_count = scenario->clients,
                         .flows = flows,
                         .handoffs = handoffs};
  int rv, err;

  for (size_t i = 0; i < plan->arms_count; i++) {
    arms[i] = scenario->arms[plan->arms[i]].name;
  }
  rv = ho_linkability_write(out, &what);
  err = errno;
  free(arms);
  free(places);
  free(flows);
  free(handoffs);
  errno = rv == HO_ERR_INPUT ? EINVAL : err;
  return rv == 0 ? 0 : HO_ERR_IO;
}

/* linkability.csv is made of all runs' flows and handoffs, which stand before
 * it among the tables; every other file of the rows of each run. */
static int write_rows(FILE *out, const ho_table *table, const ho_plan *plan,
                      const char *work) {
  if (strcmp(table->file, "linkability.csv") == 0) {
    return write_linkability(out, plan, work);
  }
  return append_parts(out, plan, work, table->file);
}

/* Puts one CSV file together in the order of the grid, whichever run finished
 * first.  A file that does not fit on the disk is taken away again: its rows
 * are still in their parts. */
static int assemble(const ho_table *table, const ho_plan *plan,
                    const char *work) {
  char *path = ho_format("%s/%s", work, table->file);
  FILE *out = fopen(path, "w");
  int rv = out ? 0 : HO_ERR_IO, err = errno;

  if (out) {
    write_header(out, table);
    rv = write_rows(out, table, plan, work);
    if (rv == 0 && (fflush(out) != 0 || ferror(out))) {
      rv = HO_ERR_IO;
    }
    err = errno;
    if (fclose(out) != 0 && rv == 0) {
      err = errno;
      rv = HO_ERR_IO;
    }
    if (rv != 0) {
      unlink(path);
    }
  }
  free(path);
  errno = err;
  return rv;
}

static int assemble_all(const ho_plan *plan, const char *work) {
  size_t count;
  const ho_table *tables = ho_tables(&count);
  int rv = 0, err = 0;

  for (size_t i = 0; i < count; i++) {
    if (ho_results_wants(plan, tables[i].file) &&
        assemble(&tables[i], plan, work) != 0) {
      err = errno;
      rv = HO_ERR_IO;
    }
  }
  errno = err;
  return rv;
}

/* Captures keep the folder of their run. */
static int keep_captures(const ho_plan *plan, const char *work) {
  static const char *const names[] = {"client.pcapng", "server.pcapng",
                                      "wire.pcapng"};
  char *runs = ho_format("%s/runs", work);
  int rv = mkdir(runs, 0777) == 0 || errno == EEXIST ? 0 : HO_ERR_IO;

  for (size_t i = 0; rv == 0 && i < ho_plan_runs(plan); i++) {
    uint64_t seed;
    size_t arm;
    ho_plan_run(plan, i, &arm, &seed);
    char *part = ho_grid_part(work, i);
    char *dir =
        ho_format("%s/%s-%" PRIu64, runs, plan->scenario->arms[arm].name, seed);
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
      char *from = ho_format("%s/%s", part, names[k]);
      char *to = ho_format("%s/%s", dir, names[k]);
      if (access(from, F_OK) == 0 &&
          ((mkdir(dir, 0777) != 0 && errno != EEXIST) ||
           rename(from, to) != 0)) {
        rv = HO_ERR_IO;
      }
      free(from);
      free(to);
    }
    free(part);
    free(dir);
  }
  free(runs);
  return rv;
}

static int complain(const char *what, const char *where) {
  fprintf(stderr, "handoff: %s '%s': %s\n", what, where, strerror(errno));
  return HO_ERR_IO;
}

/* Puts |folder| in its place.  Should that fail, what it holds stays where it
 * was made. */
static int commit(ho_folder *folder) {
  char *work = ho_strdup(folder->work);
  int rv = 0;

  if (ho_folder_commit(folder) != 0) {
    rv = complain("cannot put the results in place; they are in", work);
  }
  free(work);
  return rv;
}

static int finish_whole(const ho_plan *plan, const ho_folder *folder,
                        size_t finished) {
  char *parts = ho_format("%s/parts", folder->work);
  int rv = 0;

  if (ho_manifest_write(plan, finished, true, folder->work) != 0 ||
      ho_tree_remove(parts) != 0) {
    rv = complain("cannot write", folder->work);
  }
  free(parts);
  return rv;
}

/* Keeps what there is.  The manifest that says "incomplete" is there since
 * before the first run; a full disk may not have room for a better one. */
static int finish_early(const ho_plan *plan, ho_folder *folder,
                        size_t finished) {
  char *path;
  int rv;

  if (finished == 0) {
    fprintf(stderr, "handoff: %s: no run had finished, nothing is kept\n",
            plan->scenario->name);
    return 0;
  }
  if (ho_manifest_write(plan, finished, false, folder->work) != 0) {
    complain("cannot rewrite the manifest in", folder->work);
  }
  path = ho_strdup(folder->path);
  rv = commit(folder);
  if (rv == 0) {
    fprintf(stderr,
            "handoff: %s: %zu of %zu runs are kept in %s, whose manifest is "
            "marked incomplete for --resume (not yet supported)\n",
            plan->scenario->name, finished, ho_plan_runs(plan), path);
  }
  free(path);
  return rv;
}

int ho_results_make(const ho_plan *plan, ho_folder *folder,
                    const ho_grid_config *config, ho_grid_result *result) {
  int rv;

  *result = (ho_grid_result){0};
  if (ho_manifest_write(plan, 0, false, folder->work) != 0) {
    return complain("cannot write", folder->work);
  }
  rv = ho_grid_run(plan, config, folder->work, result);
  if (rv != 0) {
    complain("cannot write", folder->work);
  }
  if (result->finished > 0 && assemble_all(plan, folder->work) != 0) {
    rv = complain("cannot write", folder->work);
  }
  if (plan->pcap && result->finished > 0 &&
      keep_captures(plan, folder->work) != 0) {
    rv = complain("cannot keep the captures in", folder->work);
  }
  if (rv == 0 && result->finished == ho_plan_runs(plan)) {
    rv = finish_whole(plan, folder, result->finished);
    if (rv == 0) {
      return commit(folder);
    }
  }
  return finish_early(plan, folder, result->finished) != 0 ? HO_ERR_IO : rv;
}
