/* The manifest of a finished result folder, for those who read one. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/stat.h>

#include "measure/manifest.h"
#include "measure/manifest_json.h"

enum { FORMAT_VERSION = 1 };

static bool is_complete(const char *dir, ho_diag *diag) {
  struct stat st;
  bool is_folder = stat(dir, &st) == 0 && S_ISDIR(st.st_mode);

  switch (is_folder ? ho_manifest_look(dir) : HO_MANIFEST_NONE) {
  case HO_MANIFEST_NONE:
    ho_diag_add(diag, NULL,
                "'%s' is not a result folder: it has no manifest.json", dir);
    return false;
  case HO_MANIFEST_BAD:
    ho_diag_add(diag, NULL, "'%s/manifest.json' is damaged, or not ours", dir);
    return false;
  case HO_MANIFEST_INCOMPLETE:
    ho_diag_add(diag, NULL,
                "'%s' is incomplete: go on with what made it, and --resume",
                dir);
    return false;
  case HO_MANIFEST_COMPLETE:
    break;
  }
  return true;
}

json_t *ho_manifest_open(const char *dir, ho_diag *diag) {
  json_t *root = is_complete(dir, diag) ? ho_manifest_load(dir) : NULL;
  json_int_t version =
      json_integer_value(json_object_get(root, "format_version"));

  if (root && version != FORMAT_VERSION) {
    ho_diag_add(diag, NULL,
                "'%s' is in version %" JSON_INTEGER_FORMAT
                " of the result format; this program reads version %d",
                dir, version, FORMAT_VERSION);
    json_decref(root);
    return NULL;
  }
  return root;
}
