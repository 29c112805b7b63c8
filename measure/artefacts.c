/* The captures and logs of a shard: that they arrive as they were written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/artefacts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* What a file comes to. */
typedef struct {
  uint64_t hash, size;
} sum;

static int sum_of(sum *s, const char *path) {
  FILE *in = fopen(path, "re");
  uint8_t buf[1 << 14];
  size_t n;
  int rv, err;

  *s = (sum){.hash = 0xcbf29ce484222325};
  if (!in) {
    return HO_ERR_IO;
  }
  while ((n = fread(buf, 1, sizeof(buf), in)) > 0) {
    s->size += n;
    for (size_t i = 0; i < n; i++) {
      s->hash = (s->hash ^ buf[i]) * 0x100000001b3;
    }
  }
  rv = ferror(in) ? HO_ERR_IO : 0;
  err = errno;
  fclose(in);
  errno = err;
  return rv;
}

static int is_seen(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static int list_file(FILE *out, const char *runs, const char *run,
                     const char *name) {
  char *path = ho_format("%s/%s/%s", runs, run, name);
  sum s;
  int rv = sum_of(&s, path), err = errno;

  if (rv == 0) {
    fprintf(out, "%016" PRIx64 " %" PRIu64 " %s/%s\n", s.hash, s.size, run,
            name);
  }
  free(path);
  errno = err;
  return rv;
}

static int list_run(FILE *out, const char *runs, const char *run) {
  char *dir = ho_format("%s/%s", runs, run);
  struct dirent **names = NULL;
  int count = scandir(dir, &names, is_seen, alphasort);
  int rv = count < 0 ? HO_ERR_IO : 0;

  for (int i = 0; i < count; i++) {
    rv = rv != 0 ? rv : list_file(out, runs, run, names[i]->d_name);
    free(names[i]);
  }
  free(names);
  free(dir);
  return rv;
}

/* Where no run has any, there is no such folder. */
static int list_runs(FILE *out, const char *runs) {
  struct dirent **names = NULL;
  int count = scandir(runs, &names, is_seen, alphasort);
  int rv = count < 0 && errno != ENOENT ? HO_ERR_IO : 0;

  for (int i = 0; i < count; i++) {
    rv = rv != 0 ? rv : list_run(out, runs, names[i]->d_name);
    free(names[i]);
  }
  free(names);
  return rv;
}

int ho_artefacts_list(const char *dir) {
  char *runs = ho_format("%s/runs", dir);
  char *path = ho_format("%s/parts/artefacts", dir);
  FILE *out = fopen(path, "we");
  int rv = out ? list_runs(out, runs) : HO_ERR_IO, err = errno;

  if (rv == 0) {
    fputs("end\n", out);
  }
  if (out && fclose(out) != 0 && rv == 0) {
    rv = HO_ERR_IO;
    err = errno;
  }
  free(runs);
  free(path);
  errno = err;
  return rv;
}

static void check_line(const char *dir, const char *line, ho_diag *diag) {
  sum said, is;
  char *path;
  int at = 0;

  if (sscanf(line, "%16" SCNx64 " %" SCNu64 " %n", &said.hash, &said.size,
             &at) != 2 ||
      at == 0 || !line[at]) {
    ho_diag_add(diag, NULL, "'%s/parts/artefacts' is damaged", dir);
    return;
  }
  path = ho_format("%s/runs/%s", dir, line + at);
  if (sum_of(&is, path) != 0) {
    ho_diag_add(diag, NULL, "'%s' cannot be read: %s", path, strerror(errno));
  } else if (is.size != said.size) {
    ho_diag_add(diag, NULL,
                "'%s' is damaged: it has %" PRIu64 " bytes of %" PRIu64, path,
                is.size, said.size);
  } else if (is.hash != said.hash) {
    ho_diag_add(diag, NULL, "'%s' is damaged", path);
  }
  free(path);
}

int ho_artefacts_check(const char *dir, ho_diag *diag) {
  char *path = ho_format("%s/parts/artefacts", dir), *line = NULL;
  FILE *in = fopen(path, "re");
  size_t cap = 0, before = diag->count;
  bool whole = false;

  if (!in) {
    ho_diag_add(diag, NULL, "'%s' cannot be read: %s", path, strerror(errno));
  }
  while (in && !whole && diag->count == before &&
         getline(&line, &cap, in) > 0 && strchr(line, '\n')) {
    whole = strcmp(line, "end\n") == 0;
    line[strcspn(line, "\n")] = '\0';
    if (!whole) {
      check_line(dir, line, diag);
    }
  }
  if (in && !whole && diag->count == before) {
    ho_diag_add(diag, NULL, "'%s' was cut off", path);
  }
  if (in) {
    fclose(in);
  }
  free(line);
  free(path);
  return diag->count == before ? 0 : HO_ERR_INPUT;
}
