/* Whether two manifests are of the same grid, and if not, why. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/manifest.h"
#include "measure/manifest_json.h"
#include "sim/base/alloc.h"

enum { SHOWN = 3, LONG = 60 };

/* Keys that say how far a grid is, or what follows from others. */
static const char *const ignored[] = {
    "status",        "finished",      "runs",        "calibration",
    "scenario.file", "scenario.text", "rows_sha256",
};

typedef struct {
  char *text;
  size_t count;
} differences;

static bool is_ignored(const char *path) {
  for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
    if (!strcmp(path, ignored[i])) {
      return true;
    }
  }
  return false;
}

/* As JSON on one line; a long text is cut. */
static char *shown(const json_t *value) {
  char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
                                             JSON_REAL_PRECISION(12))
                     : ho_strdup("absent");

  if (text && strlen(text) > LONG) {
    strcpy(text + LONG - 3, "...");
  }
  return text ? text : ho_strdup("?");
}

static void note(differences *d, const char *path, const json_t *there,
                 const json_t *here) {
  char *a, *b, *longer;

  if (d->count++ >= SHOWN) {
    return;
  }
  a = shown(there);
  b = shown(here);
  longer = ho_format("%s%s%s is %s there and %s here", d->text,
                     d->count > 1 ? "; " : "", path, a, b);
  free(a);
  free(b);
  free(d->text);
  d->text = longer;
}

static void compare(differences *d, const char *path, const json_t *there,
                    const json_t *here);

static void compare_member(differences *d, const char *path, const char *key,
                           const json_t *there, const json_t *here) {
  char *name = ho_format("%s%s%s", path, *path ? "." : "", key);

  if (!is_ignored(name)) {
    compare(d, name, json_object_get(there, key), json_object_get(here, key));
  }
  free(name);
}

static void compare(differences *d, const char *path, const json_t *there,
                    const json_t *here) {
  const char *key;
  json_t *value;

  if (!json_is_object(there) || !json_is_object(here)) {
    if (!there || !here || !json_equal(there, here)) {
      note(d, path, there, here);
    }
    return;
  }
  json_object_foreach((json_t *)there, key, value) {
    compare_member(d, path, key, there, here);
  }
  json_object_foreach((json_t *)here, key, value) {
    if (!json_object_get(there, key)) {
      compare_member(d, path, key, there, here);
    }
  }
}

char *ho_manifest_difference(const json_t *there, const json_t *here) {
  differences d = {.text = ho_strdup("")};

  compare(&d, "", there, here);
  if (d.count > SHOWN) {
    char *longer = ho_format("%s; and %zu more", d.text, d.count - SHOWN);
    free(d.text);
    d.text = longer;
  }
  if (d.count == 0) {
    free(d.text);
    d.text = NULL;
  }
  return d.text;
}

json_t *ho_manifest_load(const char *dir) {
  char *path = ho_format("%s/manifest.json", dir);
  json_t *root =
      ho_manifest_is_ours(path) ? json_load_file(path, 0, NULL) : NULL;

  free(path);
  return root;
}

ho_manifest_state ho_manifest_look(const char *dir) {
  char *path = ho_format("%s/manifest.json", dir);
  bool there = access(path, F_OK) == 0 || errno != ENOENT;
  json_t *root = there ? ho_manifest_load(dir) : NULL;
  const char *status = json_string_value(json_object_get(root, "status"));
  ho_manifest_state state = there ? HO_MANIFEST_BAD : HO_MANIFEST_NONE;

  if (status && !strcmp(status, "incomplete")) {
    state = HO_MANIFEST_INCOMPLETE;
  } else if (status && !strcmp(status, "complete")) {
    state = HO_MANIFEST_COMPLETE;
  }
  json_decref(root);
  free(path);
  return state;
}

char *ho_manifest_compare(const ho_plan *plan, const char *dir) {
  json_t *there = ho_manifest_load(dir);
  json_t *here = ho_manifest_json(plan, 0, false);
  char *what = there ? ho_manifest_difference(there, here)
                     : ho_strdup("its manifest.json cannot be read");

  json_decref(there);
  json_decref(here);
  return what;
}
