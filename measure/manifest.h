/* manifest.json: what was asked, of which program, with which libraries. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_MANIFEST_H
#define HO_MEASURE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/plan.h"
#include "stack/world.h"

/* ho_manifest_versions reports the version of the program and of every library
 * that it uses. */
void ho_manifest_versions(ho_setting_fn fn, void *user);

/* ho_manifest_write writes |dir|/manifest.json, replacing one that is there as
 * a whole.  |finished| of |plan|'s runs have their rows; |complete| says that
 * every file is whole.  Where there are any, it waits until the manifest is on
 * disk.  What cannot change a result (-j, --out, --resume, --quiet) is left
 * out, so that the same command gives the same bytes; a shard says which one it
 * is until it is merged.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_manifest_write(const ho_plan *plan, size_t finished, bool complete,
                      const char *dir);

typedef enum {
  HO_MANIFEST_NONE,       /* there is no such file */
  HO_MANIFEST_BAD,        /* it cannot be read, or is not ours */
  HO_MANIFEST_INCOMPLETE, /* some runs are missing */
  HO_MANIFEST_COMPLETE
} ho_manifest_state;

/* ho_manifest_look reads what |dir|/manifest.json says of |dir|. */
ho_manifest_state ho_manifest_look(const char *dir);

/* ho_manifest_compare tells if |dir|/manifest.json was written by this program
 * for what |plan| asks.  The scenario's file may have moved.  Returns NULL, or
 * what differs, in words that the caller frees. */
char *ho_manifest_compare(const ho_plan *plan, const char *dir);

/* ho_manifest_is_ours tells if the file |path| is one that we wrote. */
bool ho_manifest_is_ours(const char *path);

#endif
