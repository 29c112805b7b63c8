/* A plan's result folder: from finished runs to files in their place. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/results.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/artefacts.h"
#include "measure/csv.h"
#include "measure/durable.h"
#include "measure/failed.h"
#include "measure/keeper.h"
#include "measure/manifest.h"
#include "measure/meter.h"
#include "measure/progress.h"
#include "measure/results_private.h"
#include "measure/resume.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"

bool ho_results_wants(const ho_plan *plan, const char *file) {
  if (!strcmp(file, "events.csv")) {
    return plan->events;
  }
  if (!strcmp(file, "milestones.csv")) {
    return plan->milestones;
  }
  if (!strcmp(file, "checks.csv")) {
    return !plan->no_checks;
  }
  if (!strcmp(file, "flows.csv") || !strcmp(file, "linkability.csv")) {
    return plan->scenario->observers != 0;
  }
  return strcmp(file, "series.csv") != 0 || plan->series;
}

/* A varied key has its column right after the scenario's. */
void ho_results_header(FILE *out, const ho_table *table, const ho_plan *plan) {
  ho_csv csv;

  ho_csv_init(&csv, out);
  for (size_t i = 0; i < table->count; i++) {
    ho_csv_text(&csv, table->columns[i].name);
    for (size_t k = 0; i == 0 && k < plan->vary_count; k++) {
      ho_csv_text(&csv, plan->vary[k].key);
    }
  }
  ho_csv_end(&csv);
}

int ho_results_append(FILE *out, const ho_rows *rows, const char *file,
                      size_t first, size_t end) {
  int rv = 0;

  for (size_t i = first; i < end && rv == 0; i++) {
    rv = ho_parts_copy(rows->parts[i % rows->count], i, file, out);
  }
  return rv;
}

/* linkability.csv is made of all runs' flows and handoffs, summary.csv of files
 * that were written before it; every other file of the rows of each run. */
static int write_rows(FILE *out, const ho_table *table, const ho_plan *plan,
                      const ho_rows *rows, const char *work) {
  if (strcmp(table->file, "linkability.csv") == 0) {
    return ho_results_link(out, plan, rows, work);
  }
  if (strcmp(table->file, "summary.csv") == 0) {
    return ho_results_summary(out, plan, work);
  }
  return ho_results_append(out, rows, table->file, 0, rows->runs);
}

/* Puts one CSV file together in the order of the grid, whichever run finished
 * first.  A file that does not fit on the disk is taken away again: its rows
 * are still in their parts. */
