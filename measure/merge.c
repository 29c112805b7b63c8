/* Shards of one grid, put together into the folder that one machine would have
 * written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/merge.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/artefacts.h"
#include "measure/durable.h"
#include "measure/keeper.h"
#include "measure/manifest.h"
#include "measure/manifest_json.h"
#include "measure/manifest_plan.h"
#include "measure/results.h"
#include "sim/base/alloc.h"

/* One folder; |shard| counts from 1. */
typedef struct {
  const char *dir;
  json_t *manifest;
  size_t shard, of;
  ho_parts *parts;
} shard;

struct ho_merge {
  shard *shards; /* by number, once they are known to fit */
  size_t count;
  ho_asked asked;
};

/* ---- do they fit ---- */

static size_t number(const json_t *object, const char *key) {
  json_int_t value = json_integer_value(json_object_get(object, key));

  return value > 0 ? (size_t)value : 0;
}

static void read_manifest(shard *s, ho_diag *diag) {
  const json_t *place;

  switch (ho_manifest_look(s->dir)) {
  case HO_MANIFEST_NONE:
  case HO_MANIFEST_BAD:
    ho_diag_add(diag, NULL, "'%s' has no manifest.json of ours", s->dir);
    return;
  case HO_MANIFEST_INCOMPLETE:
    ho_diag_add(diag, NULL,
                "'%s' is incomplete: go on with what made it, and --resume",
                s->dir);
    return;
  case HO_MANIFEST_COMPLETE:
    break;
  }
  s->manifest = ho_manifest_load(s->dir);
  place = json_object_get(s->manifest, "shard");
  s->shard = number(place, "index");
  s->of = number(place, "of");
  if (!place) {
    ho_diag_add(diag, NULL, "'%s' is no shard: its grid is whole", s->dir);
  } else if (s->shard == 0 || s->shard > s->of) {
    ho_diag_add(diag, NULL, "'%s' says that it is shard %zu/%zu", s->dir,
                s->shard, s->of);
  } else {
    json_object_del(s->manifest, "shard");
  }
}

/* Of |m|'s shards, each must be there once. */
static void check_numbers(const ho_merge *m, ho_diag *diag) {
  const shard *first = &m->shards[0];
  const char **seen;
  size_t missing = 0, example = 0;

  for (size_t i = 1; i < m->count; i++) {
    if (m->shards[i].of != first->of) {
      ho_diag_add(diag, NULL, "'%s' is a shard of %zu, '%s' one of %zu",
                  first->dir, first->of, m->shards[i].dir, m->shards[i].of);
      return;
    }
  }
  seen = ho_alloc_array(first->of + 1, sizeof(*seen));
  for (size_t i = 0; i < m->count; i++) {
    const shard *s = &m->shards[i];
    if (seen[s->shard]) {
      ho_diag_add(diag, NULL, "'%s' and '%s' are both shard %zu/%zu",
                  seen[s->shard], s->dir, s->shard, s->of);
    }
    seen[s->shard] = s->dir;
  }
  for (size_t k = first->of; k > 0; k--) {
    missing += !seen[k];
    example = seen[k] ? example : k;
  }
  if (missing == 1) {
    ho_diag_add(diag, NULL, "shard %zu/%zu is missing", example, first->of);
  } else if (missing > 1) {
    ho_diag_add(diag, NULL, "%zu of %zu shards are missing, such as %zu/%zu",
                missing, first->of, example, first->of);
  }
  free(seen);
}

/* Radios measured on two machines must have come to the same. */
static char *difference(const json_t *a, const json_t *b) {
  const json_t *here = json_object_get(b, "calibration");
  const json_t *there = json_object_get(a, "calibration");
  char *what = ho_manifest_difference(a, b);

  if (!what && (here || there) &&
      (!here || !there || !json_equal(here, there))) {
    what = ho_strdup("what their radios were measured to carry");
  }
  return what;
}

static void check_grids(const ho_merge *m, ho_diag *diag) {
  for (size_t i = 1; i < m->count; i++) {
    char *what = difference(m->shards[0].manifest, m->shards[i].manifest);
    if (what) {
      ho_diag_add(diag, NULL,
                  "'%s' and '%s' are of different grids: %s (there: the first)",
                  m->shards[0].dir, m->shards[i].dir, what);
    }
    free(what);
  }
}

static int by_number(const void *left, const void *right) {
  const shard *a = left, *b = right;

  return (a->shard > b->shard) - (a->shard < b->shard);
}

/* What the manifest says must come out of this program, too: another version
 * may have had other columns. */
static void check_plan(ho_merge *m, ho_diag *diag) {
  const shard *first = &m->shards[0];
  json_t *here;
  char *what;

  if (ho_asked_read(&m->asked, first->manifest, first->dir, diag) != 0) {
    return;
  }
  here = ho_manifest_json(&m->asked.plan, 0, true);
  what = ho_manifest_difference(first->manifest, here);
  if (what) {
    ho_diag_add(diag, NULL, "'%s' was not made by this program: %s", first->dir,
                what);
  }
  json_decref(here);
  free(what);
}

static void read_rows(const ho_merge *m, shard *s, ho_diag *diag) {
  size_t runs = ho_plan_runs(&m->asked.plan), lost = 0;
  char *path = ho_keeper_rows(s->dir);

  if (ho_parts_open(&s->parts, path, runs) != 0) {
    ho_diag_add(diag, NULL, "'%s' cannot be read: %s", path, strerror(errno));
  } else {
    for (size_t i = s->shard - 1; i < runs; i += s->of) {
      lost += !ho_parts_has(s->parts, i);
    }
    if (lost > 0 || ho_parts_rest(s->parts) > 0) {
      ho_diag_add(diag, NULL, "'%s' is damaged: it lacks %zu of its runs", path,
                  lost);
    }
  }
  free(path);
}

