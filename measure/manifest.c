/* manifest.json: what was asked, of which program, with which libraries. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/manifest.h"

#include <assert.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <csv.h>
#include <yaml.h>

#include "measure/adversary/learned.h"
#include "measure/stats/proportion.h"
#include "measure/durable.h"
#include "measure/manifest_json.h"
#include "sim/base/alloc.h"

#define FORMAT "handoff results"

void ho_manifest_versions(ho_setting_fn fn, void *user) {
  char *csv = ho_format("%d.%d.%d", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
  char *linear =
      ho_format("%d.%02d", ho_link_library() / 100, ho_link_library() % 100);

  ho_world_versions(fn, user);
  fn(user, "libyaml", yaml_get_version_string());
  fn(user, "libcsv", csv);
  fn(user, "jansson", jansson_version_str());
  fn(user, "r-mathlib", ho_stats_library());
  fn(user, "liblinear", linear);
  free(csv);
  free(linear);
}

/* A JSON string must be UTF-8, a file name or argument need not be. */
static json_t *text_value(const char *text) {
  json_t *value = json_string(text);
  char *plain;

  if (value) {
    return value;
  }
  plain = ho_strdup(text);
  for (char *c = plain; *c; c++) {
    *c = (unsigned char)*c < 0x80 ? *c : '?';
  }
  value = json_string(plain);
  free(plain);
  return value;
}

static void add_setting(void *user, const char *name, const char *value) {
  json_object_set_new(user, name, text_value(value));
}

/* The program's own version stands above those of the libraries. */
static void add_library(void *user, const char *name, const char *value) {
  if (strcmp(name, "handoff") != 0) {
    add_setting(user, name, value);
  }
}

static json_t *sha256_value(const char *bytes, size_t len) {
  uint8_t digest[32];
  char hex[2 * sizeof(digest) + 1];

  gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, digest);
  for (size_t i = 0; i < sizeof(digest); i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
  return json_string(hex);
}

static json_t *scenario_value(const ho_plan *plan) {
  json_t *object = json_object();

  json_object_set_new(object, "name", text_value(plan->scenario->name));
  if (plan->scenario->about) {
    json_object_set_new(object, "about", text_value(plan->scenario->about));
  }
  json_object_set_new(object, "file", text_value(plan->source.file));
  json_object_set_new(object, "sha256",
                      sha256_value(plan->source.text, plan->source.text_len));
  json_object_set_new(object, "text", text_value(plan->source.text));
  return object;
}

