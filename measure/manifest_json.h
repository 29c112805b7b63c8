/* The manifest as JSON, for those who compare or merge some. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_MANIFEST_JSON_H
#define HO_MEASURE_MANIFEST_JSON_H

#include <jansson.h>

#include "measure/plan.h"
#include "sim/base/diag.h"

/* ho_manifest_json is what ho_manifest_write writes. */
json_t *ho_manifest_json(const ho_plan *plan, size_t finished, bool complete);

/* ho_manifest_save writes |root| as |dir|/manifest.json, replacing one that is
 * there as a whole; |durable|: and waits until it is on disk.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed; errno says why. */
int ho_manifest_save(const json_t *root, const char *dir, bool durable);

/* ho_manifest_load reads |dir|/manifest.json.  Returns NULL where there is none
 * of ours. */
json_t *ho_manifest_load(const char *dir);

/* ho_manifest_open reads the manifest of the result folder |dir|, which must be
 * whole and in the version of the format that this program reads.  Returns
 * NULL where it is not; |diag| says why. */
json_t *ho_manifest_open(const char *dir, ho_diag *diag);

/* ho_manifest_difference returns what differs between what was asked |there|
 * and |here|, in words that the caller frees, or NULL.  It looks neither at how
 * far they are nor at where the scenario's file is. */
char *ho_manifest_difference(const json_t *there, const json_t *here);

#endif