static int assemble(const ho_table *table, const ho_plan *plan,
                    const ho_rows *rows, const char *work) {
  char *path = ho_format("%s/%s", work, table->file);
  FILE *out = fopen(path, "w");
  int rv = out ? 0 : HO_ERR_IO, err = errno;

  if (out) {
    ho_results_header(out, table, plan);
    rv = write_rows(out, table, plan, rows, work);
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

int ho_results_assemble(const ho_plan *plan, const ho_rows *rows,
                        const char *work) {
  size_t count;
  const ho_table *tables = ho_tables(&count);
  int rv = 0, err = 0;

  for (size_t i = 0; i < count; i++) {
    if (ho_results_wants(plan, tables[i].file) &&
        assemble(&tables[i], plan, rows, work) != 0) {
      err = errno;
      rv = HO_ERR_IO;
    }
  }
  errno = err;
  return rv;
}

static int assemble_own(const ho_plan *plan, const char *work) {
  char *path = ho_keeper_rows(work);
  ho_parts *parts = NULL;
  int rv = ho_parts_open(&parts, path, ho_plan_runs(plan)), err;

  if (rv == 0) {
    ho_rows rows = {&parts, 1, ho_plan_runs(plan)};
    rv = ho_results_assemble(plan, &rows, work);
  }
  err = errno;
  ho_parts_free(parts);
  free(path);
  errno = err;
  return rv;
}

/* What a run has beside rows: captures, and a log for each connection. */
static int is_artefact(const struct dirent *entry) {
  return ho_artefact(entry->d_name);
}

/* Moves |name| of the run in |part| to |dir|. */
static int keep_artefact(const char *part, const char *dir, const char *name) {
  char *from, *to;
  int rv;

  assert(part && dir); /* or gcc's sanitizers take them for NULL */
  from = ho_format("%s/%s", part, name);
  to = ho_format("%s/%s", dir, name);
  rv = rename(from, to) != 0 ? HO_ERR_IO : 0;
  free(from);
  free(to);
  return rv;
}

/* A run that has none has no folder in the first place. */
static int keep_run(const char *part, const char *dir) {
  struct dirent **names = NULL;
  int count = scandir(part, &names, is_artefact, alphasort), rv = 0;

  if (count < 0) {
    return errno == ENOENT ? 0 : HO_ERR_IO;
  }
  if (count > 0 && mkdir(dir, 0777) != 0 && errno != EEXIST) {
    rv = HO_ERR_IO;
  }
  for (int i = 0; i < count; i++) {
    rv = rv != 0 ? rv : keep_artefact(part, dir, names[i]->d_name);
    free(names[i]);
  }
  free(names);
  return rv;
}

/* Artefacts keep the folder of their run. */
static int keep_artefacts(const ho_plan *plan, const char *work) {
  char *runs = ho_format("%s/runs", work);
  int rv = mkdir(runs, 0777) == 0 || errno == EEXIST ? 0 : HO_ERR_IO;

  for (size_t i = 0; rv == 0 && i < ho_plan_runs(plan); i++) {
    char *part = ho_keeper_part(work, i);
    char *name = ho_plan_name(plan, i);
    char *dir = ho_format("%s/%s", runs, name);
    rv = keep_run(part, dir);
    free(part);
    free(name);
    free(dir);
  }
  rmdir(runs); /* if no run has any */
  free(runs);
  return rv;
}

void ho_results_none(const ho_plan *plan) {
  fprintf(stderr, "handoff: %s: no run had finished, nothing is kept\n",
          plan->scenario->name);
}

void ho_results_kept(const ho_plan *plan, size_t finished, const char *path) {
  fprintf(stderr, "handoff: %s: %zu of %zu runs are kept in %s\n",
          plan->scenario->name, finished, ho_plan_mine_count(plan), path);
}

/* Another process may have its progress on the terminal. */
static int complain(const char *what, const char *where) {
  ho_progress_erase();
  fprintf(stderr, "handoff: %s '%s': %s\n", what, where, strerror(errno));
  return HO_ERR_IO;
}

void ho_results_unread(const ho_folder *folder) {
  complain("cannot read what is kept in", folder->work);
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

/* The files are on disk before a manifest says that they are whole, and that is
 * before what they were made from goes.  A shard's parts are for merging. */
static int finish_whole(const ho_plan *plan, const ho_folder *folder,
                        size_t finished) {
  char *parts = ho_format("%s/parts", folder->work);
  bool listed = plan->shards > 0 && (plan->pcap || plan->qlog);
  int rv = 0;

  if ((listed && ho_artefacts_list(folder->work) != 0) ||
      ho_durable_all(folder->work) != 0 ||
      ho_manifest_write(plan, finished, true, folder->work) != 0 ||
      (plan->shards == 0 && ho_tree_remove(parts) != 0)) {
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
    ho_results_none(plan);
    return 0;
  }
  if (ho_manifest_write(plan, finished, false, folder->work) != 0) {
    complain("cannot rewrite the manifest in", folder->work);
  }
  path = ho_strdup(folder->path);
  rv = commit(folder);
  if (rv == 0) {
    ho_results_kept(plan, finished, path);
  }
  free(path);
  return rv;
}

/* Puts the files together from the parts. */
static int assemble_results(const ho_plan *plan, const char *work) {
  int rv = 0;

  if (assemble_own(plan, work) != 0) {
    rv = complain("cannot write", work);
  }
  if ((plan->pcap || plan->qlog || plan->timeline) &&
      keep_artefacts(plan, work) != 0) {
    rv = complain("cannot keep the artefacts in", work);
  }
  return rv;
}

/* What is left over has its manifest, safe on disk. */
int ho_results_begin(const ho_plan *plan, ho_folder *folder) {
  if ((!folder->leftover &&
       ho_manifest_write(plan, 0, false, folder->work) != 0) ||
      (folder->adopt && ho_resume_adopt(folder) != 0)) {
    return complain("cannot write", folder->work);
  }
  return 0;
}

bool ho_results_made(const ho_folder *folder) {
  return folder->leftover &&
         ho_manifest_look(folder->work) == HO_MANIFEST_COMPLETE;
}

static int commit_made(const ho_plan *plan, ho_folder *folder) {
  char *parts = ho_format("%s/parts", folder->work);
  int rv = 0;

  if (plan->shards == 0 && ho_tree_remove(parts) != 0) {
    rv = complain("cannot write", folder->work);
  }
  free(parts);
  return rv != 0 ? rv : commit(folder);
}

int ho_results_finish(const ho_plan *plan, ho_folder *folder, size_t finished,
                      int err) {
  size_t wanted = ho_plan_mine_count(plan);
  int rv = 0;

  if (ho_results_made(folder)) {
    return commit_made(plan, folder);
  }
  if (err != 0) {
    errno = err;
    rv = complain("cannot write", folder->work);
  }
  if ((finished > 0 || wanted == 0) &&
      assemble_results(plan, folder->work) != 0) {
    rv = HO_ERR_IO;
  }
  if (rv == 0 && finished == wanted) {
    rv = finish_whole(plan, folder, finished);
    if (rv == 0) {
      return commit(folder);
    }
  }
  return finish_early(plan, folder, finished) != 0 ? HO_ERR_IO : rv;
}