static json_t *vary_value(const ho_plan *plan) {
  json_t *array = json_array();

  for (size_t i = 0; i < plan->vary_count; i++) {
    const ho_vary *vary = &plan->vary[i];
    json_t *object = json_object(), *values = json_array();
    for (size_t k = 0; k < vary->count; k++) {
      json_array_append_new(values, text_value(vary->values[k]));
    }
    json_object_set_new(object, "key", text_value(vary->key));
    json_object_set_new(object, "values", values);
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *asked_value(const ho_plan *plan) {
  json_t *object = json_object(), *set = json_array(), *arms = json_array();

  for (size_t i = 0; i < plan->overrides_count; i++) {
    json_t *pair = json_object();
    json_object_set_new(pair, "key", text_value(plan->overrides[i].key));
    json_object_set_new(pair, "value", text_value(plan->overrides[i].value));
    json_array_append_new(set, pair);
  }
  for (size_t i = 0; i < plan->arms_count; i++) {
    json_array_append_new(arms,
                          text_value(plan->scenario->arms[plan->arms[i]].name));
  }
  json_object_set_new(object, "arms", arms);
  json_object_set_new(object, "seed", json_integer((json_int_t)plan->seed));
  json_object_set_new(object, "repeat", json_integer((json_int_t)plan->repeat));
  json_object_set_new(object, "set", set);
  json_object_set_new(object, "vary", vary_value(plan));
  json_object_set_new(object, "timeout_ms",
                      plan->timeout
                          ? json_integer((json_int_t)(plan->timeout / HO_MSEC))
                          : json_null());
  json_object_set_new(object, "events", json_boolean(plan->events));
  json_object_set_new(object, "series", json_boolean(plan->series));
  json_object_set_new(object, "pcap", json_boolean(plan->pcap));
  json_object_set_new(object, "qlog", json_boolean(plan->qlog));
  json_object_set_new(object, "timeline", json_boolean(plan->timeline));
  json_object_set_new(object, "failed_only", json_boolean(plan->failed_only));
  json_object_set_new(object, "milestones", json_boolean(plan->milestones));
  json_object_set_new(object, "checks", json_boolean(!plan->no_checks));
  json_object_set_new(object, "crypto",
                      json_string(plan->no_crypto ? "none" : "real"));
  return object;
}

static json_t *metres(int64_t mm) {
  return json_real((double)mm / 1e3);
}

/* At which points, counted in the order of the rows, a place is as it was
 * measured. */
static json_t *points_value(const ho_calibrated *c) {
  json_t *array = json_array();

  for (size_t i = 0; i < c->points_count; i++) {
    json_array_append_new(array, json_integer((json_int_t)c->points[i]));
  }
  return array;
}

/* What the radios were measured to carry. */
static json_t *calibration_value(const ho_plan *plan) {
  json_t *array = json_array();

  for (size_t i = 0; i < plan->calibration->count; i++) {
    const ho_calibrated *c = &plan->calibration->places[i];
    const ho_capacity_place *place = &c->place;
    json_t *object;

    if (!c->known) {
      continue;
    }
    object = json_object();
    json_object_set_new(object, "network", text_value(c->network));
    json_object_set_new(object, "x_m", metres(place->at.x_mm));
    json_object_set_new(object, "y_m", metres(place->at.y_mm));
    json_object_set_new(object, "down_mbps",
                        json_real((double)place->down_bps / 1e6));
    json_object_set_new(object, "up_mbps",
                        json_real((double)place->up_bps / 1e6));
    if (plan->vary_count > 0) {
      json_object_set_new(object, "points", points_value(c));
    }
    json_array_append_new(array, object);
  }
  return array;
}

static void add_trace(json_t *array, const ho_net_config *net,
                      const char *direction, const ho_trace *trace) {
  json_t *object;

  if (!trace->file) {
    return;
  }
  object = json_object();
  json_object_set_new(object, "network", text_value(net->name));
  json_object_set_new(object, "direction", json_string(direction));
  json_object_set_new(object, "file", text_value(trace->file));
  json_object_set_new(object, "sha256", text_value(trace->sha256));
  for (size_t i = 0; i < json_array_size(array); i++) {
    if (json_equal(json_array_get(array, i), object)) {
      json_decref(object);
      return;
    }
  }
  json_array_append_new(array, object);
}

static void add_traces(json_t *array, const ho_scenario *scenario) {
  for (size_t i = 0; i < scenario->nets_count; i++) {
    add_trace(array, &scenario->nets[i], "down", &scenario->nets[i].trace_down);
    add_trace(array, &scenario->nets[i], "up", &scenario->nets[i].trace_up);
  }
}

/* A recording may be what is varied. */
static json_t *traces_value(const ho_plan *plan) {
  json_t *array = json_array();

  add_traces(array, plan->scenario);
  for (size_t i = 0; json_array_size(array) > 0 && plan->vary_count > 0 &&
                     i < ho_plan_points(plan);
       i++) {
    ho_scenario *scenario = NULL;
    ho_diag diag = {0};
    if (ho_plan_load(plan, i, plan->seed, &scenario, &diag) == 0) {
      add_traces(array, scenario);
      ho_scenario_del(scenario);
    }
    ho_diag_free(&diag);
  }
  return array;
}

/* What lies outside the scenario's text, where there is such a thing. */
static void add_outside(json_t *root, const ho_plan *plan) {
  json_t *traces = traces_value(plan);

  if (json_array_size(traces) > 0) {
    json_object_set(root, "traces", traces);
  }
  json_decref(traces);
  if (plan->calibration && plan->calibration->count > 0) {
    json_object_set_new(root, "calibration", calibration_value(plan));
  }
}

json_t *ho_manifest_json(const ho_plan *plan, size_t finished, bool complete) {
  json_t *root = json_object(), *libraries = json_object();
  json_t *settings = json_object();
  size_t runs = ho_plan_mine_count(plan);

  ho_manifest_versions(add_library, libraries);
  ho_world_settings(plan->scenario, add_setting, settings);
  json_object_set_new(root, "format", json_string(FORMAT));
  json_object_set_new(root, "format_version", json_integer(1));
  json_object_set_new(root, "handoff", json_string(HO_VERSION));
  json_object_set_new(root, "status",
                      json_string(complete ? "complete" : "incomplete"));
  if (plan->shards > 0) {
    json_t *shard = json_object();
    json_object_set_new(shard, "index", json_integer((json_int_t)plan->shard));
    json_object_set_new(shard, "of", json_integer((json_int_t)plan->shards));
    json_object_set_new(root, "shard", shard);
  }
  json_object_set_new(root, "runs", json_integer((json_int_t)runs));
  json_object_set_new(root, "finished", json_integer((json_int_t)finished));
  json_object_set_new(root, "scenario", scenario_value(plan));
  json_object_set_new(root, "asked", asked_value(plan));
  json_object_set_new(root, "libraries", libraries);
  json_object_set_new(root, "settings", settings);
  add_outside(root, plan);
  return root;
}

/* A crash leaves the old file or the new one. */
static int replace_file(const char *fresh, const char *path, const char *dir) {
  if (ho_durable_entry(fresh) != 0 || rename(fresh, path) != 0) {
    return HO_ERR_IO;
  }
  return ho_durable_entry(dir);
}

int ho_manifest_save(const json_t *root, const char *dir, bool durable) {
  char *path = ho_format("%s/manifest.json", dir);
  char *fresh = ho_format("%s.new", path);
  FILE *out = fopen(fresh, "w");
  int rv = out ? 0 : HO_ERR_IO, err = errno;

  if (out) {
    if (json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) != 0 ||
        fputc('\n', out) == EOF || fflush(out) != 0) {
      rv = HO_ERR_IO;
    }
    err = errno;
    if (fclose(out) != 0 && rv == 0) {
      rv = HO_ERR_IO;
      err = errno;
    }
    if (rv == 0 &&
        (durable ? replace_file(fresh, path, dir) : rename(fresh, path)) != 0) {
      rv = HO_ERR_IO;
      err = errno;
    }
    if (rv != 0) {
      unlink(fresh);
    }
  }
  free(path);
  free(fresh);
  errno = err;
  return rv;
}

int ho_manifest_write(const ho_plan *plan, size_t finished, bool complete,
                      const char *dir) {
  json_t *root = ho_manifest_json(plan, finished, complete);
  int rv = ho_manifest_save(root, dir, complete || finished > 0), err = errno;

  json_decref(root);
  errno = err;
  return rv;
}

bool ho_manifest_is_ours(const char *path) {
  json_t *root = json_load_file(path, 0, NULL);
  const char *format = json_string_value(json_object_get(root, "format"));
  bool ours = format && !strcmp(format, FORMAT);

  json_decref(root);
  return ours;
}