static void check(ho_merge *m, ho_diag *diag) {
  size_t before = diag->count;

  for (size_t i = 0; i < m->count; i++) {
    read_manifest(&m->shards[i], diag);
  }
  if (diag->count == before) {
    check_numbers(m, diag);
    check_grids(m, diag);
  }
  if (diag->count == before) {
    qsort(m->shards, m->count, sizeof(shard), by_number);
    check_plan(m, diag);
  }
  for (size_t i = 0; i < m->count && diag->count == before; i++) {
    read_rows(m, &m->shards[i], diag);
    if (m->asked.plan.pcap || m->asked.plan.qlog) {
      ho_artefacts_check(m->shards[i].dir, diag);
    }
  }
}

int ho_merge_open(ho_merge **merge, char *const *dirs, size_t count,
                  ho_diag *diag) {
  ho_merge *m = ho_alloc(sizeof(*m));
  size_t before = diag->count;

  m->shards = ho_alloc_array(count, sizeof(shard));
  m->count = count;
  for (size_t i = 0; i < count; i++) {
    m->shards[i].dir = dirs[i];
  }
  check(m, diag);
  if (diag->count > before) {
    ho_merge_free(m);
    return HO_ERR_INPUT;
  }
  *merge = m;
  return 0;
}

void ho_merge_free(ho_merge *merge) {
  for (size_t i = 0; i < merge->count; i++) {
    json_decref(merge->shards[i].manifest);
    ho_parts_free(merge->shards[i].parts);
  }
  ho_asked_free(&merge->asked);
  free(merge->shards);
  free(merge);
}

const ho_plan *ho_merge_plan(const ho_merge *merge) {
  return &merge->asked.plan;
}

/* ---- together ---- */

static int complain(const char *what, const char *where) {
  fprintf(stderr, "handoff: %s '%s': %s\n", what, where, strerror(errno));
  return HO_ERR_IO;
}

static int write_rows(const ho_merge *m, const char *work) {
  ho_parts **parts = ho_alloc_array(m->count, sizeof(*parts));
  ho_rows rows = {parts, m->count, ho_plan_runs(&m->asked.plan)};
  int rv;

  for (size_t i = 0; i < m->count; i++) {
    parts[i] = m->shards[i].parts;
  }
  rv = ho_results_assemble(&m->asked.plan, &rows, work);
  free(parts);
  return rv;
}

static int copy_file(const char *from, const char *to) {
  FILE *in = fopen(from, "re"), *out = in ? fopen(to, "we") : NULL;
  char buf[1 << 16];
  int rv = out ? 0 : HO_ERR_IO, err;
  size_t n;

  while (rv == 0 && (n = fread(buf, 1, sizeof(buf), in)) > 0) {
    rv = fwrite(buf, 1, n, out) == n ? 0 : HO_ERR_IO;
  }
  if (rv == 0 && (ferror(in) || fflush(out) != 0)) {
    rv = HO_ERR_IO;
  }
  err = errno;
  if (in) {
    fclose(in);
  }
  if (out && fclose(out) != 0 && rv == 0) {
    rv = HO_ERR_IO;
    err = errno;
  }
  errno = err;
  return rv;
}

/* Copies folder |from| into |to|, which may be there; an absent one is empty.
 */
static int copy_tree(const char *from, const char *to) {
  DIR *dir = opendir(from);
  struct dirent *entry;
  int rv = 0;

  if (!dir) {
    return errno == ENOENT ? 0 : HO_ERR_IO;
  }
  if (mkdir(to, 0777) != 0 && errno != EEXIST) {
    rv = HO_ERR_IO;
  }
  while (rv == 0 && (entry = readdir(dir))) {
    char *a, *b;
    struct stat st;
    if (entry->d_name[0] == '.') {
      continue;
    }
    a = ho_format("%s/%s", from, entry->d_name);
    b = ho_format("%s/%s", to, entry->d_name);
    rv = stat(a, &st) != 0     ? HO_ERR_IO
         : S_ISDIR(st.st_mode) ? copy_tree(a, b)
                               : copy_file(a, b);
    free(a);
    free(b);
  }
  closedir(dir);
  return rv;
}

static int copy_captures(const ho_merge *m, const char *work) {
  char *to = ho_format("%s/runs", work);
  int rv = 0;

  for (size_t i = 0; i < m->count && rv == 0; i++) {
    char *from = ho_format("%s/runs", m->shards[i].dir);
    rv = copy_tree(from, to);
    free(from);
  }
  free(to);
  return rv;
}

/* The first shard's, which says what all were asked, as of a whole grid. */
static int write_manifest(const ho_merge *m, const char *work) {
  json_t *root = m->shards[0].manifest;
  json_int_t runs = (json_int_t)ho_plan_runs(&m->asked.plan);

  json_object_set_new(root, "runs", json_integer(runs));
  json_object_set_new(root, "finished", json_integer(runs));
  return ho_manifest_save(root, work, true);
}

int ho_merge_write(const ho_merge *merge, ho_folder *folder) {
  const char *work = folder->work;
  char *shown;
  int rv = 0;

  if (write_rows(merge, work) != 0 || copy_captures(merge, work) != 0 ||
      ho_durable_all(work) != 0 || write_manifest(merge, work) != 0) {
    return complain("cannot write", work);
  }
  shown = ho_strdup(work);
  if (ho_folder_commit(folder) != 0) {
    rv = complain("cannot put the results in place; they are in", shown);
  }
  free(shown);
  return rv;
}
